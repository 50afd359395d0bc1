"""Learning curves from `metrics.jsonl`, one panel per quantity: of one run, or of several overlaid.

Over generator steps there is a second scale above the figure, in epochs.
"""

import dataclasses
import pathlib
from typing import IO, Literal

from matplotlib.figure import Figure  # not pyplot, whose state belongs to a notebook

from tfflowgan.errors import UserError
from tfflowgan.report.axes import colours, fold_extremes, panels, with_gaps

__all__ = ["OVER", "overlaid", "plot_curves"]

OVER = {"steps": "generator steps", "epochs": "epochs", "minutes": "minutes, evaluations included"}
_LINES = ("-", "--", ":")  # of the quantities in one panel


@dataclasses.dataclass(frozen=True)
class _Panel:
    title: str
    scale: Literal["linear", "log"]
    labels: dict[str, str]  # by name in metrics.jsonl


_NLL = _Panel(
    "NLL (nats per image; bits/dim on the right)",
    "linear",
    {"train_nll": "train", "validation_nll": "validation"},
)
_PANELS = (
    _NLL,
    _Panel(
        "loss of the generator",
        "linear",
        {"loss": "loss", "generator_loss": "adversary's part"},
    ),
    _Panel("distance by the training critic", "linear", {"distance": "distance"}),
    _Panel(
        "distance by the independent critic",
        "linear",
        {
            "independent_train": "train",
            "independent_validation": "validation",
            "independent_test": "test",
        },
    ),
    _Panel(
        "gradient norms", "log", {"gradient_norm": "generator", "critic_gradient_norm": "critic"}
    ),
    _Panel("log-scales", "linear", {"min_log_scale": "smallest", "max_log_scale": "largest"}),
    _Panel("greatest |decode(encode(x)) - x|", "log", {"inverse_error": "inverse error"}),
    _Panel(
        "scores of samples",
        "linear",
        {"mode_score": "MODE score", "inception_score": "Inception score"},
    ),
)


def plot_curves(
    rows: list[dict], path: pathlib.Path | IO[bytes], title: str, dims: int, over: str = "steps"
) -> None:
    """Draws all curves of a run.

    Args:
      rows: the lines of a run's `metrics.jsonl`.
      path: the PNG file to write; its name, or a file that is open.
      title: above the figure.
      dims: D, for the axis in bits/dim next to that in nats.
      over: the horizontal axis, a key of `OVER`.

    Raises:
      UserError: the lines do not say how long training took, or of how many epochs.
    """
    shown = [panel for panel in _PANELS if _known(rows, panel)]
    figure = _figure(len(shown))
    at = _places(rows, over, title)
    for axis, panel in zip(_axes(figure, len(shown)), shown, strict=True):
        for name in _known(rows, panel):
            values = with_gaps([row.get(name) for row in rows])
            axis.plot(at, values, ".-", label=panel.labels[name])
        axis.legend(fontsize="small")
        _finish(axis, panel, [rows], dims)
    _horizontal(figure, over, [rows])
    figure.suptitle(title)
    figure.savefig(path, dpi=100, format="png")


def overlaid(runs: list[dict], labels: list[str], over: str = "steps") -> Figure | None:
    """Draws the curves of several runs into the same panels, one colour per run.

    Args:
      runs: {"rows", "data", "label"} each, as `read_run` returns them.
      labels: of the runs, for the legend.
      over: the horizontal axis, a key of `OVER`.

    Returns:
      The figure, or None if no run has a line of metrics.

    Raises:
      UserError: as for `plot_curves`.
    """
    drawn = [(run, label) for run, label in zip(runs, labels, strict=True) if run["rows"]]
    every = [row for run, _ in drawn for row in run["rows"]]
    shown = [panel for panel in _PANELS if _known(every, panel)]
    if not shown:
        return None
    figure = _figure(len(shown))
    handles = {}
    for axis, panel in zip(_axes(figure, len(shown)), shown, strict=True):
        names = _known(every, panel)
        for (run, label), colour in zip(drawn, colours(len(drawn)), strict=True):
            at = _places(run["rows"], over, run["label"])
            for name, line in zip(names, _LINES, strict=False):
                values = with_gaps([row.get(name) for row in run["rows"]])
                (drawing,) = axis.plot(at, values, line, marker=".", markersize=3, color=colour)
                handles.setdefault(label, drawing)
        _finish(axis, panel, [run["rows"] for run, _ in drawn], _same_dims(drawn))
        if len(names) > 1:
            pairs = zip(names, _LINES, strict=False)
            key = ", ".join(f"{_dashes(line)} {panel.labels[name]}" for name, line in pairs)
            axis.set_title(f"{axis.get_title()}\n{key}", fontsize="medium")
    _horizontal(figure, over, [run["rows"] for run, _ in drawn])
    columns = max(1, min(4, 110 // (max(map(len, handles)) + 8)))
    figure.legend(
        handles.values(), handles, loc="outside upper center", ncols=columns, fontsize="small"
    )
    return figure


def _figure(count):
    count = max(1, count)
    columns = min(2, count)
    return Figure(figsize=(6.2 * columns, 3.2 * -(-count // columns)), layout="constrained")


def _axes(figure, count):
    return panels(figure, count, columns=2)


def _known(rows, panel):
    return [name for name in panel.labels if any(row.get(name) is not None for row in rows)]


def _places(rows, over, label):
    """Where the lines of a run stand on the horizontal axis."""
    if over == "steps":
        return [row["step"] for row in rows]
    name, scale = ("epoch", 1.0) if over == "epochs" else ("seconds", 60.0)
    if any(row.get(name) is None for row in rows):
        raise UserError(
            f'--curves_over={over} needs "{name}" in every line of metrics.jsonl, and {label} has '
            "lines without it; give --curves_over=steps."
        )
    return [row[name] / scale for row in rows]


def _finish(axis, panel, all_rows, dims):
    axis.set_title(panel.title, fontsize="medium")
    axis.grid(alpha=0.3)
    values = [
        row[name]
        for rows in all_rows
        for row in rows
        for name in panel.labels
        if row.get(name) is not None
    ]
    if panel.scale == "log":
        if max(values) > 0:  # zeros alone have no logarithm
            axis.set_yscale("log")
        return
    folded = fold_extremes(axis, values)
    if panel is _NLL:
        if folded or dims is None:
            axis.set_title("NLL (nats per image)", fontsize="medium")
        else:
            _bits(axis, dims)


def _bits(axis, dims):
    from tfflowgan import units

    low, high = axis.get_ylim()
    right = axis.twinx()
    right.set_ylim(units.bits_per_dim(-low, dims), units.bits_per_dim(-high, dims))


def _same_dims(drawn):
    """D of all runs; None if they differ."""
    shapes = {tuple(run["data"]["image_shape"]) for run, _ in drawn}
    if len(shapes) > 1:
        return None
    height, width, channels = shapes.pop()
    return height * width * channels


def _horizontal(figure, over, all_rows):
    """Names the horizontal axis, and gives the upper panels a scale in epochs over steps."""
    figure.supxlabel(OVER[over])
    if over != "steps":
        return
    per_epoch = {_epoch_steps(rows) for rows in all_rows}
    if len(per_epoch) > 1 or None in per_epoch:
        return  # an epoch is not the same number of steps in all runs
    steps = per_epoch.pop()
    top = [axis for axis in figure.axes if axis.get_subplotspec().is_first_row()]
    for axis in [axis for axis in top if axis.get_title()]:
        upper = axis.secondary_xaxis(
            "top", functions=(lambda step: step / steps, lambda epoch: epoch * steps)
        )
        upper.set_xlabel("epochs", fontsize="small")
        upper.tick_params(labelsize="small")


def _epoch_steps(rows):
    """Generator steps per epoch, or None if the lines do not say; `epoch` has four decimals."""
    known = [row for row in rows if row.get("epoch")]
    return round(known[-1]["step"] / known[-1]["epoch"]) if known else None


def _dashes(line):
    return {"-": "solid:", "--": "dashed:", ":": "dotted:"}[line]
