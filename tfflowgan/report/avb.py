"""The exact KL divergence of an encoder from the prior, beside what discriminators say (Danihelka et al., 2017, Figure 18).

Positive gaps are estimates above the exact divergence.
"""

import json
import pathlib

from matplotlib.figure import Figure

from tfflowgan.errors import UserError
from tfflowgan.report._axes import COLOURS
from tfflowgan.report._format import number, value

__all__ = ["figure", "is_run", "notes", "plot", "read", "table"]

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


def is_run(folder: pathlib.Path) -> bool:
    """Whether a folder is a run of `bin/train_avb`."""
    return (folder / "settings.json").exists() and (folder / "metrics.json").exists()


def read(folder: pathlib.Path) -> dict:
    """A finished run: its label, its rows over training, and how it ended.

    Raises:
      UserError: it is not finished, or its files are damaged.
    """
    try:
        rows, end = (json.loads((folder / name).read_text()) for name in ("metrics.json", "finished.json"))
    except (OSError, ValueError):
        raise UserError(
            f"--runs: {folder} is not finished: it has no readable finished.json; continue it by bin/train_avb."
        ) from None
    return {"label": folder.resolve().name, "rows": rows, "end": end}


def table(runs: list[dict]) -> tuple[list[str], list[list[str]]]:
    """A row a run and discriminator, on test images."""
    header = ["run", "encoder", "latents", "trained by", "test ELBO", "exact KL", "discriminator", "its KL", "gap"]
    rows = []
    for run in runs:
        settings, test = run["end"]["settings"], run["end"]["test"]
        objective = "ELBO" if settings["discriminator"] == "none" else f"{settings['discriminator']} discriminator"
        exact = value(test["kl"]["nats"], test["kl"]["standard_error"])
        what = [run["label"], settings["encoder"], str(settings["latents"]), objective, number(test["elbo"]), exact]
        pairs = (("nats", "standard_error"), ("gap", "gap_standard_error"))
        for name, entry in test["discriminators"].items() or {"-": None}.items():
            rows.append([*what, name, *(value(entry[m], entry[e]) if entry else "-" for m, e in pairs)])
    return header, rows


def notes(runs: list[dict]) -> list[str]:
    """How the numbers were made."""
    lines = ["Nats per binary image, one draw an image; latents of the encoder have label 1, so that the best logit is +KL."]
    for run in runs:
        settings, counts = run["end"]["settings"], run["end"]["data"]
        lines.append(
            f"{run['label']}: {settings['epochs']} epochs of {counts['train']:,} images, {counts['test']:,} test images, width "
            f"{settings['width']}, {settings['discriminator_steps']} updates of a discriminator a step, seed {settings['seed']}."
        )
    return lines
