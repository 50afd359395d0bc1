"""Errors of partial reconstructions, which the picture shows (Danihelka et al., 2017, Figure 8)."""

from tfflowgan.report.format import value

__all__ = ["figure", "notes", "table"]


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """One row per run and part kept."""
    header = [
        "run",
        "kept",
        "latents kept",
        "images",
        "squared error per value",
        "log-density of reconstructions (nats)",
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
        lines.append(
            f"{label}: rows from the top: {rows}; images of the {result['split']} split, seed "
            f"{result['seed']}. With all latents kept, the greatest error of a value is {exact} "
            f"in {result['dtype']}."
        )
    return lines
