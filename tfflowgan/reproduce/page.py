"""What is written: a page, a figure and a JSON file an artefact; a summary; one self-contained HTML report of them all.

OUTPUT/PAPER/NAME.md, .png (or .jpg), .json
OUTPUT/PAPER/NAME.remarks.md     written by hand, if it is there: why a claim holds or does not; kept, and put into the page
OUTPUT/README.md                 the summary
OUTPUT/report.html
"""

import base64
import html
import io
import json
import pathlib
import posixpath
import re
import tempfile

import markdown
from PIL import Image

from tfflowgan.errors import UserError
from tfflowgan.reproduce import artefact
from tfflowgan.reproduce.execute import is_trained, shown
from tfflowgan.reproduce.found import Found, find
from tfflowgan.reproduce.plan import Plan, asked, make

__all__ = ["agreement", "check", "missing", "write", "write_pages"]

_TITLE = "# Both papers, reproduced"
_MOST = 290_000  # bytes of a figure
_WORDS = {True: "agrees", False: "**does not agree**", None: "cannot be told"}
_COUNTED = {True: "claims hold", False: "do not", None: "cannot be told"}
_NAMES = {"mnist": "MNIST", "cifar10": "CIFAR-10", "celeb_a": "CelebA"}
_INCIDENTAL = {  # settings that name places, lengths (which have a column) or what is recorded
    *("preset", "data_dir", "data_source", "init_from", "epochs", "minutes", "seed", "strategy", "run", "output"),
    *("monitor_steps", "select", "snapshots", "classifier", "score_samples", "checkpoint_minutes", "deterministic"),
    *("independent_critic", "independent_steps"),
}
_ABOUT = {
    "smoke": "Smoke scale: tiny networks, a few steps, 120 digits. It shows that everything runs; its numbers mean nothing.",
    "laptop": "Laptop scale: smaller networks and far fewer steps than the paper's, on two CPU cores.",
    "paper": "The paper's own settings where it gives any; the others are ours.",
}


def check(output: pathlib.Path) -> None:
    """Makes sure that pages can be written, before hours are spent on them.

    Raises:
      UserError: the folder cannot be written, or has a README.md that is not a summary of pages.
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
            "artefact": name,
            "title": artefact.title(module),
            "scale": plan.scale,
            "published": module.PUBLISHED,
            "claims": [{"statement": c.statement, "holds": c.holds, "ours": c.ours} for c in rendered.claims],
            "table": rendered.table,
            "numbers": rendered.numbers,
            "notes": rendered.notes,
            "picture": picture and picture.name,
            "runs": [_made(label, run) for label, run in found.items()],
            "apart": _apart(found),
            "commands": _commands(plan, name),
            "not_run": [label for label in module.RUNS if label not in found],
            "in_place_of": _in_place(module, found),
        }
        stem.with_suffix(".json").write_text(json.dumps(result, indent=1) + "\n")
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
    results = [json.loads(path.read_text()) for name in artefact.names() if (path := output / f"{name}.json").exists()]
    lines = [_TITLE, ""]
    lines += [f"*{_ABOUT[scale]}*\n" for scale in dict.fromkeys(r["scale"] for r in results)]
    for paper, title in artefact.PAPERS.items():
        these = [r for r in results if r["artefact"].startswith(paper)]
        if these:
            lines += [f"## {title}", "", "| artefact | published | here | agrees |", "|---|---|---|---|"]
            lines += [_summary_row(r) for r in these] + [""]
    absent = [name for name in artefact.names() if name not in [r["artefact"] for r in results]]
    lines += [f"Not yet drawn: {', '.join(absent)}.", ""] if absent else []
    own = output / "README.remarks.md"
    lines += [own.read_text()] if own.exists() else []
    try:
        output.mkdir(parents=True, exist_ok=True)
        for result in results:
            stem = output / result["artefact"]
            stem.with_suffix(".md").write_text(_page(result, _remarks(stem)))
        (output / "README.md").write_text("\n".join(lines).rstrip() + "\n")
        (output / "report.html").write_text(_report(output, [r["artefact"] for r in results]))
    except OSError as error:
        raise UserError(f"--output={output} cannot be written: {error.strerror}.") from None
    return results


def agreement(result: dict) -> str:
    """A line on agreement."""
    claims = result["claims"]
    if len(claims) == 1:
        return _WORDS[claims[0]["holds"]].strip("*")
    counts = {words: sum(c["holds"] is holds for c in claims) for holds, words in _COUNTED.items()}
    return ", ".join(f"{count} of {len(claims)} {words}" for words, count in counts.items() if count)


def _found(seeds, module, label, scale):
    options = {e.key: asked(e, scale) for e in artefact.evaluations(module, label)}
    first, *others = [Found(run.name, run.folder, options) for run in seeds]
    return Found(first.name, first.folder, options, others)


def _summary_row(result):
    name = result["artefact"]
    claims = "<br>".join(f"{_sign(c['holds'])} {c['statement']}: {c['ours']}" for c in result["claims"])
    place = f"<br>*{result['in_place_of']}*" if result["in_place_of"] else ""
    return _row([f"[{result['title']}]({name}.md){place}", result["published"], claims, agreement(result)])


def _row(cells):
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _sign(holds):
    return {True: "&#10003;", False: "&#10007;", None: "?"}[holds]


def _page(result, remarks):
    lines = [f"# {result['title']}", "", f"*{_ABOUT[result['scale']]}*", ""]
    if result["in_place_of"]:
        lines += [f"*{result['in_place_of']}*", ""]
    lines += [f"**Published.** {result['published']}", "", f"**Agreement: {agreement(result)}.**", ""]
    lines += ["| the paper | here | |", "|---|---|---|"]
    lines += [_row([c["statement"], c["ours"], _WORDS[c["holds"]]]) for c in result["claims"]]
    if result["picture"]:
        lines += ["", f"![{result['title']}]({result['picture']})"]
    if result["table"]:
        header, rows = result["table"]
        lines += ["", _row(header), "|" + "---|" * len(header), *map(_row, rows)]
    if remarks:
        lines += ["", "## Why", "", remarks.strip()]
    if result["notes"]:
        lines += ["", "## Notes", "", *(f"- {note}" for note in result["notes"])]
    lines += ["", "## Runs", "", "| | run | started from | images | length | seed |", "|---|---|---|---|---|---|"]
    lines += [_row([r["label"], r["run"], r["from"], r["images"], r["length"], r["seeds"]]) for r in result["runs"]]
    hardware = dict.fromkeys(r["provenance"]["hardware"] for r in result["runs"] if r["provenance"])
    if hardware:
        lines += ["", f"Trained on {' and on '.join(hardware)}."]
    if result["apart"]:
        labels = [r["label"] for r in result["runs"]]
        lines += ["", "Settings in which they differ:", "", _row(["", *labels]), "|---" * (len(labels) + 1) + "|"]
        lines += [_row([name, *values]) for name, values in result["apart"].items()]
    if result["not_run"]:
        lines += ["", f"Not run at this scale: {', '.join(result['not_run'])}."]
    lines += ["", *(f"    {command}" for command in [f"bin/reproduce {result['artefact']} --scale={result['scale']}"]), ""]
    lines += ["which stands for", "", *(f"    {command}" for command in result["commands"])]
    return "\n".join(lines).rstrip() + "\n"


def _made(label, run):
    data, end = run.data, run.end
    epochs = [f"{run.config['epochs']} epochs"] if run.config.get("epochs") else []
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


def _apart(found):
    """Settings that the runs do not share, each with its values in the order of runs; "-" where a run has none."""
    configs = [run.config for run in found.values()]
    names = [name for name in {name: None for config in configs for name in config} if name not in _INCIDENTAL]
    values = {name: [_typed(config.get(name)) for config in configs] for name in names}
    return {name: of for name, of in values.items() if len(set(of)) > 1}


def _typed(setting):
    if isinstance(setting, bool):
        return "yes" if setting else "no"
    return "-" if setting is None else f"{setting:g}" if isinstance(setting, float) else str(setting)


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


def _remarks(path):
    remarks = path.with_suffix(".remarks.md")
    return remarks.read_text() if remarks.exists() else None


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


_HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222; }}
img {{ max-width: 100%; height: auto; }} table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
td, th {{ border: 1px solid #ccc; padding: .25rem .5rem; vertical-align: top; text-align: left; }}
pre {{ background: #f6f6f6; padding: .5rem; overflow-x: auto; }} section {{ border-top: 2px solid #888; margin-top: 3rem; }}
</style></head><body>
"""


def _report(output, names):
    """All pages below the summary, with their pictures inside and links within the report."""
    parts = [_HEAD.format(title="Both papers, reproduced"), _html(output / "README.md", output, names)]
    for name in names:
        body = _html(output / f"{name}.md", output, names)
        parts.append(f'<section id="{_anchor(name)}">{body}<p><a href="#">to the summary</a></p></section>')
    return "\n".join([*parts, "</body></html>\n"])


def _html(path, output, names):
    text = markdown.markdown(path.read_text(), extensions=["tables", "sane_lists"])
    folder = path.parent.relative_to(output)

    def link(match):
        """Of a page in the report to its place there, of another file as seen from the report."""
        to = posixpath.normpath(posixpath.join(folder.as_posix(), match.group(1)))
        return f'href="#{_anchor(to[:-3])}"' if to[:-3] in names else f'href="{to}"'

    text = re.sub(r'href="([^":#]+)"', link, text)

    def inline(match):
        picture = path.parent / html.unescape(match.group(1))
        kind = "jpeg" if picture.suffix == ".jpg" else "png"
        return f'src="data:image/{kind};base64,{base64.b64encode(picture.read_bytes()).decode()}"'

    return re.sub(r'src="([^":]+)"', inline, text)


def _anchor(name):
    return name.replace("/", "-")
