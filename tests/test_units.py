"""Units of density."""

import numpy as np
import pytest

from tfflowgan import units


def test_the_uniform_density_is_eight_bits_per_dim():
    assert units.bits_per_dim(0.0, 784) == 8.0


@pytest.mark.parametrize(
    "nats, dims, bits", [(3334.56, 784, 1.864), (1604.09, 784, 5.05), (3342.95, 784, 1.848)]
)
def test_flow_gan_table_1_converts_to_its_bits_per_dim(nats, dims, bits):
    assert units.bits_per_dim(nats, dims) == pytest.approx(bits, abs=2e-3)


def test_code_length_is_bits_per_dim_times_dims_in_nats():
    assert units.code_length(100.0, 784) == pytest.approx(
        units.bits_per_dim(100.0, 784) * 784 * np.log(2.0)
    )


def test_quantize_undoes_dequantize_in_float32():
    pixels = np.tile(np.arange(256), (1000, 1)).astype(np.float32)
    noise = np.random.default_rng(0).uniform(size=pixels.shape).astype(np.float32)
    noise[0], noise[1] = 0.0, units.NOISE_LIMIT
    images = units.dequantize(pixels, np.minimum(noise, np.float32(units.NOISE_LIMIT)))
    assert images.dtype == np.float32 and images.min() == 0.0 and images.max() < 1.0
    np.testing.assert_array_equal(units.quantize(images), pixels)


def test_quantize_clips():
    np.testing.assert_array_equal(units.quantize(np.array([-1.0, 0.0, 1.0, 7.0])), [0, 0, 255, 255])
