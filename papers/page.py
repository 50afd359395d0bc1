"""What is written: a page, a figure and a JSON file an artefact; a summary; one self-contained HTML report of them all.

OUTPUT/PAPER/NAME.md, .png (or .jpg), .json
OUTPUT/PAPER/NAME.remarks.md     written by hand, if it is there: why a claim holds or does not; kept, and put into the page
OUTPUT/README.md                 the summary
OUTPUT/report.html
"""

import dataclasses
import io
import json
import pathlib
import tempfile

from PIL import Image

from papers import artefact, report, settings
from papers.execute import is_trained, shown
from papers.finished_run import FinishedRun, find
from papers.plan import Plan, asked, make
from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.report.results import FORMAT

__all__ = ["agreement", "check", "missing", "write", "write_pages"]

_TITLE = "# Both papers, reproduced"
_MOST = 290_000  # bytes of a figure
_WORDS = {True: "agrees", False: "**does not agree**", None: "cannot be told"}
_COUNTED = {True: "claims hold", False: "do not", None: "cannot be told"}
_NAMES = {"mnist": "MNIST", "cifar10": "CIFAR-10", "celeb_a": "CelebA"}
_ABOUT = {
    "smoke": "Smoke scale: tiny networks, a few steps, few digits. It shows that everything runs; its numbers mean nothing.",
    "laptop": "Laptop scale: smaller networks, far fewer steps and other settings, which each page lists; on two CPU cores.",
    "paper": "The paper's own settings where it gives any; the others are ours.",
}


def check(output: pathlib.Path, scale: str | None = None) -> None:
    """Makes sure that pages can be written, before hours are spent on them.

    Args:
      output: folder of all pages.
      scale: of the artefacts to be drawn, if any.

    Raises:
      UserError: the folder cannot be written, has files of another kind under a page's name, pages of another scale, or remarks
        or numbers that cannot be read.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output):
            pass
    except OSError as error:
        raise UserError(f"--output={output} cannot be written: {error.strerror}.") from None
    readme = output / "README.md"
    if readme.exists() and not readme.read_text(errors="replace").startswith(_TITLE):
        raise UserError(f"--output={output} has a README.md of its own, which the summary would overwrite; give another folder.")
    if (output / "report.html").exists() and not readme.exists():
        raise UserError(f"--output={output} has a report.html of its own, which ours would overwrite; give another folder.")
    for name in artefact.names():
        page = output / f"{name}.md"
        if page.exists() and not page.with_suffix(".json").exists():
            raise UserError(f"{page} is not a page of bin/reproduce, which it would overwrite; give another --output.")
    others = {result["scale"] for result in _results(output)} - {scale}
    if scale and others:
        raise UserError(f"--output={output} has pages of --scale={others.pop()}; give another folder for {scale}.")
    for path in [output / "README.remarks.md", *(output / f"{name}.remarks.md" for name in artefact.names())]:
        _read(path)


def missing(plan: Plan, name: str) -> list[str]:
    """What an artefact still waits for: runs, and evaluations of runs."""
    module, waiting = artefact.load(name), {}
    for label, seeds in plan.labels[name].items():
        for run in seeds:
            needs = artefact.evaluations(module, label)
            lacking = [e for e in needs if find(run.folder, *e.key, asked(e, plan.scale)) is None]
            if not is_trained(run):
                waiting[run.name] = run.name
            elif lacking:
                waiting[run.name] = f"{', '.join(dict.fromkeys(e.name for e in lacking))} of {run.name}"
    return list(waiting.values())


def write(plan: Plan, name: str, output: pathlib.Path) -> dict:
    """Draws an artefact from its runs: its figure and its numbers, of which `write_pages` makes the page.

    Args:
      plan: of which all that the artefact needs is done.
      name: of the artefact.
      output: folder of all pages.

    Returns:
      What its JSON file holds.
    """
    module = artefact.load(name)
    found = {label: _found(seeds, module, label, plan.scale) for label, seeds in plan.labels[name].items()}
    rendered = module.render(found)
    stem = output / name
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
        picture = None if rendered.figure is None else _save(rendered.figure, stem)
        result = {
            "format": FORMAT,
            "artefact": name,
            "title": artefact.title(module),
            "scale": plan.scale,
            "published": module.PUBLISHED,
            "claims": [dataclasses.asdict(claim) for claim in rendered.claims],
            "table": rendered.table,
            "numbers": rendered.numbers,
            "notes": rendered.notes,
            "picture": picture and picture.name,
            "runs": [_made(label, run) for label, run in found.items()],
            "apart": settings.apart(found),
            "unlike_paper": _unlike(plan, module, found),
            "commands": _commands(plan, name),
            "not_run": [label for label in module.RUNS if label not in found],
            "in_place_of": _in_place(module, found),
        }
        write_atomically(stem.with_suffix(".json"), json.dumps(result, indent=1) + "\n")
    except OSError as error:
        raise UserError(f"--output={output} cannot be written: {error.strerror}.") from None
    return result


def write_pages(output: pathlib.Path) -> list[dict]:
    """Writes the pages of all artefacts that were drawn, the summary and the report; needs no runs.

    Returns:
      What the artefacts' JSON files hold.

    Raises:
      UserError: they cannot be written.
    """
    results = _results(output)
    lines = [_TITLE, ""]
    lines += [f"*{_ABOUT[scale]}*\n" for scale in dict.fromkeys(r["scale"] for r in results)]
    lines += [f"**All pages together: {agreement({'claims': [claim for r in results for claim in r['claims']]})}.**", ""]
    for paper, title in artefact.PAPERS.items():
        these = [r for r in results if r["artefact"].startswith(paper)]
        if these:
            lines += [f"## {title}", "", "| artefact | published | here | agrees |", "|---|---|---|---|"]
            lines += [_summary_row(r) for r in these] + [""]
    absent = [name for name in artefact.names() if name not in [r["artefact"] for r in results]]
    lines += [f"Not yet drawn: {', '.join(absent)}.", ""] if absent else []
    lines += [_read(output / "README.remarks.md")]
    try:
        output.mkdir(parents=True, exist_ok=True)
        for result in results:
            stem = output / result["artefact"]
            stem.with_suffix(".md").write_text(_page(result, _read(stem.with_suffix(".remarks.md"))))
        (output / "README.md").write_text("\n".join(lines).rstrip() + "\n")
        (output / "report.html").write_text(report.html(output, [r["artefact"] for r in results]))
    except OSError as error:
        raise UserError(f"--output={output} cannot be written: {error.strerror}.") from None
    return results


def agreement(result: dict) -> str:
    """A line on agreement with the paper, and on what is ours."""
    kinds = {kind: [c["holds"] for c in result["claims"] if c["paper"] is kind] for kind in (True, False)}
    parts = [f"{'' if kind else 'ours: '}{_counts(holds)}" for kind, holds in kinds.items() if holds]
    return "; ".join(parts)


def _counts(holds):
    if len(holds) == 1:
        return _WORDS[holds[0]].strip("*")
    counts = {words: sum(one is which for one in holds) for which, words in _COUNTED.items()}
    return ", ".join(f"{count} of {len(holds)} {words}" for words, count in counts.items() if count)


def _found(seeds, module, label, scale):
    options = {e.key: asked(e, scale) for e in artefact.evaluations(module, label)}
    first, *others = [FinishedRun(run.name, run.folder, options) for run in seeds]
    return FinishedRun(first.name, first.folder, options, others)


def _summary_row(result):
    name = result["artefact"]
    claims = "<br>".join(f"{_sign(c['holds'])} {_stated(c)}: {c['ours']}" for c in result["claims"])
    place = f"<br>*{result['in_place_of']}*" if result["in_place_of"] else ""
    return _row([f"[{result['title']}]({name}.md){place}", result["published"], claims, agreement(result)])


def _stated(claim):
    return claim["statement"] if claim["paper"] else f"(ours) {claim['statement']}"


def _row(cells):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _sign(holds):
    return {True: "&#10003;", False: "&#10007;", None: "?"}[holds]


def _page(result, remarks):
    lines = [f"# {result['title']}", "", f"*{_ABOUT[result['scale']]}*", ""]
    if result["in_place_of"]:
        lines += [f"*{result['in_place_of']}*", ""]
    lines += [f"**Published.** {result['published']}", "", f"**Agreement: {agreement(result)}.**", ""]
    for kind, words in ((True, "the paper"), (False, "ours")):
        rows = [_row([c["statement"], c["ours"], _WORDS[c["holds"]]]) for c in result["claims"] if c["paper"] is kind]
        lines += [f"| {words} | here | |", "|---|---|---|", *rows, ""] if rows else []
    lines.pop()
    if result["picture"]:
        lines += ["", f"![{result['title']}]({result['picture']})"]
    if result["table"]:
        header, rows = result["table"]
        lines += ["", _row(header), "|" + "---|" * len(header), *map(_row, rows)]
    if remarks.strip():
        lines += ["", "## Why", "", remarks.strip()]
    if result["notes"]:
        lines += ["", "## Notes", "", *(f"- {note}" for note in dict.fromkeys(result["notes"]))]
    lines += ["", "## Runs", "", "| | run | started from | images | length | seed |", "|---|---|---|---|---|---|"]
    lines += [_row([r["label"], r["run"], r["from"], r["images"], r["length"], r["seeds"]]) for r in result["runs"]]
    hardware = dict.fromkeys(r["provenance"]["hardware"] for r in result["runs"] if r["provenance"])
    if hardware:
        lines += ["", f"Trained on {' and on '.join(hardware)}."]
    if result["unlike_paper"]:
        lines += ["", "Settings that are not the paper's, with those of the paper, or ours at its scale where it gives none:", ""]
        lines += [f"- {label}: {', '.join(unlike) or 'none'}" for label, unlike in result["unlike_paper"].items()]
        others = [r["label"] for r in result["runs"] if r["label"] not in result["unlike_paper"]]
        lines += [f"- not among the paper's runs: {'; '.join(others)}"] if others else []
    if result["apart"]:
        labels = [r["label"] for r in result["runs"]]
        lines += ["", "Settings in which they differ:", "", _row(["", *labels]), "|---" * (len(labels) + 1) + "|"]
        lines += [_row([name, *values]) for name, values in result["apart"].items()]
    if result["not_run"]:
        lines += ["", f"Not run at this scale: {', '.join(result['not_run'])}."]
    files = "" if result["scale"] == "smoke" else " --data_dir=DIR"
    lines += ["", f"    bin/reproduce {result['artefact']} --scale={result['scale']}{files}", "", "which stands for", ""]
    lines += [f"    {command}" for command in result["commands"]]
    several = [r["label"] for r in result["runs"] if "," in r["seeds"]]
    lines += ["", f"and for {', '.join(several)} again with --seed=1 and so on."] if several else []
    return "\n".join(lines).rstrip() + "\n"


def _made(label, run):
    data, end = run.data, run.end
    count = run.config.get("epochs")
    epochs = [f"{count} epoch{'s' if count > 1 else ''}"] if count else []
    steps = [f"{end['step']:,} steps"] if "step" in end else []
    length = ", ".join([*epochs, *steps, f"{end['seconds'] / 60:.1f} min"])
    return {
        "label": label,
        "run": run.name,
        "images": f"{data['name']}, {data['source']}: {data['train']:,} / {data['validation']:,} / {data['test']:,}",
        "length": length,
        "from": pathlib.Path(run.config.get("init_from") or "new weights").name,
        "seeds": ", ".join(str(r.config["seed"]) for r in [run, *run.seeds]),
        "provenance": data.get("provenance", end.get("provenance")),
    }


def _unlike(plan, module, found):
    if plan.scale == "paper":
        return {}
    every = {label: settings.unlike_paper(module.RUNS[label], run) for label, run in found.items()}
    return {label: unlike for label, unlike in every.items() if unlike is not None}


def _commands(plan, name):
    """What is typed, without folders of one machine; of several seeds the first."""
    alone = make([name], plan.scale, pathlib.Path(f"runs/{plan.scale}"), "DIR")
    once = [run for run in alone.runs if not run.flags.get("seed")]
    lines = []
    for run in once:
        lines.append(shown(run.command, run.arguments))
        lines += [shown("evaluate", judging.arguments) for judging in alone.judgings if judging.run is run]
    return lines


def _in_place(module, found):
    used = {run.data["name"] for run in found.values()}
    due = {name for name in _NAMES if name in module.IMAGES}
    if not due - used or not found:
        return None
    sets = (used - due or used, due - used)
    others, absent = (" and ".join(_NAMES.get(name, name) for name in sorted(names)) for names in sets)
    return f"{others} in place of {absent}"


def _results(output):
    """What the JSON files of all artefacts that were drawn hold."""
    results = []
    for path in [output / f"{name}.json" for name in artefact.names()]:
        try:
            result = json.loads(path.read_text())
            _page(result, "")
        except FileNotFoundError:
            continue
        except (ValueError, LookupError, TypeError, AttributeError):
            raise UserError(f"{path} is damaged or of another version; move it and its .md away and draw it anew.") from None
        results.append(result)
    return results


def _read(path):
    """What was written by hand; nothing where there is nothing."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise UserError(f"{path} is not text in UTF-8.") from None


def _save(figure, path):
    """PNG, or JPEG where that would be too large; the other one of before is removed."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    png, jpg = path.with_suffix(".png"), path.with_suffix(".jpg")
    if len(buffer.getvalue()) <= _MOST:
        jpg.unlink(missing_ok=True)
        png.write_bytes(buffer.getvalue())
        return png
    png.unlink(missing_ok=True)
    image = Image.open(buffer).convert("RGB")
    for quality in (90, 80, 70, 60):
        image.save(jpg, quality=quality)
        if jpg.stat().st_size <= _MOST:
            break
    return jpg
