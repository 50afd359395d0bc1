"""The order of the folders: who may import whom. The layers stand in `pyproject.toml`, under
`[tool.importlinter]`.
"""

import graphlib
import pathlib
import subprocess
import sys

import grimp
import pytest

from tests.helpers import ROOT

PACKAGES = ("tfflowgan", "papers")
FOR_PAPERS = {  # what papers/ may use of the package: nothing that computes
    *(
        "tfflowgan.cli.app",
        "tfflowgan.errors",
        "tfflowgan.files",
        "tfflowgan.graphics_cards",
        "tfflowgan.report",
        "tfflowgan.runs.names",
    ),
    *("tfflowgan.statistics", "tfflowgan.units", "tfflowgan.presets", "tfflowgan.plugins"),
}


@pytest.fixture(scope="module")
def graph():
    """All imports: relative ones, those inside functions and those under `TYPE_CHECKING` too."""
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def test_no_import_goes_up():
    # a process of its own: import-linter disables every logger that it finds in this one
    linter = pathlib.Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_folder_and_module_of_the_package_has_a_layer():
    import tomllib

    (contract,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    known = {
        name.strip() for layer in contract["layers"] for name in layer.replace("|", ":").split(":")
    }
    there = {
        f"tfflowgan.{p.stem}"
        for p in (ROOT / "tfflowgan").iterdir()
        if p.suffix == ".py" or (p / "__init__.py").exists()
    }
    assert known == there - {"tfflowgan.__init__"} | {"papers"}


def test_no_modules_import_each_other_in_a_circle(graph):
    # a package's __init__ stands for the names that it exports
    edges = {
        module: graph.find_modules_directly_imported_by(module) - {"tfflowgan"}
        for module in graph.modules - {"tfflowgan"}
    }
    graphlib.TopologicalSorter(edges).prepare()


def test_modules_with_an_underscore_are_imported_in_their_own_folder_alone(graph):
    seen = set()
    for importer in graph.modules:
        for imported in graph.find_modules_directly_imported_by(importer):
            folder, _, name = imported.rpartition(".")
            home = (
                importer
                if (ROOT / importer.replace(".", "/")).is_dir()
                else importer.rpartition(".")[0]
            )
            if name.startswith("_") and home != folder and not home.startswith(f"{folder}."):
                seen.add(f"{importer} imports {imported}")
    assert not seen


def test_papers_talks_to_the_package_by_commands_and_json(graph):
    papers = {m for m in graph.modules if m.split(".")[0] == "papers"}
    used = {
        i
        for m in papers
        for i in graph.find_modules_directly_imported_by(m)
        if i.startswith("tfflowgan")
    }
    assert {
        u for u in used if not any(u == known or u.startswith(f"{known}.") for known in FOR_PAPERS)
    } == set()


@pytest.mark.slow
def test_papers_and_reports_import_no_tensorflow():
    modules = [
        p.relative_to(ROOT).with_suffix("")
        for folder in ("papers", "tfflowgan/report")
        for p in (ROOT / folder).rglob("*.py")
    ]
    names = [".".join(m.parts).removesuffix(".__init__") for m in modules]
    program = (
        "import importlib, sys; [importlib.import_module(n) for n in sys.argv[1:]]; "
        "sys.exit('tensorflow' in sys.modules)"
    )
    assert (
        subprocess.run(
            [sys.executable, "-c", program, *names], cwd=ROOT, timeout=100, check=False
        ).returncode
        == 0
    )
