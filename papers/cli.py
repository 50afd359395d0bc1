"""`bin/reproduce`: the papers' tables, figures and claims, from training to the page."""

import difflib
import pathlib
import traceback

from tfflowgan.cli.app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Trains and evaluates the runs that artefacts of the papers need, and draws each artefact with "
    "the published one beside it: all, grover, danihelka or names from --list. What is finished is "
    "skipped; what was stopped continues."
)
_ROWS = [
    Flag("list", bool, False, "list all artefacts", "what"),
    Flag("scale", str, "smoke", "smoke (minutes for all), laptop (hours) or paper (GPUs)", "what"),
    Flag(
        "dry_run", bool, False, "only list the runs, with the time and disk they would take", "what"
    ),
    Flag("trials", bool, True, "with --dry_run: time a few steps of each unfinished run", "what"),
    Flag("pages", bool, False, "only write all pages and the summary of --output again", "what"),
    Flag("data_dir", str, None, "folder of all datasets' original files (smoke: none)", "where"),
    Flag("runs", str, None, "folder of the runs (default: runs/SCALE)", "where"),
    Flag("output", str, None, "folder of the pages (default: reproduced/SCALE)", "where"),
    Flag("jobs", int, 1, "runs at a time, at most one per GPU, without GPUs one per core", "how"),
]


def main() -> None:
    """Entry point of `bin/reproduce`."""
    words = "all|grover|danihelka|NAME ..."
    run("reproduce", _SUMMARY, _ROWS, _reproduce, tensorflow=False, words=words)


def _reproduce(values: dict) -> None:
    from papers import artefact

    if values["list"]:
        for name in artefact.names():
            print(f"{name:28} {artefact.title(artefact.load(name))}")
        return
    _check(values, artefact.SCALES)
    output = pathlib.Path(values["output"] or f"reproduced/{values['scale']}")
    if values["pages"]:
        _write_pages_again(values["words"], artefact.names(), output)
        return
    names = _names(values["words"], artefact.names())
    from papers.plan import make_plan

    runs = pathlib.Path(values["runs"] or f"runs/{values['scale']}")
    plan = make_plan(names, values["scale"], runs, values["data_dir"])
    if values["dry_run"]:
        _dry_run(plan, runs, values["trials"])
        return
    from papers import preflight, summary
    from papers.execute import execute

    summary.check_output(output, values["scale"])
    preflight.check(plan)
    failed = execute(plan, runs, values["jobs"])
    failed += _draw(plan, names, output)
    _write_pages(output)
    if failed:
        raise UserError(" ".join(failed))


def _dry_run(plan, runs: pathlib.Path, trials: bool) -> None:
    from papers import estimate, preflight

    print("\n".join(estimate.summarize(plan, runs, trials)))
    try:
        preflight.check_classifiers(plan)
    except UserError as error:
        print(f"Before that: {error}")


def _draw(plan, names: list[str], output: pathlib.Path) -> list[str]:
    """Draws artefacts; returns a sentence for each that could not be drawn."""
    from papers.draw import draw, missing
    from papers.page import agreement

    failed = []
    for name in names:
        if lacking := missing(plan, name):
            failed.append(f"{name} lacks {', '.join(lacking)}.")
            continue
        try:
            result = draw(plan, name, output)
        except UserError as error:
            failed.append(f"{name} cannot be drawn: {error}")
            continue
        except (ArithmeticError, LookupError, OSError, TypeError, ValueError) as error:
            traceback.print_exc()  # and draw the others
            failed.append(f"{name} cannot be drawn: {type(error).__name__}: {error}.")
            continue
        print(
            f"{name:28} {agreement(result['claims']) or 'counted elsewhere':24} {output / name}.md"
        )
    return failed


def _write_pages_again(words: list[str], known: list[str], output: pathlib.Path) -> None:
    from papers import summary

    if words:
        raise UserError(
            f"--pages writes all pages that are there; leave out the names ({' '.join(words)})."
        )
    if not any((output / f"{name}.json").exists() for name in known):
        raise UserError(
            f"--output={output} has no artefact in it; draw one first, for example by "
            "bin/reproduce grover/table1."
        )
    summary.check_output(output)
    _write_pages(output)


def _write_pages(output: pathlib.Path) -> None:
    from papers import summary

    summary.write_pages(output)
    print(f"Summary in {output / 'README.md'}.")


def _check(values: dict, scales: tuple[str, ...]) -> None:
    if values["scale"] not in scales:
        known = ", ".join(scales)
        raise UserError(f"--scale={values['scale']} is not known; it can be {known}.")
    from papers import slots

    slots.check(values["jobs"])
    if values["data_dir"] and not pathlib.Path(values["data_dir"]).is_dir():
        raise UserError(f"--data_dir={values['data_dir']} is not a folder.")


def _names(words: list[str], known: list[str]) -> list[str]:
    """The artefacts that words stand for, in the papers' order."""
    if not words:
        raise UserError(
            "give the artefacts: all, grover, danihelka or names from bin/reproduce --list."
        )
    chosen = set()
    for word in words:
        matches = [name for name in known if word in ("all", name, name.split("/")[0])]
        if not matches:
            close = difflib.get_close_matches(word, known, n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise UserError(
                f"{word} is not an artefact{hint}; bin/reproduce --list lists them all."
            )
        chosen.update(matches)
    return [name for name in known if name in chosen]
