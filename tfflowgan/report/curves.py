"""The learning curves of a run from `metrics.jsonl`, one panel per quantity."""

import pathlib

from matplotlib.figure import Figure  # not pyplot, whose state belongs to a notebook

from tfflowgan.report.axes import fold_extremes

__all__ = ["plot_curves"]

_NLL = {"train_nll": "train", "validation_nll": "validation"}
_PANELS = (  # title, vertical scale, names in metrics.jsonl with their labels
    ("loss of the generator", "linear", {"loss": "loss", "generator_loss": "adversary's part"}),
    ("distance by the training critic", "linear", {"distance": "distance"}),
    (
        "distance by the independent critic",
        "linear",
        {
            "independent_train": "train",
            "independent_validation": "validation",
            "independent_test": "test",
        },
    ),
    ("gradient norms", "log", {"gradient_norm": "generator", "critic_gradient_norm": "critic"}),
    ("log-scales", "linear", {"min_log_scale": "smallest", "max_log_scale": "largest"}),
    ("greatest |decode(encode(x)) - x|", "log", {"inverse_error": "inverse error"}),
    (
        "scores of samples",
        "linear",
        {"mode_score": "MODE score", "inception_score": "Inception score"},
    ),
)


def plot_curves(rows: list[dict], path: pathlib.Path, title: str, dims: int) -> None:
    """Draws all curves of a run.

    Args:
      rows: the lines of a run's `metrics.jsonl`.
      path: the PNG file to write.
      title: above the figure.
      dims: D, for the axis in bits/dim next to that in nats.
    """
    steps = [row["step"] for row in rows]
    panels = [panel for panel in _PANELS if _known(rows, panel[2])]
    count = len(panels) + bool(_known(rows, _NLL))
    columns = 2 if count > 1 else 1
    lines = -(-count // columns)
    figure = Figure(figsize=(6.2 * columns, 3.2 * lines), layout="constrained")
    axes = list(figure.subplots(lines, columns, squeeze=False).flat)
    if _known(rows, _NLL):
        _nll(axes.pop(0), steps, rows, dims)
    for axis, (name, scale, labels) in zip(axes, panels, strict=False):
        _draw(axis, steps, rows, _known(rows, labels))
        values = [row[key] for row in rows for key in labels if row.get(key) is not None]
        if scale == "linear":
            fold_extremes(axis, values)
        elif max(values) > 0:  # zeros alone have no logarithm
            axis.set_yscale(scale)
        axis.set_title(name, fontsize="medium")
    for axis in axes[len(panels) :]:
        axis.axis("off")
    figure.suptitle(title)
    figure.supxlabel("generator steps")
    figure.savefig(path, dpi=100)


def _known(rows, labels):
    return {
        name: label
        for name, label in labels.items()
        if any(row.get(name) is not None for row in rows)
    }


def _draw(axis, steps, rows, labels):
    for name, label in labels.items():
        values = [row.get(name) for row in rows]
        axis.plot(steps, [float("nan") if v is None else v for v in values], ".-", label=label)
    axis.grid(alpha=0.3)
    axis.legend(fontsize="small")


def _nll(axis, steps, rows, dims):
    from tfflowgan import units

    _draw(axis, steps, rows, _known(rows, _NLL))
    axis.set_title("NLL (nats per image; bits/dim on the right)", fontsize="medium")
    values = [row[name] for row in rows for name in _NLL if row.get(name) is not None]
    if fold_extremes(axis, values):
        return
    low, high = axis.get_ylim()
    right = axis.twinx()
    right.set_ylim(units.bits_per_dim(-low, dims), units.bits_per_dim(-high, dims))
