"""Pages lead somewhere, show commands that exist, and are short; pictures have words and fit."""

import re
import shlex
import subprocess
import tomllib
import xml.etree.ElementTree as ElementTree

import pytest
from markdown.extensions.toc import slugify

import tfflowgan
from docs.generate import commands, presets
from tests.helpers import ROOT

TRACKED = subprocess.run(
    ["git", "ls-files", "-co", "--exclude-standard", "*.md"],
    cwd=ROOT,
    capture_output=True,
    text=True,
).stdout.split()
PAGES = [name for name in TRACKED if not name.startswith("tests/") and (ROOT / name).exists()]
WRITTEN = [name for name in PAGES if not name.startswith("docs/results/")]
SHORT = [name for name in PAGES if name.startswith(("docs/guides/", "docs/concepts/"))]
LINES = 155  # three screens
GENERATED = ("reference/commands/", "reference/python/", "reference/presets.md")
FENCED = re.compile(r"^```.*?^```", re.M | re.S)


def _prose(name):
    return re.sub(r"`[^`\n]*`", "`", FENCED.sub("", (ROOT / name).read_text()))


def _anchors(path):
    titles = re.findall(r"^#+ (.+)$", FENCED.sub("", path.read_text()), re.M)
    plain = [re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).replace("`", "") for title in titles]
    return {slugify(title, "-") for title in plain}


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_to_files_and_headings(name):
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", _prose(name)):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target) or any(part in path for part in GENERATED):
            continue
        file = (ROOT / name).parent / path if path else ROOT / name
        if not file.exists() or (anchor and anchor not in _anchors(file)):
            broken.append(target)
    assert not broken


def test_pages_that_programs_and_notebooks_name_are_there():
    sources = [p for d in ("tfflowgan", "papers", "bin", "examples") for p in (ROOT / d).rglob("*")]
    read = [p for p in sources if p.suffix in (".py", ".ipynb", ".sh", "") and p.is_file()]
    named = {page for p in read for page in re.findall(r"\bdocs/[\w/]+\.md", p.read_text())}
    assert len(named) > 2 and not [page for page in named if not (ROOT / page).exists()]


@pytest.mark.parametrize("name", WRITTEN)
def test_commands_have_the_flags_that_pages_show(name):
    wrong = []
    for shown, rest in re.findall(r"bin/(\w+)((?:[ \t]+(?!bin/)[^\n`]*)?)", _shell(name)):
        if shown not in commands.names():
            continue
        declared = commands.command(shown)
        known = {flag.name: flag.type for flag in declared.flags} | dict.fromkeys(declared.renamed)
        for word in _words(rest):
            if word.startswith("--") and not _is_known(word, known):
                wrong.append(f"bin/{shown} {word}")
            if word.startswith("--preset=") and word[9:] not in (*presets.names(), "NAME"):
                wrong.append(f"bin/{shown} {word}")
    assert not wrong


def _shell(name):
    """The page, with lines that end in a backslash joined."""
    return re.sub(r"\\\n\s*", " ", (ROOT / name).read_text())


def _words(rest):
    """The words of one command: up to a comment, a table's bar, or what joins commands."""
    rest = re.split(r"\s#|&&|\||;", rest)[0]
    try:
        return shlex.split(rest)
    except ValueError:  # an apostrophe of prose
        return rest.split()


def _is_known(word, known):
    flag = re.match(r"--(\w+)", word)
    if not flag or flag[1] in ("help", "helpfull", *known):
        return True
    return flag[1].startswith("no") and known.get(flag[1][2:]) is bool


@pytest.mark.parametrize("name", WRITTEN)
def test_pictures_have_alternative_texts(name):
    texts = re.findall(r"!\[([^\]]*)\]\(", _prose(name))
    short = [text for text in texts if len(text) < 5 and not name.endswith("measurements.md")]
    assert not short


@pytest.mark.parametrize("name", SHORT)
def test_guides_and_concepts_fit_three_screens_and_have_one_title(name):
    text = (ROOT / name).read_text()
    assert len(text.splitlines()) <= LINES
    assert len(re.findall(r"^# ", FENCED.sub("", text), re.M)) == 1


def test_the_readme_is_one_page():
    assert len((ROOT / "README.md").read_text().splitlines()) <= 90


def test_one_version_stands_in_the_package_the_citation_and_the_changelog():
    citation = (ROOT / "CITATION.cff").read_text()
    (version,) = re.findall(r"^version: (.+)$", citation, re.M)
    (date,) = re.findall(r"^date-released: (.+)$", citation, re.M)
    released = re.findall(r"^## (\d\S+) \((.+)\)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert released[0] == (version, date)
    assert version == tfflowgan.__version__
    assert f"version = {{{version}}}" in (ROOT / "README.md").read_text()


def test_texts_fit_the_boxes_of_the_layers_picture():
    svg = ElementTree.parse(ROOT / "docs" / "layers.svg").getroot()
    space = {"svg": "http://www.w3.org/2000/svg"}
    boxes = {}
    for box in svg.findall("svg:rect", space)[1:]:
        x, y, w = (float(box.get(key)) for key in ("x", "y", "width"))
        boxes[x + w / 2, y] = w
    texts = svg.findall("svg:text", space)
    assert len(texts) == 2 * len(boxes)
    for text in texts:
        x, y = float(text.get("x")), float(text.get("y"))
        width = min(
            w for (middle, top), w in boxes.items() if abs(middle - x) < 2 and 0 < y - top < 44
        )
        letter = 8.2 if text.get("font-weight") else 6.0  # pixels, as wide fonts have them
        assert len(text.text) * letter <= width + 1, text.text
    (contract,) = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    names = {name.strip() for layer in contract["layers"] for name in layer.split("|")}
    drawn = {text.text for text in texts if text.get("font-weight")}
    assert drawn == {name.removeprefix("tfflowgan.") for name in names}
