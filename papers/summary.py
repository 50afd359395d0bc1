"""All pages and their summary, from the artefacts' JSON files; needs no runs.

OUTPUT/PAPER/NAME.md
OUTPUT/PAPER/NAME.remarks.md     optional, by hand: why claims hold or do not; put into the page
OUTPUT/README.md                 the summary
OUTPUT/README.remarks.md         optional, by hand: put at its end
"""

import json
import pathlib
import tempfile

from papers import artefact
from papers.page import SCALE_NOTES, agreement, page, table_row
from tfflowgan.errors import UserError

__all__ = ["check_output", "write_pages"]

_TITLE = "# Both papers, reproduced"
_SIGNS = {True: "&#10003;", False: "&#10007;", None: "?"}


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
        (output / "README.md").write_text(_summary(results, _remarks(output / "README.remarks.md")))
    except OSError as error:
        raise UserError(f"--output={output} cannot be written: {error.strerror}.") from None
    return results


def _summary(results: list[dict], remarks: str) -> str:
    lines = [_TITLE, ""]
    lines += [f"*{SCALE_NOTES[scale]}*\n" for scale in dict.fromkeys(r["scale"] for r in results)]
    claims = [claim for result in results for claim in result["claims"]]
    lines += [f"**All pages together: {agreement(claims)}.**", ""]
    for paper, title in artefact.PAPERS.items():
        rows = [_row(result) for result in results if result["artefact"].startswith(paper)]
        if rows:
            lines += [f"## {title}", "", "| artefact | published | here | agrees |"]
            lines += ["|---|---|---|---|", *rows, ""]
    drawn = [result["artefact"] for result in results]
    missing = [name for name in artefact.names() if name not in drawn]
    lines += [f"Not yet drawn: {', '.join(missing)}.", ""] if missing else []
    return "\n".join([*lines, remarks]).rstrip() + "\n"


def _row(result: dict) -> str:
    claims = []
    for claim in result["claims"]:
        ours = "" if claim["paper"] else "(ours) "
        claims.append(f"{_SIGNS[claim['holds']]} {ours}{claim['statement']}: {claim['ours']}")
    images = f"<br>*{result['in_place_of']}*" if result["in_place_of"] else ""
    link = f"[{result['title']}]({result['artefact']}.md){images}"
    agrees = agreement(result["claims"])
    return table_row([link, result["published"], "<br>".join(claims), agrees])


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
