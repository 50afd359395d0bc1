"""Every public signature has a type for each parameter and for its result."""

import ast
import pathlib

from tests.helpers import ROOT

FOLDERS = ("tfflowgan", "papers", "checks")


def _public(body, inside=""):
    """Public functions and methods, `__init__` and `__call__` included, with their full names."""
    for node in body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            yield from _public(node.body, f"{inside}{node.name}.")
        elif isinstance(node, ast.FunctionDef):
            if not node.name.startswith("_") or node.name in ("__init__", "__call__"):
                yield f"{inside}{node.name}", node


def _untyped(path: pathlib.Path):
    for name, node in _public(ast.parse(path.read_text()).body):
        arguments = node.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        every += [a for a in (arguments.vararg, arguments.kwarg) if a]
        missing = [a.arg for a in every if a.annotation is None and a.arg not in ("self", "cls")]
        missing += ["return"] if node.returns is None and node.name != "__init__" else []
        if missing:
            yield f"{path.relative_to(ROOT)}: {name}: {', '.join(missing)}"


def test_public_signatures_are_typed():
    files = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py")]
    assert not [line for path in files for line in _untyped(path)]
