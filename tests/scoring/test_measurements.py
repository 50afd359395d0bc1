"""What a flow says of images: the same in every batch, and equal to its log-density."""

import numpy as np
import pytest

from tests.helpers import quick_first
from tests.scoring import made
from tfflowgan import units
from tfflowgan.errors import UserError
from tfflowgan.flows import dequantized_draws
from tfflowgan.scoring.measurements import Batch, Measure, content_seeds


@pytest.mark.parametrize("name", quick_first(["nice", "nvp", "real_nvp"]))
def test_bits_per_dim_are_those_of_the_flow(name):
    measure, images = made.measure(name, dtype="float64"), made.pixels(4)
    noisy = dequantized_draws(images, content_seeds(images), 3, "float64")
    log_probs = measure.flow.log_prob(noisy).numpy().reshape(4, 3)
    batch = Batch(measure, images)
    np.testing.assert_allclose(batch.log_probs, log_probs, rtol=1e-10)
    bits = units.bits_per_dim(log_probs, 192)
    np.testing.assert_allclose(batch.bits_per_dim, bits.mean(axis=1))
    np.testing.assert_allclose(batch.standard_error, bits.std(axis=1, ddof=1) / 3**0.5)


@pytest.mark.parametrize("name", quick_first(["nice", "nvp", "real_nvp"]))
def test_the_terms_of_an_image_add_up_to_its_nll(name):
    measure, images = made.measure(name), made.pixels(3)
    noisy = dequantized_draws(images, content_seeds(images), 3, "float32")
    nll = -measure.flow.log_prob(noisy).numpy().reshape(3, 3)
    total = Batch(measure, images).terms.sum(axis=(2, 3, 4))
    np.testing.assert_allclose(total, nll, rtol=1e-5, atol=1e-3)


def test_the_numbers_of_an_image_are_the_same_in_any_batch_and_order():
    measure, images = made.measure("nvp"), made.pixels(5)
    whole = Batch(measure, images).log_probs
    np.testing.assert_array_equal(Batch(measure, images[::-1]).log_probs, whole[::-1])
    np.testing.assert_array_equal(Batch(measure, images[2:3]).log_probs, whole[2:3])


def test_the_noise_is_of_the_pixels_and_the_seed():
    images = made.pixels(3)
    seeds = content_seeds(images)
    assert len({*seeds}) == 3 and (content_seeds(images[[0, 0]]) == seeds[0]).all()
    assert not {*content_seeds(images, seed=1)} & {*seeds}


def test_batches_hold_one_pass_at_a_time():
    measure = made.measure()
    made_so_far, most = 0, 0

    def images():
        nonlocal made_so_far
        for pixels in made.pixels(3 * measure.size + 1, (2, 2, 3)):
            made_so_far += 1
            yield pixels

    seen = 0
    for batch in measure.batches(images()):
        most = max(most, made_so_far - seen)
        seen += len(batch)
    assert seen == 3 * measure.size + 1 and most == measure.size


def test_a_pass_of_large_images_has_fewer_of_them():
    sizes = [made.measure("nice", shape).size for shape in ((4, 4, 1), (64, 64, 3))]
    assert sizes == [64, 16]  # of at most 256 // 3 and 2**20 // 12288 // 3


@pytest.mark.parametrize(("name", "value"), [("draws", 0), ("seed", -1), ("seed", 2**31)])
def test_settings_out_of_range_are_refused(name, value):
    with pytest.raises(UserError, match=f"--{name}={value}"):
        Measure(made.measure().flow, **{name: value})


def test_a_single_draw_has_no_standard_error():
    batch = Batch(made.measure(draws=1), made.pixels(2))
    assert np.isnan(batch.standard_error).all() and np.isfinite(batch.bits_per_dim).all()
