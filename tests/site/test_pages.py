"""Pages lead somewhere, show commands that exist, and are short; pictures have words and fit."""

import re
import shlex
import tomllib
import xml.etree.ElementTree as ElementTree

import pytest
from markdown.extensions.toc import slugify

import tfflowgan
from docs.generate import commands, presets
from tests.helpers import ROOT

FOLDERS = (".github", "docs", "papers", "saved_models", "typings")  # not git: an archive has none
FILES = [*ROOT.glob("*.md"), *(path for name in FOLDERS for path in (ROOT / name).rglob("*.md"))]
PAGES = sorted(path.relative_to(ROOT).as_posix() for path in FILES)
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


def test_every_page_of_the_documentation_is_linked_from_another():
    linked = set()
    for name in PAGES:
        for target in re.findall(r"\]\(([^)\s#]+)", _prose(name)):
            file = ((ROOT / name).parent / target).resolve()
            linked |= {file} - {ROOT / name}
    alone = [n for n in WRITTEN if n.startswith("docs/") and (ROOT / n).resolve() not in linked]
    assert alone == ["docs/index.md"]


@pytest.mark.parametrize("name", PAGES)
def test_links_to_generated_pages_say_that_these_are_on_the_site(name):
    found = re.findall(r"\]\(([^)\s]+)\)(.{,15})", _prose(name), re.S)
    bare = [
        target
        for target, after in found
        if any(part in target for part in GENERATED)
        and not re.match(r",?\s\(?on\s+the\s+site", after)
    ]
    assert not bare


def test_pages_that_programs_and_notebooks_name_are_there():
    sources = [p for d in ("tfflowgan", "papers", "bin", "examples") for p in (ROOT / d).rglob("*")]
    read = [p for p in sources if p.suffix in (".py", ".ipynb", ".sh", "") and p.is_file()]
    named = {page for p in read for page in re.findall(r"\bdocs/[\w/]+\.md", p.read_text())}
    assert len(named) > 2 and not [page for page in named if not (ROOT / page).exists()]


@pytest.mark.parametrize("name", WRITTEN)
def test_commands_have_the_flags_that_pages_show(name):
    wrong = []
    for shown, rest in _commands((ROOT / name).read_text()):
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


def _commands(text):
    """Every command in a page with what follows it, also of those that "&&", ";" or a bar join."""
    joined = re.sub(r"\\\n\s*", " ", text)
    parts = re.split(r"&&|\||;|\n", joined)
    return [
        found
        for part in parts
        for found in re.findall(r"bin/(\w+)((?:[ \t]+(?!bin/)[^`]*?)?)(?=`|$|\sbin/)", part)
    ]


def _words(rest):
    """The words of one command, up to a comment."""
    rest = re.split(r"\s#", rest)[0]
    try:
        return shlex.split(rest)
    except ValueError:  # an apostrophe of prose
        return rest.split()


def _is_known(word, known):
    flag = re.match(r"--(\w+)", word)
    if not flag or flag[1] in ("help", "helpfull", *known):
        return True
    return flag[1].startswith("no") and known.get(flag[1][2:]) is bool


def test_commands_are_found_wherever_they_stand_in_a_line():
    text = "`bin/a --x`, bin/b --y bin/c\nbin/d \\\n  --z && bin/e --v; bin/f | `bin/g --w`"
    assert [(name, rest.split()) for name, rest in _commands(text)] == [
        *[("a", ["--x"]), ("b", ["--y"]), ("c", []), ("d", ["--z"])],
        *[("e", ["--v"]), ("f", []), ("g", ["--w"])],
    ]


def test_the_pages_of_every_folder_are_looked_at():
    some = {"README.md", "docs/index.md", "papers/full_scale.md", "docs/results/README.md"}
    assert some < set(PAGES) and len(WRITTEN) > 40


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


@pytest.mark.parametrize("name", ["README.md", "docs/start/first-model.md", "docs/guides/train.md"])
def test_the_environment_is_activated_before_the_first_command(name):
    before, _, rest = (ROOT / name).read_text().partition("source .venv/bin/activate")
    assert rest and "```python" not in before
    assert not re.search(r"^ +bin/", before, re.M)


def test_the_quickstart_ends_with_how_to_go_on():
    quickstart = (ROOT / "Makefile").read_text().partition("\nquickstart:")[2].partition("\n\n")[0]
    assert "source $(BIN)/activate" in quickstart.splitlines()[-1]


def test_one_version_stands_wherever_a_release_names_it():
    citation = (ROOT / "CITATION.cff").read_text()
    (version,) = re.findall(r"^version: (.+)$", citation, re.M)
    (date,) = re.findall(r"^date-released: (.+)$", citation, re.M)
    released = re.findall(r"^## (\d\S+) \((.+)\)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    assert released[0] == (version, date)
    assert version == tfflowgan.__version__
    readme = (ROOT / "README.md").read_text()
    assert re.findall(r"^  version += \{(.+)\},$", readme, re.M) == [version]
    assert re.findall(r"^\| tfflowgan (\S+) ", readme, re.M) == [version]


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
