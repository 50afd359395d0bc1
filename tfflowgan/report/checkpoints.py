"""The course of a run: NLLs of the three splits and distances at checkpoints, and its metrics."""

from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from tfflowgan.report.axes import COLOURS, fold_extremes, whiskers, with_gaps
from tfflowgan.report.critic_distance import critic_notes
from tfflowgan.report.format import value

__all__ = ["figure", "notes", "table"]

_STYLES: dict[str, Any] = {"train": "o:", "validation": "s-", "test": "^--"}
_WHILE_TRAINING = {  # title: names in the history, and the split whose line style they have
    "distance by the training critic, while training": {"distance": "validation"},
    "distance by the independent critic, while training": {
        "independent_train": "train",
        "independent_validation": "validation",
        "independent_test": "test",
    },
    "scores of samples, while training": {"mode_score": "validation", "inception_score": "test"},
}


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """One row per checkpoint, with distances if they were read."""
    far = any(entry["distances"] for result in results.values() for entry in result["checkpoints"])
    header = [
        "run",
        "checkpoint",
        "step",
        *(f"{name} NLL (nats)" for name in _STYLES),
        "test bits/dim",
    ]
    header += [f"{name} distance" for name in _STYLES] if far else []
    rows = []
    for label, result in results.items():
        for entry in result["checkpoints"]:
            row = [label, entry["name"], "-" if entry["step"] is None else str(entry["step"])]
            nlls = [entry.get(name, {}) for name in _STYLES]
            row += [value(nll.get("nll")) for nll in nlls]
            row.append(value(nlls[-1].get("bits_per_dim"), 4))
            if far:
                row += [value((entry["distances"] or {}).get(name), 4) for name in _STYLES]
            rows.append(row)
    return header, rows


def figure(results: dict[str, dict]) -> Figure:
    """One panel per quantity; one colour per run, one line style per split.

    Thin lines were measured during training.
    """
    panels = [(title, names) for title, names in _WHILE_TRAINING.items() if _known(results, names)]
    nlls = any(entry.get("test") for result in results.values() for entry in result["checkpoints"])
    far = any(entry["distances"] for result in results.values() for entry in result["checkpoints"])
    count = nlls + far + len(panels)
    lines = -(-count // 2)
    drawing = Figure(figsize=(9, 3.2 * lines) if count > 1 else (7, 4), layout="constrained")
    axes = list(drawing.subplots(lines, min(2, count), squeeze=False).flat)
    for axis in axes[count:]:
        axis.axis("off")
    if nlls:
        _draw_nlls(axes.pop(0), results)
    if far:
        _draw_distances(axes.pop(0), results)
    for axis, (title, names) in zip(axes, panels, strict=False):
        _draw_history(axis, results, names)
        axis.set_title(title, fontsize="medium")
        axis.legend(fontsize="x-small")
    for axis in drawing.axes[:count]:
        axis.grid(alpha=0.3)
        axis.set_xlabel("generator steps")
    return drawing


def notes(results: dict[str, dict]) -> list[str]:
    """What is missing, and where float32 is too coarse."""
    lines = []
    for label, result in results.items():
        if not result["snapshots"]:
            lines.append(
                f"{label}: only the checkpoints that every run keeps; "
                "bin/train --snapshots=first:last:every keeps more."
            )
        lines += [
            f"{label}: {problem}"
            for entry in result["checkpoints"]
            for problem in entry["problems"]
        ]
        doubtful = [
            e["name"]
            for e in result["checkpoints"]
            if not e.get("precision", {}).get("trusted", True)
        ]
        if doubtful:
            lines.append(
                f"{label}: the NLLs of {', '.join(doubtful)} are not to be trusted: they differ "
                "in float64."
            )
        first = f", first {result['limit']} images of each split" if result["limit"] else ""
        lines.append(
            f"{label}: one noise draw per image, {result['dtype']}, seed {result['seed']}{first}."
        )
        critics = [entry["critic"] for entry in result["checkpoints"] if entry["distances"]]
        lines += (
            critic_notes(f"{label}, critic of its last checkpoint", critics[-1]) if critics else []
        )
    if any("train_nll" in result["history"] for result in results.values()):
        lines.append(
            "Thin lines were measured during training; their training NLL is that of the first "
            "1,000 images."
        )
    return lines


def _known(results, names):
    return any(name in result["history"] for result in results.values() for name in names)


def _draw_nlls(axis, results):
    values = []
    for colour, result in zip(_colours(), results.values(), strict=False):
        for name in ("train", "validation"):
            history = result["history"].get(f"{name}_nll")
            if history:
                axis.plot(
                    result["history"]["step"],
                    with_gaps(history),
                    _STYLES[name][1:],
                    color=colour,
                    linewidth=0.8,
                    alpha=0.5,
                )
                values += [v for v in history if v is not None]
        for name in _STYLES:
            points = [
                (e["step"], e[name]["nll"])
                for e in result["checkpoints"]
                if e["step"] is not None and e.get(name)
            ]
            points = [(step, nll) for step, nll in points if nll["value"] is not None]
            heights = [nll["value"] for _, nll in points]
            errors = [1.96 * (nll["standard_error"] or 0.0) for _, nll in points]
            _points(axis, result, name, [step for step, _ in points], heights, errors, colour)
            values += heights
    fold_extremes(axis, values)
    axis.set_ylabel("nats per image")
    axis.set_title("NLL at checkpoints, 95 % intervals", fontsize="medium")
    _legend(axis, results)


def _draw_distances(axis, results):
    for colour, result in zip(_colours(), results.values(), strict=False):
        entries = [
            entry
            for entry in result["checkpoints"]
            if entry["distances"] and entry["step"] is not None
        ]
        for name in _STYLES:
            points = [entry["distances"][name] for entry in entries]
            heights = [point["value"] for point in points]
            _points(
                axis,
                result,
                name,
                [entry["step"] for entry in entries],
                heights,
                whiskers(points),
                colour,
            )
    axis.set_ylabel("distance (critic's units)")
    axis.set_title("independent critic at checkpoints, 95 % intervals", fontsize="medium")
    _legend(axis, results)


def _points(axis, result, name, steps, heights, errors, colour):
    """Markers with error bars, joined into a curve if there are snapshots."""
    style = _STYLES[name] if result["snapshots"] else _STYLES[name][0]
    axis.errorbar(steps, heights, errors, fmt=style, color=colour, markersize=4, capsize=2)


def _legend(axis, results):
    """Colours for runs, lines for splits."""
    runs = [
        Line2D([], [], color=colour, label=label)
        for colour, label in zip(_colours(), results, strict=False)
    ]
    splits = [
        Line2D([], [], color="grey", marker=s[0], linestyle=s[1:], markersize=4, label=n)
        for n, s in _STYLES.items()
    ]
    axis.legend(handles=[*runs, *splits], fontsize="x-small")


def _draw_history(axis, results, names):
    values = []
    for colour, (label, result) in zip(_colours(), results.items(), strict=False):
        for name, part in names.items():
            if history := result["history"].get(name):
                text = f"{label}, {name.removeprefix('independent_').replace('_', ' ')}"
                axis.plot(
                    result["history"]["step"],
                    with_gaps(history),
                    _STYLES[part][1:],
                    color=colour,
                    linewidth=1,
                    label=text,
                )
                values += [v for v in history if v is not None]
    fold_extremes(axis, values)


def _colours():
    return [colour for _ in range(4) for colour in COLOURS]
