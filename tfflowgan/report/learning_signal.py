"""Does the adversary's loss follow the NLL? Both over the steps of each run, and correlations.

The panels are those of Grover et al., 2018, Figure 2.
"""

from matplotlib.figure import Figure

from tfflowgan.report.axes import fold_extremes, with_gaps
from tfflowgan.report.format import number

__all__ = ["figure", "notes", "table"]


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """One row per run and value of the adversary."""
    header = [
        "run",
        "value",
        "n",
        "sign if it follows",
        "Spearman",
        "Pearson",
        "Spearman of differences",
        "Pearson of differences",
        "verdict",
    ]
    rows = []
    for label, result in results.items():
        for name, signal in result["signals"].items():
            cells = [
                _cell(signal[of], kind)
                for of in ("levels", "differences")
                for kind in ("spearman", "pearson")
            ]
            sign = "positive" if signal["sign"] > 0 else "negative"
            rows.append(
                [label, name, str(signal["levels"]["count"]), sign, *cells, signal["verdict"]]
            )
    return header, rows


def figure(results: dict[str, dict]) -> Figure:
    """One panel per run: the validation NLL and, on the right, the adversary's distance or loss."""
    columns = min(2, len(results))
    lines = -(-len(results) // columns)
    drawing = Figure(figsize=(9 if columns > 1 else 7, 3.4 * lines), layout="constrained")
    axes = list(drawing.subplots(lines, columns, squeeze=False).flat)
    for axis in axes[len(results) :]:
        axis.axis("off")
    for axis, (label, result) in zip(axes, results.items(), strict=False):
        _draw(axis, label, result)
    return drawing


def notes(results: dict[str, dict]) -> list[str]:
    """How to read the correlations."""
    lines = [
        "Square brackets hold 95 % intervals of a moving-block bootstrap, which are too narrow for "
        "few evaluations. Two series with a trend correlate whatever the cause, so the "
        "differences between successive evaluations are correlated as well.",
        "follows: the interval of Spearman's correlation lies on the side where both improve "
        "together; opposes: on the side where one improves as the other gets worse; undecided: "
        "the interval contains 0.",
    ]
    for label, result in results.items():
        for name, signal in result["signals"].items():
            for of in ("levels", "differences"):
                if signal[of]["reason"]:
                    lines.append(
                        f"{label}: no correlation of the {of} of {name}: {signal[of]['reason']}."
                    )
    return lines


def _draw(axis, label, result):
    name = next(
        n
        for n in ("distance", "generator_loss", "independent_validation", *result["signals"])
        if n in result["signals"]
    )
    series = result["series"]
    nll, values = (with_gaps(series[key]) for key in ("validation_nll", name))
    right = axis.twinx()
    lines = axis.plot(series["step"], nll, ".-", color="tab:blue", label="validation NLL")
    lines += right.plot(
        series["step"], values, ".--", color="tab:red", label=name.replace("_", " ")
    )
    for side, column in ((axis, "validation_nll"), (right, name)):
        fold_extremes(side, [v for v in series[column] if v is not None])
    axis.set_xlabel("generator steps")
    axis.set_ylabel("NLL (nats per image)", color="tab:blue")
    right.set_ylabel(name.replace("_", " "), color="tab:red")
    axis.set_title(
        f"{label}\nSpearman {_cell(result['signals'][name]['levels'], 'spearman')}",
        fontsize="medium",
    )
    axis.legend(handles=lines, fontsize="small")
    axis.grid(alpha=0.3)


def _cell(correlation, kind):
    if correlation[kind] is None:
        return "-"
    interval = correlation[f"{kind}_interval"]
    return number(correlation[kind]) + (
        f" [{number(interval[0])}, {number(interval[1])}]" if interval else ""
    )
