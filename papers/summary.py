"""All pages and their summary, from the artefacts' JSON files; needs no runs.

OUTPUT/PAPER/NAME.md
OUTPUT/PAPER/NAME.small.jpg      the picture of the page, small, for the summary
OUTPUT/PAPER/NAME.remarks.md     optional, by hand: why claims hold or do not; put into the page
OUTPUT/README.md                 the summary
OUTPUT/README.remarks.md         optional, by hand: put at its end
"""

import json
import pathlib
import tempfile

from papers import artefact
from papers.claims import RULES
from papers.page import EARLIER, SCALE_NOTES, counted, page, see, table_row
from papers.thumbnail import thumbnail, write_thumbnail
from tfflowgan.errors import UserError

__all__ = ["check_output", "write_pages"]

_TITLE = "# Both papers, reproduced"
_SIGNS = {True: "&#10003;", False: "&#10007;", None: "?"}
_LONG = 70  # characters of a line that was not written for the summary


def check_output(output: pathlib.Path, scale: str | None = None) -> None:
    """Makes sure that pages can be written, before hours are spent on them.

    Args:
      output: folder of all pages.
      scale: of the artefacts that are to be drawn, if any.

    Raises:
      UserError: the folder cannot be written, or holds files of another kind under a page's name,
        pages of another scale, or remarks or numbers that cannot be read.
    """
    try:
        output.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=output):
            pass
    except OSError as error:
        raise UserError(f"--output={output} cannot be written: {error.strerror}.") from None
    readme = output / "README.md"
    if readme.exists() and not readme.read_text(errors="replace").startswith(_TITLE):
        raise UserError(
            f"--output={output} has a README.md of its own, which the summary would overwrite; "
            "give another folder."
        )
    for name in artefact.names():
        path = output / f"{name}.md"
        if path.exists() and not path.with_suffix(".json").exists():
            raise UserError(
                f"{path} is not a page of bin/reproduce, which it would overwrite; give another "
                "--output."
            )
    others = {result["scale"] for result in _results(output)} - {scale}
    if scale and others:
        raise UserError(
            f"--output={output} has pages of --scale={others.pop()}; give another folder for "
            f"{scale}."
        )
    for name in ("README", *artefact.names()):
        _remarks(output / f"{name}.remarks.md")


def write_pages(output: pathlib.Path) -> list[dict]:
    """Writes the pages of all artefacts that were drawn, and the summary.

    Returns:
      What the artefacts' JSON files hold.

    Raises:
      UserError: they cannot be written, or a page's picture is gone.
    """
    results = _results(output)
    for result in results:
        picture = (output / result["artefact"]).parent / (result["picture"] or "")
        if not picture.exists():
            raise UserError(f"{picture} is gone; draw {result['artefact']} again.")
    try:
        for result in results:
            stem = output / result["artefact"]
            remarks = _remarks(stem.with_suffix(".remarks.md"))
            stem.with_suffix(".md").write_text(page(result, remarks))
            picture = stem.parent / (result["picture"] or "")
            if result["picture"] and not thumbnail(picture).exists():
                write_thumbnail(picture)
        (output / "README.md").write_text(_summary(results, _remarks(output / "README.remarks.md")))
    except OSError as error:
        raise UserError(f"--output={output} cannot be written: {error.strerror}.") from None
    return results


def _summary(results: list[dict], remarks: str) -> str:
    lines = [_TITLE, ""]
    lines += [f"*{SCALE_NOTES[scale]}*\n" for scale in dict.fromkeys(r["scale"] for r in results)]
    lines += [f"**{_total([claim for result in results for claim in result['claims']])}.**", ""]
    lines += ["&#10003; holds, &#10007; does not, ? cannot be told.", ""]
    for paper, title in artefact.PAPERS.items():
        these = [result for result in results if result["artefact"].startswith(paper)]
        if these:
            lines += [f"## {title}", "", *_earlier(these), "| | artefact | claims | in one line |"]
            lines += ["|---|---|---|---|", *map(_row, these), ""]
    drawn = [result["artefact"] for result in results]
    missing = [name for name in artefact.names() if name not in drawn]
    lines += [f"Not yet drawn: {', '.join(missing)}.", ""] if missing else []
    return "\n".join([*lines, remarks]).rstrip() + "\n"


def _earlier(results: list[dict]) -> list[str]:
    """Which of a paper's verdicts are by earlier rules, in a line and an empty one."""
    old = [result["artefact"] for result in results if result.get("rules") != RULES]
    if not old:
        return []
    which = "" if len(old) == len(results) else f": {', '.join(old)}"
    return [f"*{EARLIER}{which}.*", ""]


def _total(claims: list[dict]) -> str:
    """How many claims there are and how many of them hold, each counted once."""
    parts = []
    for paper, whose in ((True, "of the papers"), (False, "of ours")):
        holds = [claim["holds"] for claim in counted(claims) if claim["paper"] is paper]
        if holds:
            counts = [
                (holds.count(True), "holds", "hold"),
                (holds.count(False), "does not", "do not"),
                (holds.count(None), "cannot be told", "cannot be told"),
            ]
            said = ", ".join(f"{n} {one if n == 1 else more}" for n, one, more in counts if n)
            what = "distinct claim" if len(holds) == 1 else "distinct claims"
            parts.append(f"{len(holds)} {what} {whose}: {said}")
    return "; ".join(parts)


def _row(result: dict) -> str:
    stem = result["artefact"]
    images = f"<br>*{result['in_place_of']}*" if result["in_place_of"] else ""
    link = f"[{result['title']}]({stem}.md){images}"
    name = stem.rpartition("/")[2]
    small = thumbnail(pathlib.Path(f"{stem}.md")) if result["picture"] else None
    picture = f"[![{name}]({small.as_posix()})]({stem}.md)" if small else ""
    return table_row([picture, link, _symbols(result), _headline(result)]).replace("|  |", "| |")


def _symbols(result: dict) -> str:
    """How many claims hold, do not, and cannot be told; the paper's first, then ours."""
    parts = []
    for paper, whose in ((True, ""), (False, "ours ")):
        holds = [c["holds"] for c in counted(result["claims"]) if c["paper"] is paper]
        counts = [f"{_SIGNS[which]}&nbsp;{holds.count(which)}" for which in _SIGNS]
        shown = [c for c, which in zip(counts, _SIGNS, strict=True) if which in holds]
        parts += [whose + " ".join(shown)] if shown else []
    stem = result["artefact"]
    links = dict.fromkeys(see(c, stem, "") for c in result["claims"] if c.get("same_as"))
    return "<br>".join(parts or links)


def _headline(result: dict) -> str:
    """The artefact's one number; of files that have none, the numbers of the first claim."""
    if result.get("headline"):
        return result["headline"]
    text = next(iter(result["claims"]), {"ours": ""})["ours"].split("; ")[0]
    if len(text) <= _LONG:
        return text
    return text[:_LONG].rpartition(", ")[0] or f"{text[:_LONG].rpartition(' ')[0]} ..."


def _results(output: pathlib.Path) -> list[dict]:
    """What the JSON files of all artefacts that were drawn hold."""
    results = []
    for path in [output / f"{name}.json" for name in artefact.names()]:
        try:
            result = json.loads(path.read_text())
            page(result, "")
        except FileNotFoundError:
            continue
        except (ValueError, LookupError, TypeError, AttributeError):
            raise UserError(
                f"{path} is damaged or of another version; move it and its .md away and draw it "
                "again."
            ) from None
        results.append(result)
    return results


def _remarks(path: pathlib.Path) -> str:
    """Markdown written by hand; empty where there is none."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError:
        raise UserError(f"{path} is not text in UTF-8.") from None
