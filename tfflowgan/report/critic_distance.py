"""Distances by an independent critic: one bar per split and run, and each critic's training curve.

The bars are the ends of the curves in Danihelka et al., 2017, Figure 9.
"""

from matplotlib.figure import Figure

from tfflowgan.report.axes import COLOURS, whiskers
from tfflowgan.report.format import number

__all__ = ["critic_notes", "figure", "notes", "table"]

_FEW = 10  # readings; with fewer, a bootstrap is meaningless

_PARTS = {"train": ":", "validation": "-", "test": "--"}
_HATCHES = {"train": "..", "validation": "", "test": "//"}


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """One row per run and split, and one for the gap."""
    header = ["run", "images", "count", "distance", "+-", "95 % interval"]
    rows = []
    for label, result in results.items():
        for name in _PARTS:
            entry = result["distances"][name]
            rows.append([label, name, str(entry["images"]), *_cells(entry)])
        rows.append([label, "gap: test - train", "", *_cells(result["overfitting_gap"])])
    return header, rows


def figure(results: dict[str, dict]) -> Figure:
    """Bars with intervals, and the critics' training curves."""
    drawing = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = drawing.subplots(1, 2)
    for j, (label, result) in enumerate(results.items()):
        colour = COLOURS[j % len(COLOURS)]
        for i, (name, hatch) in enumerate(_HATCHES.items()):
            entry = result["distances"][name]
            style = {
                "color": colour,
                "alpha": 0.6,
                "hatch": hatch,
                "edgecolor": "white",
                "capsize": 3,
            }
            left.bar(j + 0.27 * (i - 1), entry["value"], 0.25, yerr=whiskers([entry]), **style)
        curve = result["critic"]["training_curve"]
        right.plot(curve["update"], curve["distance"], color=colour, label=label)
    for name, hatch in _HATCHES.items():
        left.bar(0, 0, color="grey", alpha=0.6, hatch=hatch, edgecolor="white", label=name)
    left.set_xticks(
        range(len(results)), list(results), rotation=20 if sum(map(len, results)) > 40 else 0
    )
    left.set_ylim(top=1.2 * left.get_ylim()[1])
    left.set_ylabel("distance (critic's units)")
    left.set_title("read on batches of each split, 95 % intervals", fontsize="medium")
    right.set_xlabel("critic updates")
    right.set_ylabel("distance on training batches")
    right.set_title("validation against generated, during training", fontsize="medium")
    left.legend(fontsize="small", ncols=3, loc="upper center")
    right.legend(fontsize="small")
    for axis in (left, right):
        axis.grid(alpha=0.3)
    return drawing


def notes(results: dict[str, dict]) -> list[str]:
    """What the distances measure, and how far to trust them."""
    lines = [
        "Distances are in the units of a critic with clipped weights. They can be compared only "
        "between runs with the same images, number of updates and batch size. A critic with more "
        "updates finds larger distances.",
        "Critics were trained on validation images and have seen neither training nor test "
        "images, so their gap measures overfitting, provided that both have the same "
        "distribution. A generator that has not seen the images shows whether they do (on MNIST "
        "its gap is not quite 0).",
    ]
    for label, result in results.items():
        test = result["distances"]["test"]
        if len(each := test.get("critics", [])) > 1:
            listed = ", ".join(number(value, 4) for value in each)
            lines.append(
                f"{label}: means of {len(each)} critics, whose distances of test images are "
                f"{listed}; errors have their differences and the images that they read, not the "
                "validation images that all of them are trained on."
            )
        low, high = result["overfitting_gap"]["interval"]
        verdict = (
            "above 0: it is nearer to the training images than to the test images"
            if low > 0
            else "below 0: no overfitting"
            if high < 0
            else "on both sides of 0: no evidence of overfitting"
        )
        readings = result["critic"]["readings"]
        requested = result.get("options", {}).get("critic_readings", 0)
        if readings < _FEW:
            lines.append(
                f"{label}: {readings} readings are too few for a verdict on the gap; its interval "
                "is not reliable."
            )
        else:
            lines.append(f"{label}: the interval of the gap lies {verdict}.")
        if readings < requested:
            lines.append(
                f"{label}: {readings} readings in place of {requested}, because no image is read "
                "twice."
            )
        lines += critic_notes(label, result["critic"])
    return lines


def critic_notes(label: str, critic: dict) -> list[str]:
    """How critics were trained and read; results of one critic may have no "seeds"."""
    seeds = critic.get("seeds", [critic["seed"]])
    named = f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}"
    lines = [
        f"{label}: {critic['updates']} updates, {critic['readings']} readings, batches of "
        f"{critic['batch']}, weights clipped to +-{critic['clip_weights']:g}, batch norm with "
        f"{critic['batch_norm']}; {critic['dtype']}, {named}."
    ]
    if len(seeds) == 1:
        lines.append(
            f"{label}: one critic; errors are over its batches (bootstrap), and what another "
            "critic would find is not in them."
        )
    if abs(critic["change_over_last_fifth"]) > 0.05:
        lines.append(
            f"{label}: the distance still changed by {critic['change_over_last_fifth']:+.0%} over "
            "the last fifth of the updates; more --critic_updates would increase it."
        )
    return lines


def _cells(entry):
    low, high = entry["interval"]
    return [
        number(entry["value"], 4),
        number(entry["standard_error"], 4),
        f"{number(low, 4)} to {number(high, 4)}",
    ]
