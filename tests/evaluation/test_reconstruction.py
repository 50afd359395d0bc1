"""Partial reconstructions."""

import json

import keras
import numpy as np
import pytest

from tests.helpers import quick_first, random_images, small_flow, synthetic_splits
from tfflowgan.errors import UserError
from tfflowgan.evaluation import reconstruction
from tfflowgan.evaluation.reconstruction import kept_latents, reconstruct


@pytest.mark.parametrize("name", quick_first(["nice", "nvp"]))
def test_keeping_all_latents_gives_the_image_back_and_keeping_none_a_sample(name):
    flow, images = small_flow(name, dtype="float64"), random_images((4, 4, 1))
    np.testing.assert_allclose(
        reconstruct(flow, images, kept_latents("all", 16)), images, atol=1e-9
    )
    np.testing.assert_allclose(
        reconstruct(flow, images, np.zeros(16, bool), seed=5), flow.sample(4, 5), atol=1e-12
    )


@pytest.mark.slow
def test_kept_latents_stay_and_the_others_are_drawn():
    flow, images = small_flow("nvp", dtype="float64", logit_alpha=None), random_images((4, 4, 1))
    keep = np.random.default_rng(0).random((4, 16)) < 0.5  # a mask an image
    found = flow.encode(reconstruct(flow, images, keep, seed=2)).numpy()
    drawn = flow.encode(flow.sample(4, 2)).numpy()
    np.testing.assert_allclose(found, np.where(keep, flow.encode(images), drawn), atol=1e-9)


def test_parts_name_latents():
    def where(part):
        return np.flatnonzero(kept_latents(part, 16)).tolist()

    assert where("first") == list(range(8)) and where("second") == list(range(8, 16))
    assert where("all") == where("1.0") == list(range(16)) and where("0") == []
    assert where("0.25") == [0, 1, 2, 3] and where("3:5") == [3, 4]


@pytest.mark.slow
def test_the_result_has_a_row_for_each_part():
    keras.utils.set_random_seed(
        0
    )  # a picture is clipped: a flow whose pixels saturate could not be scored by it
    flow, splits = small_flow("nvp", dtype="float64"), synthetic_splits(20)
    result = reconstruction.evaluate(
        flow, splits, split="test", keep="first, second,0,all", reconstructions=6
    )
    arrays = result.pop("arrays")
    images, columns = result.pop("pictures")["grid"]
    assert images.shape == (5 * 6, 4, 4, 1) and columns == result["count"] == 6
    assert 0 <= images.min() and images.max() <= 1
    np.testing.assert_allclose(images[:6] * 256, splits.test.images[:6] + 0.5, atol=0.51)
    np.testing.assert_allclose(images[-6:], images[:6], atol=1e-6)
    np.testing.assert_allclose(images[18:24], flow.sample(6, 0), atol=1e-6)
    for row, part in enumerate(result["keep"], start=1):
        errors = np.square(images[6 * row : 6 * row + 6] - images[:6]).mean(axis=(1, 2, 3))
        assert part["mean_squared_error"]["value"] == pytest.approx(errors.mean(), abs=1e-6)
        assert part["log_prob"]["value"] == pytest.approx(
            flow.log_prob(images[6 * row : 6 * row + 6]).numpy().mean(), rel=1e-3
        )
    assert [part["kept"] for part in result["keep"]] == [8, 8, 0, 16]
    for name, part in zip(("first", "second", "0", "all"), result["keep"], strict=True):
        values = np.sort(arrays[name])
        assert values.mean() == pytest.approx(part["log_prob"]["value"])
        assert part["median_log_prob"] == {
            "value": values[2],  # of six
            "interval": [values[0], values[5]],
            "count": 6,
        }
    assert result["all_kept"]["greatest_error"] < 1e-9
    json.dumps(result, allow_nan=False)


def test_a_median_is_of_all_images_and_a_picture_of_ten():
    flow, splits = small_flow("nice", dtype="float64"), synthetic_splits(20)
    result = reconstruction.evaluate(flow, splits, reconstructions=12)
    images, columns = result["pictures"]["grid"]
    assert columns == 10 and len(images) == 30 and result["count"] == 12
    assert {len(values) for values in result["arrays"].values()} == {12}
    np.testing.assert_allclose(images[:10] * 256, splits.validation.images[:10] + 0.5, atol=0.51)


def test_the_median_orders_what_is_not_finite():
    values = np.array([np.nan, 1.0, 2.0, -np.inf, 3.0])
    assert reconstruction._median(values)["value"] == 1.0
    assert reconstruction._median(np.array([np.nan, -np.inf, 3.0]))["value"] is None


@pytest.mark.slow
def test_results_do_not_depend_on_how_many_are_reconstructed_at_once(monkeypatch):
    flow, splits = small_flow("nice", dtype="float64"), synthetic_splits(20)
    whole = reconstruction.evaluate(flow, splits, reconstructions=7)["keep"]
    monkeypatch.setattr(reconstruction, "_BATCH", 3)
    parts = reconstruction.evaluate(flow, splits, reconstructions=7)["keep"]
    for a, b in zip(whole, parts, strict=True):
        assert (a["keep"], a["kept"]) == (b["keep"], b["kept"])
        for name in ("mean_squared_error", "log_prob"):
            assert a[name] == {key: pytest.approx(v, rel=1e-9) for key, v in b[name].items()}


@pytest.mark.slow
def test_bad_input_is_refused():
    flow, splits = small_flow("nvp"), synthetic_splits(20)
    for bad in ("third", "1.5", "-0.1", "nan", "8:4", "4:4", "0:17", "1:2:3", ""):
        with pytest.raises(UserError, match=f"--keep={bad} .*0:16"):
            reconstruction.evaluate(flow, splits, keep=bad)
    with pytest.raises(UserError, match=r"keep.*\(3, 16\).*\(16,\).*\(4, 16\)"):
        reconstruct(flow, random_images((4, 4, 1)), np.ones((3, 16), bool))
    with pytest.raises(UserError, match="keep.*float64"):
        reconstruct(flow, random_images((4, 4, 1)), np.ones(16))
    flow.networks[0].layers[-1].bias.assign([np.nan, 0.0])
    with pytest.raises(UserError, match="float32.*--dtype=float64"):
        reconstruction.evaluate(flow, splits)
