"""One self-contained HTML page of several runs: tables and figures, with published numbers.

All numbers come from the runs' JSON files. Figures are drawn again; pictures are read from the
results' folders.
"""

import base64
import contextlib
import io
import json
import math
import pathlib
import tempfile

import jinja2

from tfflowgan import own_code, plugins, report
from tfflowgan.errors import UserError
from tfflowgan.report import avb, distances, estimators, published
from tfflowgan.report.curves import plot_curves
from tfflowgan.report.format import number, value
from tfflowgan.report.results import read

__all__ = ["render"]


def render(folders: list[pathlib.Path], title: str) -> str:
    """The page.

    Args:
      folders: of runs, or of what is kept of them: config.json, data.json, metrics.jsonl, and
        results/ or the results themselves; and of finished runs of `bin/train_avb`.
      title: the page's title.

    Raises:
      UserError: a folder is not a run, two have one name, or none has a result.
    """
    encoders = [avb.read(folder) for folder in folders if avb.is_run(folder)]
    runs = [_read(folder) for folder in folders if not avb.is_run(folder)]
    labels = [run["label"] for run in [*runs, *encoders]]
    if twice := [label for label in labels if labels.count(label) > 1]:
        raise UserError(
            f"--runs names two runs {twice[0]}, which cannot be told apart; rename one."
        )
    if runs and not any(run["results"] for run in runs) and not distances.groups(runs):
        raise UserError(
            f"--runs={','.join(map(str, folders))}: there are no results yet; run bin/evaluate "
            "first."
        )
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
        title=title,
        runs=runs,
        published=[
            (name, published.rows(name))
            for name in dict.fromkeys(run["config"]["dataset"] for run in runs)
        ],
        made=[_made(run) for run in runs],
        **content,
    )


def _read(folder):
    try:
        config = json.loads((folder / "config.json").read_text())
        data = json.loads((folder / "data.json").read_text())
        known = {"dataset", "objective", "flow"} <= config.keys() and {
            "image_shape",
            "fingerprint",
        } <= data.keys()
    except (OSError, ValueError, AttributeError):
        known = False
    if not known:
        raise UserError(
            f"--runs: {folder} is not a run: it has no readable config.json and data.json."
        )
    rows = []
    metrics = folder / "metrics.jsonl"
    for line in metrics.read_text().splitlines() if metrics.exists() else []:
        with contextlib.suppress(ValueError):  # a line cut off when a run was killed
            rows.append(json.loads(line))
    place = folder / "results" if (folder / "results").is_dir() else folder
    return {
        "label": folder.resolve().name,
        "config": config,
        "data": data,
        "rows": rows,
        "results": _results(place, config.get("select")),
        "place": place,
        "curves": _curves(rows, folder.resolve().name, data) if rows else None,
    }


def _results(folder, select):
    """The best result of every evaluation.

    Preferred, in this order: the weights that the run selects, more images, float64, newer.
    """
    best = {}
    for path in sorted(folder.glob("*.json")):
        try:
            result = read(path)
            limit = result["options"].get("limit") or math.inf
            chosen = result["weights"]["select"] in (select, "all")
            rank = (chosen, limit, result.get("dtype") == "float64", result["provenance"]["date"])
            name = result["evaluation"]
        except (ValueError, KeyError, TypeError, AttributeError):
            continue  # not an evaluation's
        if name not in best or rank > best[name][0]:
            best[name] = rank, result
    return {name: result for name, (_, result) in best.items()}


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
                "time": f"{last['seconds'] / 60:.1f} min" if "seconds" in last else "-",
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
        (run["label"], caption, _data_url((run["place"] / file).read_bytes()))
        for run in runs
        for caption, file in results.get(run["label"], {}).get("pictures", {}).items()
        if (run["place"] / file).exists()
    ]
    missing = [run["label"] for run in runs if name not in run["results"]]
    return {
        "name": name,
        "about": " ".join((module.__doc__ or "").strip().split("\n\n")[0].split()),
        "table": module.table(results),
        "figure": _data_url(_png(figure)) if figure is not None else None,
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
    made = {"figure": _data_url(_png(drawing)), "pictures": [], "notes": [], "made": []}
    return [{"name": "distances", "about": about, "table": distances.table(runs)} | made]


def _encoders(runs):
    """The runs of `bin/train_avb`."""
    return {
        "name": "encoders",
        "about": " ".join((avb.__doc__ or "").split("\n\n")[0].split()),
        "table": avb.table(runs),
        "figure": None,
        "figures": [
            (run["label"], _data_url(_png(avb.figure(run["rows"], run["label"])))) for run in runs
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


def _curves(rows, label, data):
    height, width, channels = data["image_shape"]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "curves.png"
        plot_curves(rows, path, label, height * width * channels)
        return _data_url(path.read_bytes())


def _png(figure):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return buffer.getvalue()


def _data_url(data):
    return "data:image/png;base64," + base64.b64encode(data).decode()
