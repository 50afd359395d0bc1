"""Likelihoods: a table in all units, and the histogram of Danihelka et al., 2017, Figure 6."""

from matplotlib.figure import Figure

from tfflowgan.report.format import number, value

__all__ = ["figure", "notes", "table"]

_PARTS = ("train", "validation", "test", "own_samples")


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """One row per run and split."""
    header = ["run", "images", "count", "NLL (nats)", "bits/dim", "code length (nats)"]
    rows = []
    for label, result in results.items():
        for name in _PARTS:
            rows.append(_row(label, name.replace("_", " "), result[name]))
            if "importance_weighted" in result[name]:
                rows.append(_row(label, f"{name}, weighted", result[name]["importance_weighted"]))
    return header, rows


def figure(results: dict[str, dict]) -> Figure:
    """Histograms of NLLs: of the images, and of the model's own samples."""
    drawing = Figure(figsize=(9, 2.6 * len(results)), layout="constrained")
    axes = drawing.subplots(len(results), 2, squeeze=False)
    for (left, right), (label, result) in zip(axes, results.items(), strict=True):
        for name in ("train", "validation", "test"):
            _steps(left, result["histogram"][name], name)
        _steps(right, result["histogram"]["own_samples"], "own samples")
        left.set_title(f"{label}: images", fontsize="medium")
        right.set_title(f"{label}: own samples", fontsize="medium")
        left.legend(fontsize="small")
        for axis in (left, right):
            axis.set_xlabel("NLL (nats per image)")
            axis.set_ylabel("fraction of images")
            axis.grid(alpha=0.3)
    return drawing


def notes(results: dict[str, dict]) -> list[str]:
    """How accurate the numbers are, and whether float32 can be trusted."""
    lines = []
    for label, result in results.items():
        for name, precision in result["precision"].items():
            errors = ", ".join(
                f"{'not finite' if e is None else f'{e:.1e}'} in {d}"
                for d, e in precision["inverse_error"].items()
            )
            text = (
                f"{label}: greatest |decode(encode(x)) - x| over {precision['count']} "
                f"{name.replace('_', ' ')}: {errors}"
            )
            nlls = ", ".join(
                f"{'not finite' if v is None else number(v)} in {d}"
                for d, v in precision["nll"].items()
            )
            text += f"; their NLL is {nlls}"
            if not precision["trusted"]:
                text += ": these values are not to be trusted" + (
                    "; evaluate with --dtype=float64" if result["dtype"] != "float64" else ""
                )
            lines.append(text + ".")
        identity = result["identity"]
        lines.append(
            f"{label}: mean NLL of own samples from the inverse pass "
            f"{number(identity['own_samples_nll'])} = H(prior) "
            f"{number(identity['prior_entropy'])} + mean log-det "
            f"{number(identity['mean_log_det'])} + {value(identity['difference'])} (sampling "
            "error, if the flow is inverted accurately)."
        )
        lines.append(
            f"{label}: {result['draws']} noise draw(s) per image, {result['dtype']}, seed "
            f"{result['seed']}"
            + (f", first {result['limit']} images of each split." if result["limit"] else ".")
        )
    return lines


def _row(label, name, r):
    nats, bits = value(r["nll"]), value(r["bits_per_dim"], 4)
    return [label, name, str(r["count"]), nats, bits, number(r["code_length"])]


def _steps(axis, histogram, label):
    total = sum(histogram["counts"])
    axis.stairs(
        [c / total for c in histogram["counts"]], histogram["edges"], label=label, fill=False
    )
