"""Latents of images against the prior: histograms (Danihelka et al., 2017, Figure 7), deviations.

"Deviation" means standard deviation.
"""

from typing import Any

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from tfflowgan.report.format import value

__all__ = ["figure", "notes", "table"]

_POPULATIONS = {"images": "images", "own_samples": "own samples"}
_LOST = 0.1  # fraction of own samples' latents that may be rejected; 0.05 is expected


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """One row per run and population."""
    several = sorted(
        {latent["latent"] for r in results.values() for latent in r["images"]["latents"]}
    )
    header = [
        "run",
        "latents of",
        "count",
        *[f"{what} of latent {i}" for i in several for what in ("mean", "deviation")],
    ]
    header += ["deviation / prior's, median (range)", "rejected at 5 %", "with Holm", "median KS"]
    rows = []
    for label, result in results.items():
        for name in _POPULATIONS:
            population, test = result[name], result[name]["test"]
            single = {latent["latent"]: latent for latent in population["latents"]}
            cells = [_cell(single.get(i), what) for i in several for what in ("mean", "deviation")]
            low, middle, high = np.asarray(test["deviation"])[[0, len(test["deviation"]) // 2, -1]]
            what = f"{result['split']} images" if name == "images" else "own samples"
            spread = f"{middle:.3g} ({low:.3g} - {high:.3g})"
            rows.append([label, what, str(population["count"]), *cells, spread])
            rows[-1] += [
                f"{100 * test[key]:.1f} %" for key in ("rejected_share", "rejected_share_holm")
            ]
            rows[-1].append(f"{test['median_statistic']:.4f}")
    return header, rows


def figure(results: dict[str, dict]) -> Figure:
    """Histograms of two latents per run, and the deviations of all latents.

    Images are in the upper row, own samples in the lower.
    """
    count = len(results)
    drawing = Figure(figsize=(min(9.0, 3.4 + 2.2 * count), 4), layout="constrained")
    mosaic: list[Any] = [
        [f"{name} {i}" for i in range(count)] + ["deviations"] for name in _POPULATIONS
    ]
    axes = drawing.subplot_mosaic(mosaic, width_ratios=[1.0] * count + [1.3])
    wide = axes["deviations"]
    for i, (label, result) in enumerate(results.items()):
        for name, what in _POPULATIONS.items():
            _histogram(axes[f"{name} {i}"], result, name)
            axes[f"{name} {i}"].set_title(label if name == "images" else what, fontsize="x-small")
            test = result[name]["test"]
            style = "-" if name == "images" else ":"
            wide.plot(
                100 * np.asarray(test["levels"]),
                test["deviation"],
                style,
                color=f"C{i}",
                label=label if name == "images" else None,
            )
    wide.axhline(1.0, color="black", linewidth=0.8)
    if all(
        v > 0
        for r in results.values()
        for name in _POPULATIONS
        for v in r[name]["test"]["deviation"]
    ):
        wide.set_yscale("log")
    wide.set_title("all latents\n(dotted: own samples)", fontsize="x-small")
    wide.set_xlabel("% of latents below", fontsize="small")
    wide.set_ylabel("deviation / prior's", fontsize="small")
    wide.tick_params(labelsize="x-small", which="both")
    wide.grid(alpha=0.3)
    drawing.legend(fontsize="x-small", loc="outside lower right", ncols=min(count, 4))
    return drawing


def notes(results: dict[str, dict]) -> list[str]:
    """What is compared, and whether the inverse can be trusted."""
    lines = []
    for label, result in results.items():
        outside = result["images"]["histogram"]["outside"]
        first = f", first {result['limit']} images." if result["limit"] else "."
        lines.append(
            f"{label}: the prior is {result['prior']} with a standard deviation of "
            f"{result['prior_deviation']:.4g} (circles: one and two standard deviations); if the "
            f"latents followed it, 5 % of them would be rejected; {outside} images lie outside "
            f"the histogram; {result['dtype']}, seed {result['seed']}{first}"
        )
        lost = result["own_samples"]["test"]["rejected_share"]
        if lost > _LOST:
            advice = "; evaluate with --dtype=float64" if result["dtype"] != "float64" else ""
            lines.append(
                f"{label}: {100 * lost:.0f} % of the latents inferred for own samples are "
                "rejected, so the inverse does not recover the latents that were drawn in "
                f"{result['dtype']}{advice}."
            )
        if constant := result["images"]["test"]["constant"]:
            lines.append(f"{label}: {constant} latents are the same for all images.")
    return lines


def _cell(latent, what):
    return "-" if latent is None else value(latent[what], 3)


def _histogram(axis, result, name):
    counts = np.asarray(result[name]["histogram"]["counts"], float)
    first, second = (latent["latent"] for latent in result[name]["latents"][:2])
    axis.pcolormesh(
        *result["edges"],
        np.where(counts > 0, counts, np.nan).T,
        norm=LogNorm(1, max(2.0, counts.max())),
        cmap="viridis",
    )
    for deviations in (1, 2):
        axis.add_patch(
            Circle(
                (0, 0),
                deviations * result["prior_deviation"],
                fill=False,
                color="tab:red",
                linewidth=1,
            )
        )
    axis.set_xlabel(f"latent {first}", fontsize="x-small")
    axis.set_ylabel(f"latent {second}", fontsize="x-small")
    axis.tick_params(labelsize="xx-small")
    axis.locator_params(nbins=5)
    axis.ticklabel_format(scilimits=(-3, 4))
    for side in (axis.xaxis, axis.yaxis):
        side.get_offset_text().set_fontsize("xx-small")
