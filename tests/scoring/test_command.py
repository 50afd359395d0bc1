"""`bin/score` as a user calls it: a run, its export, photos, exit codes."""

import csv
import json

import numpy as np
import pytest

from tests.helpers import ROOT, command, command_here, small_flow
from tests.scoring import made
from tfflowgan.scoring import models, reference, score_images
from tfflowgan.serving import saved_model

pytestmark = pytest.mark.slow

SMALL = ("--flow=nice", "--width=8", "--layers=1", "--couplings=2", "--batch_size=8", "--epochs=2")


def usual(count, seed=0):
    """Photos of one brightness each."""
    random = np.random.default_rng(seed)
    plain = random.integers(60, 160, (count, 1, 1, 3))
    return (plain + random.integers(0, 20, (count, *made.SHAPE))).astype(np.uint8)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder with photos, a run trained on them, and its export."""
    folder = tmp_path_factory.mktemp("scoring")
    made.write(folder / "photos", usual(40))
    made.write(folder / "new" / "good", usual(6, seed=1))
    made.write(folder / "new" / "defect", made.pixels(6, seed=2))
    done = command_here(
        *("train", "--dataset=image_folder", f"--data_dir={folder / 'photos'}", "--image_size=8"),
        *(*SMALL, f"--run={folder / 'run'}", f"--output={folder / 'model'}"),
    )
    assert done.returncode == 0, done.stderr
    return folder


def score(*arguments, model="run", images="new", place, **kwargs):
    paths = [f"--model={place / model}", f"--images={place / images}"]
    return command_here("score", *paths, *arguments, **kwargs)


def rows(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_run_and_its_export_give_the_same_table(place, tmp_path):
    kept = place / "model" / "1" / "assets.extra" / "scoring.npz"
    (in_run,) = (place / "run" / "results").glob("scoring-reference-*.npz")
    assert kept.read_bytes() == in_run.read_bytes()
    for model in ("run", "model"):
        done = score(f"--output={tmp_path / model}.csv", model=model, place=place)
        assert done.returncode == 0, done.stderr
        assert "12 images scored" in done.stdout and "of 8 held-out images" in done.stdout
        assert "empty" not in done.stdout
    assert (tmp_path / "run.csv").read_bytes() == (tmp_path / "model.csv").read_bytes()
    found = rows(tmp_path / "run.csv")
    assert len(found) == 12 and "unusual" not in found[0] and found[0]["flag"] in ("true", "false")
    in_memory = score_images(place / "model", made.pixels(6, seed=2))
    shown = [float(row["bits_per_dim"]) for row in found[:6]]
    np.testing.assert_allclose(shown, in_memory["bits_per_dim"], atol=1e-6)


def test_a_broken_file_is_exit_code_3(place, tmp_path):
    made.write(tmp_path / "photos", usual(3))
    (tmp_path / "photos" / "broken.jpg").write_bytes(b"no picture")
    arguments = (f"--images={tmp_path / 'photos'}", "--output=scores.csv")
    done = command_here("score", f"--model={place / 'model'}", *arguments, cwd=tmp_path)
    assert done.returncode == 3 and "broken.jpg" in done.stderr
    assert len(rows(tmp_path / "scores.csv")) == 3
    assert [r["path"] for r in rows(tmp_path / "scores.errors.csv")] == [
        str(tmp_path / "photos" / "broken.jpg")
    ]


def test_two_folders_are_compared_and_maps_are_drawn(place, tmp_path):
    done = score(
        *(f"--unusual={place / 'new' / 'defect'}", f"--output={tmp_path / 'scores.csv'}"),
        *(f"--maps={tmp_path / 'maps'}", "--maps_of=all", "--score=complexity"),
        images="new/good",
        place=place,
    )
    assert done.returncode == 0, done.stderr
    assert "Maps of likelihood" in done.stdout and "because complexity has none" in done.stdout
    found = json.loads((tmp_path / "scores.json").read_text())
    assert found["counts"] == {"usual": 6, "unusual": 6}
    assert found["score"] == {"name": "complexity", "fixed_beforehand": True}
    assert found["threshold"]["held_out"] == 8
    table = rows(tmp_path / "scores.csv")
    assert [row["unusual"] for row in table] == ["0"] * 6 + ["1"] * 6
    assert (tmp_path / "scores.png").exists() and (tmp_path / "scores.sheet.png").exists()
    assert len(list((tmp_path / "maps" / "unusual").iterdir())) == 6


def test_a_model_without_a_reference_says_how_to_get_one(tmp_path):
    flow = small_flow("nice", made.SHAPE, logit_alpha=0.05)
    saved_model.export(flow, tmp_path / "model")
    made.write(tmp_path / "photos", usual(2))
    arguments = ("score", "--model=model", "--images=photos", "--output=scores.csv")
    done = command_here(*arguments, cwd=tmp_path)
    assert done.returncode == 0 and "bin/export --run=RUN --scoring" in done.stdout, done.stderr
    assert {row["flag"] for row in rows(tmp_path / "scores.csv")} == {""}


def test_an_export_copies_the_reference_or_leaves_it_out(place, tmp_path):
    kept = (place / "model" / "1" / "assets.extra" / models.ASSET).read_bytes()
    for flag, expected in ((f"--model={place / 'model'}", kept), (f"--run={place / 'run'}", kept)):
        done = command_here("export", flag, f"--output={tmp_path / 'again'}")
        assert done.returncode == 0, done.stderr
        version = max((tmp_path / "again").iterdir())
        assert (version / "assets.extra" / models.ASSET).read_bytes() == expected
    done = command_here(
        "export", f"--run={place / 'run'}", "--noscoring", f"--output={tmp_path / 'bare'}"
    )
    assert done.returncode == 0 and models.copied_assets(tmp_path / "bare") == {}


def test_the_reference_of_a_run_is_measured_once_for_its_settings(place, monkeypatch):
    calls = []
    measured = reference.from_splits
    monkeypatch.setattr(models, "from_splits", lambda *a, **k: calls.append(1) or measured(*a, **k))
    run = place / "run"
    assert models.load(run).reference.draws == 8 and not calls
    assert models.load(run, draws=2).reference.draws == 2 and len(calls) == 1
    assert models.load(run, draws=2).reference and len(calls) == 1
    assert models.load(run, seed=1, draws=2).reference.seed == 1 and len(calls) == 2


def test_a_run_whose_photos_are_gone_says_so(place, tmp_path):
    found = models.load(place / "run", draws=3, data_dir=str(tmp_path / "nowhere"))
    assert found.reference is None and "nowhere" in found.missing


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ((), "--model is missing"),
        (("--model=.",), "--images is missing"),
        (("--model=nowhere", "--images=."), "--model=nowhere"),
        (("--model=MODEL", "--images=nowhere"), "--images=nowhere"),
        (("--model=MODEL", "--images=NEW", "--output=scores.txt"), "--output=scores.txt"),
        (("--model=MODEL", "--images=NEW", "--score=nothing"), "--score=nothing"),
        (("--model=MODEL", "--images=NEW", "--threshold=101"), "--threshold=101"),
        (("--model=MODEL", "--images=NEW", "--frames=some"), "--frames=some"),
        (("--model=MODEL", "--images=NEW", "--maps_of=all"), "--maps_of=all"),
        (("--model=MODEL", "--images=NEW", "--maps=m", "--maps_of=some"), "--maps_of=some"),
        (("--model=MODEL", "--images=NEW", "--maps=NEW/good/maps"), "--maps=NEW/good/maps lies in"),
        (
            (
                "--model=MODEL",
                "--images=NEW/good",
                "--unusual=NEW/defect",
                "--output=NEW/good/a.csv",
            ),
            "--output=NEW/good/a.csv lies in --images=NEW/good",
        ),
        (("--model=MODEL", "--images=NEW", "--draws=5"), "--draws=5 differs from 8"),
        (("--model=MODEL", "--images=NEW", "--data_dir=."), "--data_dir=."),
    ],
)
def test_what_cannot_be_is_one_sentence(place, tmp_path, arguments, match):
    for word, path in (("MODEL", place / "model"), ("NEW", place / "new")):
        arguments = [a.replace(word, str(path)) for a in arguments]
        match = match.replace(word, str(path))
    done = command_here("score", *arguments, cwd=tmp_path)
    assert done.returncode == 1 and match in done.stderr, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_help_needs_no_tensorflow_and_names_the_scores():
    done = command("score", "--help", cwd=ROOT)
    assert done.returncode == 0 and "likelihood" in done.stdout and "complexity" in done.stdout
    assert len(done.stdout.splitlines()) < 40
