"""The exact KL divergence of an encoder from the prior, beside what discriminators say (Danihelka et al., 2017, Figure 18)."""

import pathlib

from matplotlib.figure import Figure

from tfflowgan.report._axes import COLOURS

__all__ = ["figure", "plot"]

_EXACT = "exact, E log q(z | x) - log p(z)"


def figure(rows: list[dict], title: str) -> Figure:
    """Draws KL and estimates over training, their gap over the KL, and single terms where they are known.

    Args:
      rows: a run's `metrics.json`.
      title: above the figure.
    """
    names = list(rows[-1]["discriminators"])
    terms = [n for n in names if rows[-1]["discriminators"][n]["terms"] and rows[-1]["kl"]["terms"]]
    drawing = Figure(figsize=(4.6 * (2 + bool(terms)), 3.6), layout="constrained")
    axes = drawing.subplots(1, 2 + bool(terms), squeeze=False)[0]
    steps, exact = [row["step"] for row in rows], [row["kl"]["nats"] for row in rows]
    axes[0].plot(steps, exact, ".-", color="black", label=_EXACT)
    for name, colour in zip(names, COLOURS, strict=False):
        entries = [row["discriminators"][name] for row in rows]
        axes[0].plot(steps, [e["nats"] for e in entries], ".-", color=colour, label=f"{name} discriminator")
        errors = [2 * e["gap_standard_error"] for e in entries]
        axes[1].errorbar(exact, [e["gap"] for e in entries], errors, fmt=".", color=colour, label=f"{name} discriminator")
        if name in terms:
            axes[2].plot(
                rows[-1]["kl"]["terms"], rows[-1]["discriminators"][name]["terms"], ".", color=colour, label=f"{name}, end"
            )
    axes[0].set(xlabel="steps", ylabel="KL(q || p), nats per image", title="on validation images")
    axes[1].axhline(0.0, color="black", linewidth=0.8)
    axes[1].set(xlabel="exact KL, nats", ylabel="estimate - exact, nats", title="the gap, two standard errors")
    if terms:
        top = max(rows[-1]["kl"]["terms"])
        axes[2].plot([0, top], [0, top], color="black", linewidth=0.8)
        axes[2].set(xlabel="exact term, nats", ylabel="discriminator's term, nats", title="one term a latent")
    for axis in axes:
        axis.grid(alpha=0.3)
        axis.legend(fontsize="small")
    drawing.suptitle(title)
    return drawing


def plot(rows: list[dict], path: pathlib.Path, title: str) -> None:
    """Writes the figure as a PNG file."""
    figure(rows, title).savefig(path, dpi=100)
