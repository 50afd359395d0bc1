"""Folders to tables: rows, errors, going on, memory."""

import csv
import os
import pickle
import sys

import numpy as np
import pytest
from PIL import Image

from tests.scoring import made
from tfflowgan.client import read_images
from tfflowgan.errors import UserError
from tfflowgan.scoring import folders, score_images
from tfflowgan.scoring.folders import score_folders
from tfflowgan.scoring.measurements import Batch
from tfflowgan.scoring.rows import Scorer, Settings, judged


@pytest.fixture
def photos(tmp_path):
    made.write(tmp_path / "photos" / "good", made.pixels(5))
    made.write(tmp_path / "photos" / "defect", made.pixels(2, seed=9))
    return tmp_path / "photos"


def scorer(model=None, **settings):
    return Scorer(Settings("made", **settings), model or made.model())


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def run(photos, output, **arguments):
    settings = {k: arguments.pop(k) for k in ("frames", "score") if k in arguments}
    return score_folders(scorer(**settings), {"images": photos}, output, **arguments)


def test_a_row_has_the_numbers_of_the_images_in_memory(photos, tmp_path):
    scored = run(photos, tmp_path / "scores.csv")
    rows = table(tmp_path / "scores.csv")
    assert [r["path"] for r in rows] == sorted(str(p) for p in photos.rglob("*.png"))
    assert (scored.rows, scored.errors, scored.errors_path) == (7, 0, None)
    pixels = np.concatenate([made.pixels(2, seed=9), made.pixels(5)])
    model = made.model()
    found = score_images(model.measure.flow, pixels, reference=model.reference)
    assert tuple(rows[0]) == ("path", *found) == scored.columns
    for name, values in found.items():
        shown = [r[name] for r in rows]
        if name == "flag":
            assert shown == [str(bool(v)).lower() for v in values]
        else:
            np.testing.assert_allclose(np.array(shown, float), values, atol=5e-7)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["photos", "scores.csv"]


def test_parquet_has_the_same_values(photos, tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    run(photos, tmp_path / "scores.parquet")
    run(photos, tmp_path / "scores.csv")
    found = parquet.read_table(tmp_path / "scores.parquet")
    rows = table(tmp_path / "scores.csv")
    assert found.column_names == list(rows[0])
    assert found["path"].to_pylist() == [r["path"] for r in rows]
    np.testing.assert_allclose(
        found["typicality"], [float(r["typicality"]) for r in rows], atol=1e-6
    )
    assert {str(found.schema.field("flag").type), str(found.schema.field("path").type)} == {
        "bool",
        "string",
    }


def test_files_that_cannot_be_read_are_listed_and_the_others_have_their_rows(
    photos, tmp_path, caplog
):
    caplog.set_level("INFO", "tfflowgan")
    (photos / "good" / "broken.png").write_bytes(b"no picture")
    (photos / "good" / "notes.txt").write_text("left out")
    scored = run(photos, tmp_path / "scores.csv")
    assert (scored.rows, scored.errors) == (7, 1)
    assert scored.errors_path == tmp_path / "scores.errors.csv"
    (error,) = table(scored.errors_path)
    assert error["path"].endswith("broken.png") and "not an image" in error["reason"]
    assert "broken.png" in caplog.text and ".txt" in caplog.text
    (photos / "good" / "broken.png").unlink()
    run(photos, tmp_path / "scores.csv")
    assert not scored.errors_path.exists()


def test_frames_are_rows_or_refused(tmp_path):
    frames = [Image.fromarray(p) for p in made.pixels(3)]
    (tmp_path / "photos").mkdir()
    path = tmp_path / "photos" / "a.gif"
    frames[0].save(path, save_all=True, append_images=frames[1:])
    run(tmp_path / "photos", tmp_path / "scores.csv")
    assert [r["path"] for r in table(tmp_path / "scores.csv")] == [f"{path}#{i}" for i in (1, 2, 3)]
    scored = run(tmp_path / "photos", tmp_path / "scores.csv", frames="refuse")
    assert (scored.rows, scored.errors) == (0, 1)
    assert "--frames=refuse" in table(scored.errors_path)[0]["reason"]
    pixels = scorer().image(f"{path}#3")
    assert pixels.shape == made.SHAPE and (pixels != scorer().image(f"{path}#1")).any()


def test_images_become_the_models_as_the_client_makes_them(tmp_path, caplog):
    caplog.set_level("INFO", "tfflowgan")
    grey = made.write(tmp_path / "a", made.pixels(1, (20, 12, 1)))
    colour = made.write(tmp_path / "b", made.pixels(1, (9, 30, 3)))
    for paths, shape in ((grey, made.SHAPE), (colour, (8, 8, 1))):
        one = scorer(made.model(shape=shape))
        found = one.pixels(paths[0])
        np.testing.assert_array_equal(found, read_images(paths, shape))
        score_folders(one, {"images": paths[0].parent}, tmp_path / "scores.csv")
    assert "1 grey" in caplog.text and "1 images in colour became grey" in caplog.text


class Killed(Exception):
    """Stands for the end of a process."""


def killed_after(count, how=Killed):
    def engine(scorer, chunks):
        for i, chunk in enumerate(chunks):
            if i == count:
                raise how
            yield scorer(chunk)

    return engine


def counting(calls):
    def engine(scorer, chunks):
        for chunk in chunks:
            calls.append(len(chunk))
            yield scorer(chunk)

    return engine


def test_an_interrupted_table_goes_on_and_is_the_same_in_the_end(
    photos, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr(folders, "CHUNK", 2)
    whole, again = tmp_path / "whole.csv", tmp_path / "again.csv"
    run(photos, whole)
    with pytest.raises(KeyboardInterrupt):
        run(photos, again, engine=killed_after(3, KeyboardInterrupt))
    part = tmp_path / "again.csv.part"
    assert part.exists() and not again.exists() and str(part) in caplog.text
    with part.open("ab") as file:
        file.write(b'{"rows": [{"pa')  # a line that was being written
    calls = []
    run(photos, again, engine=counting(calls))
    assert calls == [1] and again.read_bytes() == whole.read_bytes() and not part.exists()


@pytest.mark.parametrize("what", ["file", "threshold", "weights"])
def test_what_has_changed_is_scored_anew(photos, tmp_path, monkeypatch, caplog, what):
    monkeypatch.setattr(folders, "CHUNK", 2)
    output = tmp_path / "scores.csv"
    with pytest.raises(Killed):
        run(photos, output, engine=killed_after(3))
    one = scorer()
    if what == "file":
        os.utime(photos / "good" / "000.png", (1, 1))
    elif what == "threshold":
        one = scorer(threshold=90.0)
    else:
        one = scorer(made.model("nvp"))
    calls = []
    score_folders(one, {"images": photos}, output, engine=counting(calls))
    assert calls == [2, 2, 2, 1] and f"{output}.part" in caplog.text


def test_memory_does_not_grow_with_the_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(folders, "CHUNK", 8)
    model, live, most = made.model(), set(), {}

    class Counted(np.ndarray):
        def __del__(self):
            live.discard(id(self))

    def read_(self, path):
        found = np.zeros(made.SHAPE, np.uint8).view(Counted)
        live.add(id(found))
        most[count] = max(most.get(count, 0), len(live))
        return [found], {}

    monkeypatch.setattr(Scorer, "_read", read_)
    monkeypatch.setattr(model.measure, "size", 4)

    def zeros(images):
        terms = np.zeros((len(images), 3, *made.SHAPE))
        return {"log_probs": np.zeros((len(images), 3)), "terms": terms, "latents": terms}

    monkeypatch.setattr(model.measure, "run", zeros)
    for count in (40, 160):
        made.write(tmp_path / str(count), made.pixels(count))
        score_folders(scorer(model), {"images": tmp_path / str(count)}, tmp_path / "scores.csv")
    assert most[160] <= most[40] + 2 <= 24


def test_without_a_reference_what_needs_one_is_empty(photos, tmp_path):
    from tfflowgan.scoring.models import Model

    bare = Model(made.measure(), None, "no reference")
    scored = score_folders(scorer(bare), {"images": photos}, tmp_path / "scores.csv")
    row = table(tmp_path / "scores.csv")[0]
    empty = {name for name, value in row.items() if value == ""}
    assert {"percentile", "typicality", "flag"} <= empty and scored.flagged is None
    assert row["bits_per_dim"] and row["complexity"]


def test_flags_are_above_the_quantile_of_held_out_images(photos, tmp_path):
    run(photos, tmp_path / "scores.csv", score="likelihood")
    limit = np.quantile(made.model().reference.held_out["likelihood"], 0.99, method="inverted_cdf")
    for row in table(tmp_path / "scores.csv"):
        assert row["flag"] == str(float(row["bits_per_dim"]) > limit).lower()


def test_a_scorer_can_be_sent_to_another_process():
    sent = pickle.loads(pickle.dumps(scorer(threshold=90.0)))
    assert sent.settings == scorer(threshold=90.0).settings and "model" not in vars(sent)


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"output": "scores.txt"}, "--output=.*scores.txt.*.csv or .parquet"),
        ({"output": "nowhere/scores.csv"}, "--output=.*nowhere"),
        ({"images": "nowhere"}, "--images=.*nowhere"),
        ({"images": "empty"}, "--images=.*empty"),
        ({"unusual": "photos/good"}, "--unusual=.*good.*--images=.*photos"),
    ],
)
def test_what_cannot_be_is_refused(photos, tmp_path, arguments, match):
    (tmp_path / "empty").mkdir()
    output = tmp_path / arguments.pop("output", "scores.csv")
    both = {"images": "photos"} | arguments
    with pytest.raises(UserError, match=match):
        score_folders(scorer(), {k: tmp_path / v for k, v in both.items()}, output)


@pytest.mark.parametrize(("name", "value"), [("score", "nothing"), ("threshold", 100.0)])
def test_settings_are_checked(name, value):
    with pytest.raises(UserError, match=f"--{name}="):
        Settings("made", **{name: value})


@pytest.mark.skipif(sys.platform != "linux", reason="names that are not text need Linux")
@pytest.mark.parametrize("ending", ["csv", "PARQUET"])
def test_names_that_are_not_text_have_rows(tmp_path, ending):
    (path,) = made.write(tmp_path / "photos", made.pixels(1))
    os.rename(path, os.fsencode(path.with_name("latin")) + b"\xe9.png")
    output = tmp_path / f"scores.{ending}"
    assert run(tmp_path / "photos", output).rows == 1
    if ending == "csv":
        assert b"latin\xe9.png" in output.read_bytes()
    else:
        parquet = pytest.importorskip("pyarrow.parquet")
        assert parquet.read_table(output)["path"].to_pylist()[0].endswith("latin\\xe9.png")


def test_what_is_not_a_number_is_flagged():
    model = made.model()
    batch = Batch(model.measure, made.pixels(2))
    vars(batch)["_values"] = model.measure.run(batch.images) | {
        "log_probs": np.full((2, 3), np.nan)
    }
    assert judged(batch, model, "likelihood", 99.0)["flag"].tolist() == [True, True]
