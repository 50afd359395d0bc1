"""Files of the repository outside docs/ that pages link to, as pages of the site.

A link in a page is relative to the page's file, so that it works where the repository is read. The
site holds docs/ alone. So each file outside it that a page may link to becomes a page of the site,
and links to it are turned there. A folder of results that a page links to becomes a list of files.
"""

import json
import pathlib
import posixpath
import re

__all__ = ["folders", "listing", "page", "pages", "relinked"]

ROOT = pathlib.Path(__file__).resolve().parents[2]
_FILES = ("CHANGELOG.md", "CONTRIBUTING.md", "LICENSE", "CITATION.cff", "saved_models/README.md")
_FILES += ("papers/full_scale.md",)
_FOLDERS = ("examples/*.py", "examples/*.sh", "examples/*.ipynb")
_KINDS = {".py": "python", ".sh": "bash", ".cff": "yaml"}
_LINK = re.compile(r"(\]\()([^)\s]+)(\))")
_FENCE = re.compile(r"^(```.*?^```)", re.M | re.S)


def pages() -> dict[str, str]:
    """Addresses of the pages in the site by the files they show, both relative."""
    found = [ROOT / name for name in _FILES]
    found += [path for pattern in _FOLDERS for path in sorted(ROOT.glob(pattern))]
    names = [path.relative_to(ROOT).as_posix() for path in found if path.is_file()]
    return {name: f"repository/{name.removesuffix('.md')}.md" for name in names}


def page(name: str) -> str:
    """A file as a page, in Markdown; links are those of the file."""
    text = (ROOT / name).read_text()
    if name.endswith(".md"):
        return text
    if name.endswith(".ipynb"):
        return "\n\n".join([f"*The notebook `{name}`.*", *map(_cell, json.loads(text)["cells"])])
    kind = _KINDS.get(pathlib.PurePath(name).suffix, "text")
    return f"# {name}\n\n```{kind}\n{text}```\n"


def folders() -> list[str]:
    """Folders of results that a page links to, such as "results/avb"."""
    found = set()
    for file in (ROOT / "docs").rglob("*.md"):
        for _, target, _ in _LINK.findall(file.read_text()):
            folder = (file.parent / target.partition("#")[0]).resolve()
            if folder.is_dir() and ROOT / "docs" / "results" in folder.parents:
                found.add(folder.relative_to(ROOT / "docs").as_posix())
    return sorted(found)


def listing(folder: str) -> str:
    """The page of a folder in docs/: what lies below it."""
    start = ROOT / "docs" / folder
    files = sorted(path for path in start.rglob("*") if path.is_file())
    names = [path.relative_to(start).as_posix() for path in files]
    lines = [f"- [{name}]({name})" for name in names if not name.endswith(".md")]
    return "\n".join([f"# {folder}", "", "Files behind a page of results:", "", *lines]) + "\n"


def relinked(text: str, file: str, address: str) -> str:
    """A page with its links turned.

    Args:
      text: Markdown.
      file: the file it is from, relative to the repository's root, such as "docs/index.md".
      address: the page in the site, relative to its root, such as "index.md".

    Returns:
      The text in which each relative link to a page of the site leads there. Others stay, and a
      strict build refuses them.
    """
    known = pages()

    def turn(match):
        target, mark, anchor = match[2].partition("#")
        if not target or re.match(r"[a-z]+:", target):
            return match[0]
        path = posixpath.normpath(posixpath.join(posixpath.dirname(file), target))
        goal = path.removeprefix("docs/") if path.startswith("docs/") else known.get(path)
        if goal and (ROOT / "docs" / goal).is_dir():
            goal = f"{goal}/index.md"
        if goal is None:
            return match[0]
        turned = posixpath.relpath(goal, posixpath.dirname(address) or ".")
        return f"{match[1]}{turned}{mark}{anchor}{match[3]}"

    parts = _FENCE.split(text)  # every second one is code
    return "".join(part if i % 2 else _LINK.sub(turn, part) for i, part in enumerate(parts))


def _cell(cell):
    source = "".join(cell["source"])
    return source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```"
