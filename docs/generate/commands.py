"""Reference pages of the commands, from the declarations that `--help` shows.

A command calls `run` of `tfflowgan.cli.app` with its name, its summary and its flags. Here `run` is
replaced by a function that keeps what it is given, so a page needs no copy of any flag.
"""

import argparse
import contextlib
import dataclasses
import functools
import importlib
import pathlib
from unittest import mock

from tfflowgan.cli.app import Flag, gpus
from tfflowgan.portable import __main__ as portable

__all__ = ["Command", "command", "names", "page", "portable_page", "portable_parser"]

ROOT = pathlib.Path(__file__).resolve().parents[2]
_TYPES = {bool: "", int: "whole number", float: "number", str: "text"}


@dataclasses.dataclass(frozen=True)
class Command:
    """What a command declares.

    Attributes:
      name: as in `bin/NAME`.
      summary: what it does, in a sentence or two.
      flags: all of them, in the order of `--helpfull`.
      words: what `--help` calls arguments without "--", or None.
      renamed: flags of earlier versions, which are refused, with those to use instead.
    """

    name: str
    summary: str
    flags: list[Flag]
    words: str | None
    renamed: dict[str, str]


def names() -> list[str]:
    """The commands: the files in bin/."""
    return sorted(path.name for path in (ROOT / "bin").iterdir() if path.is_file())


@functools.cache
def command(name: str) -> Command:
    """The declarations of a command, without running it."""
    module = importlib.import_module(
        "papers.cli" if name == "reproduce" else f"tfflowgan.cli.{name}"
    )
    with mock.patch.object(module, "run") as run:
        module.main()
    called, summary, flags, _ = run.call_args.args
    options = run.call_args.kwargs
    if options.get("tensorflow", True):
        flags = [*flags, gpus()]
    assert called == name, f"bin/{name} calls itself {called}"
    return Command(name, summary, flags, options.get("words"), options.get("renamed", {}))


def page(name: str) -> str:
    """The page of a command, in Markdown: its summary, and its flags by group."""
    known = command(name)
    words = f" {known.words}" if known.words else ""
    installed = "" if name == "reproduce" else f" Installed, it is called `tfflowgan-{name}`."
    lines = [f"# bin/{name}", "", f"{_plain(known.summary)}{installed}", ""]
    lines += [f"    bin/{name}{words} [--flag=value ...]", ""]
    lines += [f"`bin/{name} --helpfull` prints the same. A flag without a default is not set."]
    for group in dict.fromkeys(flag.group for flag in known.flags):
        lines += ["", f"## {group[:1].upper()}{group[1:]}" if group else "## Flags", ""]
        lines += ["| flag | takes | default | meaning |", "|---|---|---|---|"]
        lines += [_row(flag) for flag in known.flags if flag.group == group]
    return "\n".join(lines) + "\n"


def portable_parser() -> argparse.ArgumentParser:
    """The parser of `python -m tfflowgan.portable`, as it is when it is about to parse."""
    kind = argparse.ArgumentParser
    with mock.patch.object(kind, "parse_args", autospec=True, side_effect=SystemExit) as parse:
        with contextlib.suppress(SystemExit):
            portable.main([])
    return parse.call_args.args[0]


def portable_page() -> str:
    """The page of `python -m tfflowgan.portable`, from its parser."""
    parser = portable_parser()
    lines = ["# python -m tfflowgan.portable", "", _plain(parser.description or ""), ""]
    lines += ["    python -m tfflowgan.portable PROGRAM --output=FOLDER [--flag=value ...]", ""]
    lines += ["| argument | meaning |", "|---|---|"]
    for action in parser._actions:
        if not isinstance(action, argparse._HelpAction):
            name = action.option_strings[0] if action.option_strings else action.dest.upper()
            lines.append(f"| `{name}` | {_plain(action.help or '')} |")
    return "\n".join(lines) + "\n"


def _row(flag):
    name = f"--[no]{flag.name}" if flag.type is bool else f"--{flag.name}"
    default = "" if flag.default is None else f"`{str(flag.default).lower()}`"
    if flag.type is not bool and flag.default is not None:
        default = f"`{flag.default}`" if flag.default != "" else "empty"
    return f"| `{name}` | {_TYPES[flag.type]} | {default} | {_plain(flag.help)} |"


def _plain(text):
    """A help text as Markdown: signs of Markdown and of tables in it mean nothing."""
    for sign in "\\|*_<>[]`":
        text = text.replace(sign, f"\\{sign}")
    return text
