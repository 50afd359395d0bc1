"""The learning curve of a run: NLL over training steps, from `metrics.jsonl`."""

import pathlib

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402

__all__ = ["plot_nll"]


def plot_nll(rows: list[dict], path: pathlib.Path, title: str, dims: int) -> None:
    """Draws training and validation NLL.

    Args:
      rows: the lines of a run's `metrics.jsonl`.
      path: the PNG file to write.
      title: above the figure.
      dims: D, to mark bits/dim on the right.
    """
    from tfflowgan import units

    figure, axis = plt.subplots(figsize=(7, 4.2), layout="constrained")
    steps = [row["step"] for row in rows]
    axis.plot(steps, [row["train_nll"] for row in rows], ".-", label="train (mean over the epoch)")
    axis.plot(steps, [row["validation_nll"] for row in rows], ".-", label="validation")
    axis.set_xlabel("generator steps")
    axis.set_ylabel("NLL (nats per image)")
    low, high = axis.get_ylim()
    right = axis.twinx()
    right.set_ylim(units.bits_per_dim(-low, dims), units.bits_per_dim(-high, dims))
    right.set_ylabel("bits per dimension")
    axis.set_title(title)
    axis.grid(alpha=0.3)
    axis.legend()
    figure.savefig(path, dpi=110)
    plt.close(figure)
