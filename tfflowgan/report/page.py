"""One self-contained HTML page of several runs: tables and figures, with published numbers.

All numbers come from the runs' JSON files. Figures are drawn again; pictures are read from the
runs' folders. Only links lead out of the page: to the files of the runs.
"""

import dataclasses
import io
import math
import pathlib

import jinja2

from tfflowgan import own_code, plugins, report
from tfflowgan.errors import UserError
from tfflowgan.report import avb, differences, distances, estimators, published, sweep
from tfflowgan.report.curves import overlaid, plot_curves
from tfflowgan.report.embedded import data_url, links, png
from tfflowgan.report.folders import read_run
from tfflowgan.report.format import number, value
from tfflowgan.report.sweep import Sweep

__all__ = ["Layout", "read", "render", "render_runs"]


@dataclasses.dataclass(frozen=True)
class Layout:
    """How a page shows its runs.

    Attributes:
      title: of the page.
      folder: where the page will be, for links to the runs' files; None for no links.
      over: the horizontal axis of learning curves, a key of `curves.OVER`.
      sweep: numbers over a setting, or None.
    """

    title: str
    folder: pathlib.Path | None = None
    over: str = "steps"
    sweep: Sweep | None = None


def read(folders: list[pathlib.Path]) -> tuple[list[dict], list[dict]]:
    """Reads runs.

    Args:
      folders: of runs, or of what is kept of them: config.json, data.json, metrics.jsonl, and
        results/ or the results themselves; and of finished runs of `bin/train_avb`.

    Returns:
      The runs as `read_run` returns them, and those of `bin/train_avb`.

    Raises:
      UserError: a folder is not a run, or two have one name.
    """
    encoders = [avb.read(folder) for folder in folders if avb.is_run(folder)]
    runs = [read_run(folder) for folder in folders if not avb.is_run(folder)]
    labels = [run["label"] for run in [*runs, *encoders]]
    if twice := [label for label in labels if labels.count(label) > 1]:
        raise UserError(
            f"--runs names two runs {twice[0]}, which cannot be told apart; rename one."
        )
    return runs, encoders


def render(folders: list[pathlib.Path], title: str) -> str:
    """The page of the runs in these folders; see `read` and `render_runs`."""
    return render_runs(*read(folders), Layout(title))


def render_runs(runs: list[dict], encoders: list[dict], layout: Layout) -> str:
    """The page.

    Args:
      runs: from `read`.
      encoders: from `read`, of `bin/train_avb`.
      layout: how the page shows them.

    Raises:
      UserError: no run has a result or a line of metrics, or a result is of another version.
    """
    if runs and not any(run["results"] or run["rows"] for run in runs):
        folders = ",".join(str(run["folder"]) for run in runs)
        raise UserError(f"--runs={folders}: there are no results yet; run bin/evaluate first.")
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(pathlib.Path(__file__).parent), autoescape=True
    )
    by_label = {run["label"]: run["results"] for run in runs}
    try:
        header, rows = estimators.table(by_label)
        content = {
            "summary": _summary(runs),
            "remarks": _remarks(runs),
            "sections": [
                section for name in _evaluations(runs) if (section := _section(name, runs))
            ],
            "estimators": (header, rows) if rows else None,
            "verdicts": estimators.verdicts(by_label),
        }
    except (KeyError, TypeError, IndexError) as error:
        files = ", ".join(dict.fromkeys(str(run["place"]) for run in runs))
        raise UserError(
            f"a result in {files} was written by another version (it has no {error}); repeat the "
            "evaluations with --overwrite."
        ) from None
    content["sections"] = [*_distances(runs), *content["sections"]]
    content["sections"] += [_encoders(encoders)] if encoders else []
    return environment.get_template("page.html.j2").render(
        title=layout.title,
        runs=runs,
        sweep=_sweep(layout.sweep) if layout.sweep else None,
        overlaid=_overlaid(runs, layout.over),
        curves=[(run["label"], _curves(run, layout.over)) for run in runs if run["rows"]],
        samples=[
            (run["label"], data_url(run["samples"].read_bytes())) for run in runs if run["samples"]
        ],
        links={run["label"]: links(run["folder"], layout.folder) for run in runs},
        published=[
            (name, published.rows(name))
            for name in dict.fromkeys(run["config"]["dataset"] for run in runs)
        ],
        made=[_made(run) for run in runs],
        **content,
    )


def _remarks(runs):
    """What makes numbers on the page hard to compare."""
    lines = []
    for run in runs:
        used = {
            name: r["weights"]["select"]
            for name, r in run["results"].items()
            if r["weights"]["select"] != "all"
        }
        if len(set(used.values())) > 1:
            which = ", ".join(f"{name} of {select}" for name, select in used.items())
            lines.append(f"{run['label']}: its evaluations use different weights: {which}.")
        precision = run["results"].get("likelihood", {}).get("precision", {})
        for part in [name for name, p in precision.items() if not p["trusted"]]:
            lines.append(
                f"{run['label']}: the NLL of its {part.replace('_', ' ')} is not to be trusted; "
                "see likelihood."
            )
    for name in _evaluations(runs):
        limits = {
            run["results"][name]["options"].get("limit") for run in runs if name in run["results"]
        }
        if len(limits) > 1:
            lines.append(
                f"{name.replace('_', ' ')}: the runs were evaluated on different numbers of images."
            )
    return lines


def _evaluations(runs):
    """The names of the package's evaluations, then those of the users' own that have results."""
    names = plugins.names("evaluation")
    return [*names, *sorted({name for run in runs for name in run["results"]} - {*names})]


def _summary(runs):
    """One row per run: what it is, and its headline numbers."""
    rows = []
    for run in runs:
        config, results, last = run["config"], run["results"], (run["rows"] or [{}])[-1]
        likelihood, scores = results.get("likelihood"), results.get("sample_scores")
        objective = own_code.label(config["objective"])
        if objective == "hybrid":
            adversary = own_code.label(config["adversary"])
            objective = f"{adversary} + {config['nll_weight']:g} NLL"
        test = likelihood["test"] if likelihood else None
        rows.append(
            {
                "label": run["label"],
                "model": own_code.label(config["flow"])
                if config["flow"]
                else f"{own_code.label(config['generator'])} (no density)",
                "objective": objective,
                "steps": last.get("step", "-"),
                "time": _minutes(last.get("seconds")),
                "weights": likelihood["weights"]["select"] if likelihood else config["select"],
                "nats": value(test["nll"]) if test else "-",
                "images": f"{test['count']:,}, {likelihood['dtype']}" if test else "-",
                "bits": value(test["bits_per_dim"], 4) if test else "-",
                "own": number(likelihood["own_samples"]["bits_per_dim"]["value"], 3)
                if likelihood
                else "-",
                "score": _score(scores),
            }
        )
    return rows


def _minutes(seconds):
    return "-" if seconds is None else f"{seconds / 60:.1f} min"


def _score(scores):
    if scores is None:
        return "-"
    name = (
        "mode_score" if scores["samples"]["mode_score"]["value"] is not None else "inception_score"
    )
    ours, real = (value(scores[part][name]) for part in ("samples", "test"))
    return f"{'MODE' if name == 'mode_score' else 'Inception'} {ours} (real images {real})"


def _made(run):
    config, data = run["config"], run["data"]
    counts = " / ".join(f"{data[split]:,}" for split in ("train", "validation", "test"))
    return [
        run["label"],
        f"{data['name']}, {data['source']}",
        counts,
        data["fingerprint"],
        config["preset"] or "-",
        str(config["seed"]),
    ]


def _section(name, runs):
    results = {run["label"]: run["results"][name] for run in runs if name in run["results"]}
    if not results:
        return None
    module = report.show(name)
    figure = module.figure(results)
    pictures = [
        (run["label"], caption, data_url((run["place"] / file).read_bytes()))
        for run in runs
        for caption, file in results.get(run["label"], {}).get("pictures", {}).items()
        if (run["place"] / file).exists()
    ]
    missing = [run["label"] for run in runs if name not in run["results"]]
    return {
        "name": name,
        "about": " ".join((module.__doc__ or "").strip().split("\n\n")[0].split()),
        "table": module.table(results),
        "figure": data_url(png(figure)) if figure is not None else None,
        "pictures": pictures,
        "notes": module.notes(results)
        + ([f"Not evaluated: {', '.join(missing)}."] if missing else []),
        "made": [
            (label, r["provenance"], r["weights"], r["options"]) for label, r in results.items()
        ],
    }


def _distances(runs):
    """The distances of independent critics during training, if there are any."""
    drawing = distances.figure(runs)
    if drawing is None:
        return []
    about = " ".join((distances.__doc__ or "").split())
    made = {"figure": data_url(png(drawing)), "pictures": [], "notes": [], "made": []}
    return [{"name": "distances", "about": about, "table": distances.table(runs)} | made]


def _encoders(runs):
    """The runs of `bin/train_avb`."""
    return {
        "name": "encoders",
        "about": " ".join((avb.__doc__ or "").split("\n\n")[0].split()),
        "table": avb.table(runs),
        "figure": None,
        "figures": [
            (run["label"], data_url(png(avb.figure(run["rows"], run["label"])))) for run in runs
        ],
        "pictures": [],
        "notes": avb.notes(runs),
        "made": [
            (
                run["label"],
                run["end"]["provenance"] | {"seconds": run["end"]["seconds"]},
                {"select": "last", "sha256": "-"},
                run["end"]["settings"],
            )
            for run in runs
        ],
    }


def _sweep(found):
    drawing = sweep.figure(found)
    return {
        "x": found.x,
        "table": sweep.table(found),
        "figure": data_url(png(drawing)) if drawing is not None else None,
        "notes": sweep.notes(found),
    }


def _overlaid(runs, over):
    """The curves of several runs in one figure; None for a single one."""
    drawing = overlaid(runs, differences.labels(runs), over) if len(runs) > 1 else None
    return data_url(png(drawing)) if drawing is not None else None


def _curves(run, over):
    buffer = io.BytesIO()
    plot_curves(run["rows"], buffer, run["label"], math.prod(run["data"]["image_shape"]), over)
    return data_url(buffer.getvalue())
