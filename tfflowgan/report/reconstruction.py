"""Errors of partial reconstructions, which the picture shows (Danihelka et al., 2017, Figure 8)."""

from tfflowgan.report.format import number, value

__all__ = ["figure", "notes", "table"]

_SHOWN = 10  # images of the picture, at most


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """One row per run and part kept."""
    header = [
        "run",
        "kept",
        "latents kept",
        "images",
        "squared error per value",
        "log-density of reconstructions (nats)",
        "median",
        "95 % interval",
    ]
    rows = []
    for label, result in results.items():
        for part in result["keep"]:
            error = value(part["mean_squared_error"], 5)
            log_prob = value(part["log_prob"])
            rows.append(
                [
                    label,
                    part["keep"],
                    f"{part['kept']} of {result['dims']}",
                    str(result["count"]),
                    error,
                    log_prob,
                    *_median(part.get("median_log_prob")),
                ]
            )
    return header, rows


def figure(results: dict[str, dict]) -> None:
    """None: the pictures take the place of a figure."""


def notes(results: dict[str, dict]) -> list[str]:
    """What the rows of the picture are, and how accurately all latents recover the image."""
    lines = []
    for label, result in results.items():
        rows = ", ".join(["originals", *(f"kept {part['keep']}" for part in result["keep"])])
        greatest = result["all_kept"]["greatest_error"]
        exact = "not finite" if greatest is None else f"{greatest:.1e}"
        shown = min(result["count"], _SHOWN)
        lines.append(
            f"{label}: rows from the top: {rows}; the first {shown} images of the "
            f"{result['split']} split, seed {result['seed']}. With all latents kept, the greatest "
            f"error of a value is {exact} in {result['dtype']}."
        )
    return lines


def _median(quantile):
    """Cells of a median and its interval; "-" in results that have none, or where not finite."""
    if quantile is None:
        return ["-", "-"]
    low, high = (_number(end) for end in quantile["interval"])
    return [_number(quantile["value"]), f"{low} to {high}"]


def _number(value):
    return "-" if value is None else number(value)
