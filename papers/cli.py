"""`bin/reproduce`: the papers' tables, figures and claims, from training to the page."""

import difflib
import pathlib
import traceback

from tfflowgan.cli.app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Trains what artefacts of the papers need, judges it, and writes each with the published one beside it: all, grover, "
    "danihelka or names as --list gives them. What is done is skipped, what was stopped continues."
)
_ROWS = [
    Flag("list", bool, False, "name all artefacts", "what"),
    Flag("scale", str, "smoke", "smoke (minutes for all), laptop (hours) or paper (GPUs)", "what"),
    Flag("dry_run", bool, False, "only say what would be run, how long it would take here, and how much disk", "what"),
    Flag("trials", bool, True, "with --dry_run: time a few steps of every run that is not done", "what"),
    Flag("pages", bool, False, "only write all pages, summary and report of --output anew, with their remarks", "what"),
    Flag("data_dir", str, None, "folder with the original files of all data sets (smoke needs none)", "where"),
    Flag("runs", str, None, "folder of the runs (default: runs/SCALE)", "where"),
    Flag("output", str, None, "folder of the pages (default: reproduced/SCALE)", "where"),
    Flag("jobs", int, 1, "runs at a time, with equal shares of the cores; as many as there are GPUs, or cores", "how"),
]


def main() -> None:
    """Entry point of `bin/reproduce` and `tfflowgan-reproduce`."""
    run("reproduce", _SUMMARY, _ROWS, _reproduce, tensorflow=False, words="all|grover|danihelka|NAME ...")


def _reproduce(values: dict) -> None:
    from papers import artefact

    if values["list"]:
        for name in artefact.names():
            print(f"{name:28} {artefact.title(artefact.load(name))}")
        return
    _check(values, artefact.SCALES)
    output = pathlib.Path(values["output"] or f"reproduced/{values['scale']}")
    if values["pages"]:
        from papers import page

        if values["words"]:
            raise UserError(f"--pages writes all pages that are there; leave {' '.join(values['words'])} out.")
        if not any((output / f"{name}.json").exists() for name in artefact.names()):
            raise UserError(f"--output={output} has no artefact in it; draw one first, as in bin/reproduce grover/table1.")
        page.check(output)
        _write_pages(output)
        return
    names = _names(values["words"], artefact.names())
    from papers import page
    from papers.plan import make

    runs = pathlib.Path(values["runs"] or f"runs/{values['scale']}")
    plan = make(names, values["scale"], runs, values["data_dir"])
    if values["dry_run"]:
        from papers import preflight
        from papers.trial import describe

        print("\n".join(describe(plan, runs, values["trials"])))
        try:
            preflight.check_classifiers(plan)
        except UserError as error:
            print(f"Before that: {error}")
        return
    from papers import preflight
    from papers.execute import execute

    page.check(output, values["scale"])
    preflight.check(plan)
    failed = execute(plan, runs, values["jobs"])
    left_out = []
    for name in names:
        if waiting := page.missing(plan, name):
            left_out.append(f"{name} waits for {', '.join(waiting)}.")
            continue
        try:
            result = page.write(plan, name, output)
        except UserError as error:
            left_out.append(f"{name} cannot be drawn: {error}")
            continue
        except (ArithmeticError, LookupError, OSError, TypeError, ValueError) as error:  # one page costs no other
            traceback.print_exc()
            left_out.append(f"{name} cannot be drawn: {type(error).__name__}: {error}.")
            continue
        print(f"{name:28} {page.agreement(result):24} {output / name}.md")
    _write_pages(output)
    if failed or left_out:
        raise UserError(" ".join([*failed, *left_out]))


def _write_pages(output):
    from papers import page

    page.write_pages(output)
    print(f"Summary in {output / 'README.md'}, all pages in {output / 'report.html'}.")


def _check(values, scales):
    if values["scale"] not in scales:
        raise UserError(f"--scale={values['scale']} is not known; it can be {', '.join(scales)}.")
    if values["jobs"] < 1:
        raise UserError(f"--jobs={values['jobs']} must be at least 1.")
    from papers.execute import most_jobs

    if (most := most_jobs()) and values["jobs"] > most:
        raise UserError(f"--jobs={values['jobs']} is more than this machine has places for, which is {most}.")
    if values["data_dir"] and not pathlib.Path(values["data_dir"]).is_dir():
        raise UserError(f"--data_dir={values['data_dir']} is not a folder.")


def _names(words, known):
    """Artefacts that words stand for, in the papers' order."""
    if not words:
        raise UserError("say which: all, grover, danihelka or names as bin/reproduce --list gives them.")
    chosen = set()
    for word in words:
        these = [name for name in known if word in ("all", name, name.split("/")[0])]
        if not these:
            close = difflib.get_close_matches(word, known, n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise UserError(f"{word} is not an artefact{hint}; bin/reproduce --list names them all.")
        chosen.update(these)
    return [name for name in known if name in chosen]
