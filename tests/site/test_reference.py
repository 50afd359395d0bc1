"""Reference pages have everything that the code has; the glossary and the tables of files too."""

import json
import re

import pytest

import tfflowgan
from docs.generate import api, commands, presets, signatures, tables
from tests.helpers import ROOT, command_here
from tfflowgan import plugins

METRICS = sorted((ROOT / "docs" / "results").rglob("metrics.jsonl"))
HOME_TERMS = (
    "artefact",
    "bits/dim",
    "burst",
    "critic",
    "dequantized",
    "distance",
    "flow",
    "hybrid",
    "made defects",
    "MODE score",
    "monitor",
    "NLL",
    "own samples",
    "preset",
    "program",
    "round",
    "run",
    "snapshot",
    "temperature",
    "typicality",
)


def _first_column(page):
    rows = re.findall(r"^\| (.+?) \|", (ROOT / "docs" / page).read_text(), re.M)
    return [row for row in rows if set(row) != set("-")]


@pytest.mark.parametrize("name", commands.names())
def test_the_page_of_a_command_has_every_flag_of_its_help(name):
    done = command_here(name, "--helpfull")
    assert done.returncode == 0
    help_shows = re.findall(r"^  --(?:\[no\])?(\w+)", done.stdout, re.M)
    page_has = re.findall(r"^\| `--(?:\[no\])?(\w+)` \|", commands.page(name), re.M)
    assert page_has == help_shows and len(set(page_has)) == len(page_has) > 2


def test_the_page_of_programs_has_every_argument():
    page = commands.portable_page()
    listed = commands.portable_parser().format_help().partition("options:")[2]
    flags = [flag for flag in re.findall(r"^  .*?(--\w+)", listed, re.M) if flag != "--help"]
    assert re.findall(r"^\| `(--\w+)` \|", page, re.M) == flags and "`PROGRAM`" in page


@pytest.mark.parametrize(
    ("kind", "page"),
    [
        ("datasets", "guides/train.md"),
        ("flows", "guides/train.md"),
        ("flows", "concepts/flows.md"),
        ("generators", "guides/train.md"),
        ("critics", "guides/train.md"),
        ("critics", "concepts/critics.md"),
        ("objectives", "guides/train.md"),
        ("objectives", "concepts/objectives.md"),
        ("evaluation", "guides/evaluation.md"),
        ("scoring/scores", "guides/scoring.md"),
        ("avb/encoders", "guides/avb.md"),
        ("avb/discriminators", "guides/avb.md"),
    ],
)
def test_a_page_has_every_choice(kind, page):
    text = (ROOT / "docs" / page).read_text()
    wanted = {"arrays"}  # what `tfflowgan.fit` is given, and no value of a flag
    missing = [n for n in plugins.names(kind) if f"`{n}`" not in text and n not in wanted]
    assert plugins.names(kind) and not missing


def test_the_page_of_presets_has_every_setting_with_its_source():
    page = presets.page()
    files = (ROOT / "tfflowgan" / "presets").glob("[!_]*.py")
    assert re.findall(r"^## (\w+)$", page, re.M) == sorted(path.stem for path in files)
    section = page.partition("\n## photos\n")[2].partition("\n## ")[0]
    settings = plugins.load("presets", "photos", "preset").PRESET
    assert re.findall(r"^\| `(\w+)` \|", section, re.M) == list(settings)
    assert "| `width` | `16` | ours |" in section
    shared = page.partition("\n## nice_mnist_hybrid\n")[2].partition("\n## ")[0]
    assert "| `critic_steps` | `5` | Flow-GAN's code |" in shared  # said where it is shared


def test_every_public_name_has_a_page():
    expected = {f"tfflowgan.{name}" for name in tfflowgan.__all__ if name != "__version__"}
    assert set(api.names()) == expected | {"tfflowgan.client"}
    assert all(f"`{name}`" in api.index() for name in api.names())


@pytest.mark.slow
def test_every_signature_is_in_both_tables():
    import tensorflow as tf

    model = tf.saved_model.load(ROOT / "saved_models" / "nice_mnist_mle_small" / "2")
    found = signatures.signatures()
    assert set(found) == {*model.signatures, "score_encoded"}  # which later exports have
    for name, served in model.signatures.items():
        inputs, outputs = found[name]
        assert set(inputs) == set(served.structured_input_signature[1])
        assert set(outputs) == set(served.structured_outputs)
    assert found["bits_per_dim"][0] == {"images": "uint8 [B, H, W, C]", "seeds": "int64 [B]"}
    said = {cell.strip("`") for cell in _first_column("reference/signatures.md")}
    assert set(found) - {"serving_default"} <= said
    _is_filled("docs/reference/signatures.md")


def _is_filled(name):
    assert (ROOT / name).read_text() == tables.fill(name), "run: python -m docs.generate.tables"


def test_the_table_of_columns_is_that_of_the_code():
    _is_filled("docs/reference/files.md")


@pytest.mark.parametrize("name", commands.names())
def test_no_command_offers_what_only_python_gives(name):
    texts = [flag.help for flag in commands.command(name).flags if flag.name == "dataset"]
    assert not [text for text in texts if re.search(r"\barrays\b", text)]


def test_the_glossary_has_the_words_of_this_project_in_order():
    words = _first_column("concepts/glossary.md")[1:]
    assert words == sorted(words, key=str.lower)
    single = {word.lower() for cell in words for word in (cell, *cell.split(", "))}
    scores = plugins.names("scoring/scores")
    assert not [term for term in (*HOME_TERMS, *scores) if term.lower() not in single]


@pytest.mark.parametrize("path", METRICS, ids=lambda path: path.parent.name)
def test_every_column_of_the_metrics_is_explained(path):
    known = set(re.findall(r"`(\w+)`", "\n".join(_first_column("reference/files.md"))))
    columns = {key for line in path.read_text().splitlines() for key in json.loads(line)}
    assert columns and not columns - known
