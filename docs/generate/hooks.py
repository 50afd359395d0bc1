"""Hooks of mkdocs: pages that are generated from the code, and the part of the menu they stand in.

`mkdocs.yml` names this file; run `python -m mkdocs` in the repository's root. In the menu,
"commands", "names", "results" and "examples" stand for lists that are made here.
"""

import pathlib
import re
from typing import Any

from mkdocs.config.defaults import MkDocsConfig  # pyright: ignore[reportMissingImports]
from mkdocs.structure.files import File, Files  # pyright: ignore[reportMissingImports]
from mkdocs.structure.pages import Page  # pyright: ignore[reportMissingImports]

from docs.generate import api, commands, presets, repository

ROOT = pathlib.Path(__file__).resolve().parents[2]


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Fills the lists of the menu."""
    config.nav = _filled(config.nav, _lists())
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the generated pages."""
    made = {f"reference/commands/{name}.md": commands.page(name) for name in commands.names()}
    made["reference/commands/portable.md"] = commands.portable_page()
    made["reference/presets.md"] = presets.page()
    made["reference/python/index.md"] = api.index()
    made |= {_address(name): api.page(name) for name in api.names()}
    made |= {f"{name}/index.md": repository.listing(name) for name in repository.folders()}
    for name, address in repository.pages().items():
        made[address] = repository.relinked(repository.page(name), name, address)
    for address, text in made.items():
        files.append(File.generated(config, address, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Turns links to files outside docs/."""
    if page.file.generated_by is None:
        markdown = repository.relinked(markdown, f"docs/{page.file.src_uri}", page.file.src_uri)
    return markdown


def _address(name):
    return f"reference/python/{name.removeprefix('tfflowgan.')}.md"


def _lists() -> dict[str, list]:
    """The lists of the menu by name."""
    shown = {paper: _artefacts(paper) for paper in ("grover", "danihelka")}
    found = repository.pages().items()
    examples = [{pathlib.Path(n).name: page} for n, page in found if n.startswith("examples/")]
    return {
        "commands": [
            *({f"bin/{name}": f"reference/commands/{name}.md"} for name in commands.names()),
            {"python -m tfflowgan.portable": "reference/commands/portable.md"},
        ],
        "names": [
            "reference/python/index.md",
            *({name: _address(name)} for name in api.names()),
        ],
        "results": [
            "results/README.md",
            {"Flow-GAN (Grover et al.)": shown["grover"]},
            {"Real NVPs (Danihelka et al.)": shown["danihelka"]},
            *_results("."),
        ],
        "examples": examples,
    }


def _artefacts(paper: str) -> list[dict[str, str]]:
    """Pages of a paper under short titles: tables, figures by number, then the others."""

    def order(path):
        kind, number = re.findall(r"(\D+?)(\d*)\.md$", path.rpartition("/")[2])[0]
        return kind != "table", not number, kind, int(number or 0)

    titles = {}
    for path in sorted(_results(paper), key=order):
        words = re.sub(r"(\d+)$", r" \1", pathlib.Path(path).stem.replace("_", " "))
        title = words.replace("dcgan", "DCGAN").replace("nll", "NLL")
        titles[title[:1].upper() + title[1:]] = path
    return [{title: path} for title, path in titles.items()]


def _results(folder: str) -> list[str]:
    """Pages of results in a folder, without remarks, which other pages include."""
    found = sorted((ROOT / "docs" / "results" / folder).glob("*.md"))
    named = [path for path in found if not path.name.endswith(".remarks.md")]
    return [
        path.relative_to(ROOT / "docs").as_posix() for path in named if path.name != "README.md"
    ]


def _filled(nav: Any, lists: dict[str, list]) -> Any:
    if isinstance(nav, list):
        return [_filled(item, lists) for item in nav]
    if isinstance(nav, dict):
        return {title: _filled(item, lists) for title, item in nav.items()}
    return lists.get(nav, nav)
