"""An encoder's exact KL from the prior, and its estimates (Danihelka et al., 2017, Figure 18).

The estimates are those of discriminators. A positive gap is an estimate above the exact KL.
"""

import json
import pathlib

from matplotlib.figure import Figure

from tfflowgan.errors import UserError
from tfflowgan.report.axes import COLOURS
from tfflowgan.report.format import number, value
from tfflowgan.report.results import upgrade

__all__ = ["figure", "is_run", "notes", "plot", "read", "table"]

_EXACT = "exact, E log q(z | x) - log p(z)"


def figure(rows: list[dict], title: str) -> Figure:
    """Draws KL and estimates over training, their gaps over the KL, and the gaps of single terms.

    Args:
      rows: a run's `metrics.json`, each row as `upgrade` returns it.
      title: above the figure.
    """
    names = list(rows[-1]["discriminators"])
    terms = [name for name in names if rows[-1]["discriminators"][name]["term_gaps"]]
    panels = 1 + bool(names) + bool(terms)
    drawing = Figure(figsize=(4.6 * panels, 3.6), layout="constrained")
    axes = list(drawing.subplots(1, panels, squeeze=False)[0])
    trained = [row for row in rows if not row["settles"]]
    steps, exact = [row["step"] for row in rows], [row["kl"]["value"] for row in rows]
    axes[0].plot(steps, exact, ".-", color="black", label=_EXACT)
    if len(trained) < len(rows):
        axes[0].axvspan(
            trained[-1]["step"],
            steps[-1],
            color="grey",
            alpha=0.2,
            label="the encoder is fixed",
        )
    axes[0].set(xlabel="steps", ylabel="KL(q || p), nats per image", title="on validation images")
    for name, colour in zip(names, COLOURS, strict=False):
        entries = [row["discriminators"][name] for row in rows]
        axes[0].plot(
            steps, [e["value"] for e in entries], ".-", color=colour, label=f"{name} discriminator"
        )
        gaps, errors = (
            [e["gap"][key] or 0.0 for e in entries] for key in ("value", "standard_error")
        )
        now, end = slice(0, len(trained)), slice(len(rows) - 1, None)
        axes[1].errorbar(
            exact[now],
            gaps[now],
            [2 * e for e in errors[now]],
            fmt=".",
            color=colour,
            label=f"{name}, in training",
        )
        if len(trained) < len(rows):
            axes[1].plot(
                exact[end], gaps[end], "*", markersize=11, color=colour, label=f"{name}, settled"
            )
    if names:
        axes[1].axhline(0.0, color="black", linewidth=0.8)
        axes[1].set(
            xlabel="exact KL, nats",
            ylabel="estimate - exact, nats",
            title="the gap, two standard errors",
        )
    for name in terms:
        for row, shade in zip(rows, _shades(len(rows)), strict=True):
            label = f"{name}, one dot per latent; later is darker" if row is rows[-1] else None
            colour = COLOURS[names.index(name)]
            gaps = [gap["value"] for gap in row["discriminators"][name]["term_gaps"]]
            axes[2].plot(row["kl"]["terms"], gaps, ".", color=colour, alpha=shade, label=label)
        axes[2].axhline(0.0, color="black", linewidth=0.8)
        axes[2].set(
            xlabel="exact term, nats", ylabel="estimate - exact, nats", title="single terms"
        )
    for axis in axes:
        axis.grid(alpha=0.3)
        axis.legend(fontsize="small")
    drawing.suptitle(title)
    return drawing


def _shades(count):
    return [0.15 + 0.85 * (i + 1) / count for i in range(count)]


def plot(rows: list[dict], path: pathlib.Path, title: str) -> None:
    """Writes the figure as a PNG file."""
    figure(rows, title).savefig(path, dpi=100)


def is_run(folder: pathlib.Path) -> bool:
    """Whether a folder is a run of `bin/train_avb`."""
    try:
        return "discriminator" in json.loads((folder / "settings.json").read_text())
    except (OSError, ValueError):
        return False


def read(folder: pathlib.Path) -> dict:
    """A finished run: its label, its rows over training, its final record, all in format 2.

    Raises:
      UserError: it is not finished, or its files are damaged.
    """
    try:
        rows, end = (
            json.loads((folder / name).read_text()) for name in ("metrics.json", "finished.json")
        )
    except (OSError, ValueError):
        raise UserError(
            f"--runs: {folder} is not finished: it has no readable finished.json; continue it "
            "with bin/train_avb."
        ) from None
    end |= {name: upgrade(end[name]) for name in ("test", "training_images")}
    return {"label": folder.resolve().name, "rows": [upgrade(row) for row in rows], "end": end}


def table(runs: list[dict]) -> tuple[list[str], list[list[str]]]:
    """One row per run and discriminator, on test images."""
    header = [
        "run",
        "encoder",
        "latents",
        "trained with",
        "test ELBO",
        "exact KL",
        "discriminator",
        "estimated KL",
        "gap",
        "gap, training images",
    ]
    rows = []
    for run in runs:
        settings, test = run["end"]["settings"], run["end"]["test"]
        objective = (
            "ELBO"
            if settings["discriminator"] == "none"
            else f"{settings['discriminator']} discriminator"
        )
        exact = value(test["kl"])
        what = [
            run["label"],
            settings["encoder"],
            str(settings["latents"]),
            objective,
            number(test["elbo"]),
            exact,
        ]
        seen = run["end"]["training_images"]["discriminators"]
        for name, entry in test["discriminators"].items():
            rows.append([*what, name, value(entry), value(entry["gap"]), value(seen[name]["gap"])])
        if not test["discriminators"]:
            rows.append([*what, "-", "-", "-", "-"])
    return header, rows


def notes(runs: list[dict]) -> list[str]:
    """How the numbers were obtained."""
    lines = [
        "Nats per binary image, with one noise draw per image. Discriminators are trained with "
        "label 1 for the encoder's latents, so that the optimal logit is +KL."
    ]
    for run in runs:
        settings, counts = run["end"]["settings"], run["end"]["data"]
        lines.append(
            f"{run['label']}: {settings['epochs']} epochs of {counts['train']:,} images, then "
            f"{settings['settle_epochs']} epochs of the discriminators alone; "
            f"{counts['test']:,} test images, width {settings['width']}, "
            f"{settings['discriminator_steps']} updates of each discriminator per step, seed "
            f"{settings['seed']}."
        )
    return lines
