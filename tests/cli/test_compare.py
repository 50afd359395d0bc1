"""`bin/compare`: two sets of images."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.helpers import command
from tfflowgan.cli import compare as cli
from tfflowgan.errors import UserError
from tfflowgan.evaluation import compare
from tfflowgan.images.sets import read_sets

FEW = ["--critics=2", "--critic_updates=30", "--critic_readings=10", "--critic_batch=8"]


def _images(count, seed, shift=0, shape=(8, 8, 1)):
    return (np.random.default_rng(seed).integers(0, 156, (count, *shape)) + shift).astype(np.uint8)


def _folder(path, images):
    path.mkdir()
    for i, pixels in enumerate(images):
        Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(path / f"{i}.png")
    return path


class _Classifier:
    """Two classes by brightness, and every pixel a feature."""

    name, digest = "brightness/1", "0" * 64

    def outputs(self, images):
        bright = np.clip(images.reshape(len(images), -1).mean(axis=1) / 255, 0, 1)
        return {
            "probabilities": np.stack([bright, 1 - bright], axis=1),
            "features": images.reshape(len(images), -1) / 255.0,
        }


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    path = tmp_path_factory.mktemp("folders")
    sets = {"real": _images(80, 0), "holdout": _images(60, 1), "generated": _images(80, 2, 60)}
    sets |= {
        "small": _images(20, 3),
        "wide": _images(20, 4, shape=(8, 9, 1)),
        "colour": _images(20, 5, shape=(8, 8, 3)),
    }
    return {name: _folder(path / name, images) for name, images in sets.items()}


@pytest.mark.slow
def test_a_comparison_is_a_table_and_a_file(folders, tmp_path):
    flags = [f"--{name}={folders[name]}" for name in ("real", "generated", "holdout")]
    done = command("compare", *flags, *FEW, "--seed=3", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    result = json.loads((tmp_path / "compare.json").read_text())
    assert result["counts"] == {"real": 80, "generated": 80, "holdout": 60} and result[
        "image_shape"
    ] == [8, 8, 1]
    assert (
        result["critic"]["updates"] == 30
        and result["critic"]["readings"] == 5
        and result["seed"] == 3
    )
    assert result["scores"] is None and "--classifier" in done.stdout
    assert len(result["critic"]["seeds"]) == len(result["gap"]["critics"]) == 2
    for name in ("real", "holdout"):
        assert result["distances"][name]["interval"][0] > 0
        assert f"{result['distances'][name]['value']:.4f}" in done.stdout
    assert result["gap"]["value"] == pytest.approx(
        result["distances"]["holdout"]["value"] - result["distances"]["real"]["value"]
    )
    assert result["format"] == 2
    assert result["provenance"]["packages"]["tensorflow"] and result["folders"]["real"] == str(
        folders["real"]
    )


@pytest.mark.slow
def test_scores_are_of_equally_many_images_and_include_those_of_perfect_samples():
    images = {"real": _images(90, 0), "generated": _images(70, 1, 60), "holdout": _images(60, 2)}
    options = {"critics": 1, "critic_updates": 2, "critic_readings": 2, "critic_batch": 8}
    scores = compare(images, _Classifier(), **options)["scores"]
    assert scores["count"] == 60 and set(scores["inception_score"]) == set(images)
    assert (
        set(scores["fid"])
        == set(scores["kid"])
        == {"generated, real", "generated, holdout", "real, holdout"}
    )
    assert scores["fid"]["generated, real"] > 2 * scores["fid"]["real, holdout"]
    assert scores["fid"]["generated, real"] > 64 * (60 / 255) ** 2 * 0.8  # the shift's part
    near, far = (scores["kid"][pair] for pair in ("real, holdout", "generated, holdout"))
    assert abs(near["value"]) < 4 * near["standard_error"] < far["value"]
    assert compare(images, None, **options)["scores"] is None


def test_images_are_read_that_the_critic_was_not_trained_on(monkeypatch):
    seen = {}

    def measure(real, parts, generated, **_):
        seen.update(real=real, parts=parts, generated=generated)
        return {name: np.zeros(2) for name in parts}, np.ones(4)

    monkeypatch.setattr("tfflowgan.evaluation._independent_critic.measure", measure)
    images = {
        name: np.arange(40, dtype=np.uint8).reshape(40, 1, 1, 1) for name in ("real", "generated")
    }
    result = compare(images, critic_batch=8)
    assert result["gap"] is None
    assert len(result["critic"]["seeds"]) == 3
    for train, read in ((seen["real"], seen["parts"]["real"]), seen["generated"]):
        assert len(train) == len(read) == 20 and sorted([*train.ravel(), *read.ravel()]) == list(
            range(40)
        )


def test_too_few_images_are_refused():
    images = {"real": _images(40, 0), "generated": _images(31, 1)}
    with pytest.raises(UserError, match=r"--generated\b.*\b31 images.*\b32\b.*--critic_batch=8"):
        compare(images, critic_batch=8)
    images = {"real": _images(40, 0), "generated": _images(40, 1), "holdout": _images(15, 2)}
    with pytest.raises(UserError, match=r"--holdout\b.*\b15 images.*\b16\b.*--critic_batch=8"):
        compare(images, critic_batch=8)
    with pytest.raises(UserError, match=r"--classifier\b.*\b20 images.*\b16\b"):
        compare(
            {"real": _images(16, 0), "generated": _images(16, 1)},
            _Classifier(),
            critic_updates=1,
            critic_readings=2,
            critic_batch=4,
        )


@pytest.mark.parametrize(
    "flags, sentence",
    [
        ({"real": None}, "--real "),
        ({"generated": None}, "--generated "),
        ({"generated": "nowhere"}, "--generated=nowhere"),
        ({"generated": "empty"}, "empty has no image files"),
        ({"generated": "wide"}, "--real=.*8x8.*--generated=.*wide.*9x8.*--image_size"),
        ({"holdout": "colour"}, "--real=.*--holdout=.*colour"),
        ({"real": "small"}, r"--real\b.*\b20 images.*\b256\b"),
        ({"critic_batch": 1}, "--critic_batch=1"),
        ({"seed": -1}, "--seed=-1"),
        ({"output": "/nowhere/a.json"}, "--output=/nowhere/a.json"),
        ({"classifier": "nowhere"}, "--classifier=nowhere"),
    ],
)
def test_bad_flags_are_refused(flags, sentence, folders, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    values = (
        {flag.name: flag.default for flag in cli._ROWS}
        | {"real": "real", "generated": "generated"}
        | flags
    )
    values |= {
        name: str(folders[values[name]])
        for name in ("real", "generated", "holdout")
        if values[name] in folders
    }
    with pytest.raises(UserError, match=sentence):
        cli._compare(values)
    assert not (tmp_path / "compare.json").exists()


def test_image_size_makes_images_of_one_size_comparable(folders):
    images = read_sets({"real": folders["real"], "generated": folders["wide"]}, 4)
    assert images["real"].shape == (80, 4, 4, 1) and images["generated"].shape == (20, 4, 4, 1)
