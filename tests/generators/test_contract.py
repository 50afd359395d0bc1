"""What holds for every generator without a density, found by listing the folder."""

import numpy as np
import pytest
import tensorflow as tf

import tfflowgan
from tests.helpers import perturb
from tfflowgan import generators, plugins
from tfflowgan.errors import UserError

each_generator = pytest.mark.parametrize("name", plugins.names("generators"))


@each_generator
@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (7, 5, 2), (4, 4, 1)])
def test_samples_have_the_images_shape_and_range(name, shape):
    generator = generators.build(name, shape, width=4)
    images = generator.sample(3, seed=1)
    assert images.shape == (3, *shape) and generator.dims == np.prod(shape)
    assert 0.0 <= float(tf.reduce_min(images)) and float(tf.reduce_max(images)) <= 1.0


@each_generator
def test_each_image_depends_on_its_seed_alone(name):
    generator = perturb(generators.build(name, (8, 8, 1), width=4, dtype="float64"))
    np.testing.assert_allclose(
        generator.sample(3, seed=5), generator.sample(7, seed=5)[:3], rtol=1e-12
    )
    assert np.abs(generator.sample(1, seed=5) - generator.sample(1, seed=6)).max() > 1e-6


@each_generator
def test_every_variable_gets_a_gradient_that_is_not_zero(name):
    generator = perturb(generators.build(name, (8, 8, 1), width=4, dtype="float64"))
    latents = tf.random.stateless_normal([8, 64], (1, 2), dtype=tf.float64)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(generator.generate(latents, training=True) - 0.3))
    for variable, gradient in zip(
        generator.trainable_variables,
        tape.gradient(loss, generator.trainable_variables),
        strict=True,
    ):
        assert gradient is not None and np.abs(gradient).max() > 0, variable.path


@each_generator
@pytest.mark.parametrize("method", ["log_prob", "encode", "sample_and_log_prob"])
def test_asking_for_a_density_says_why_there_is_none(name, method):
    generator = generators.build(name, (8, 8, 1), width=4)
    assert not generator.has_density
    with pytest.raises(UserError, match=f"--generator={name} .*log_prob"):
        getattr(generator, method)(tf.zeros([1, 8, 8, 1]))


@pytest.mark.slow
@each_generator
def test_it_survives_export_and_serves_samples(name, tmp_path):
    generator = perturb(generators.build(name, (8, 8, 1), width=4))
    version = tfflowgan.export(generator, tmp_path / "model")
    loaded = tf.saved_model.load(str(version))
    np.testing.assert_allclose(loaded.sample(4, seed=3), generator.sample(4, seed=3), atol=1e-6)
    assert set(loaded.signatures) == {"sample", "serving_default"} and not hasattr(
        loaded, "log_prob"
    )
    np.testing.assert_array_equal(
        tfflowgan.load(tmp_path / "model").sample(4, seed=3), generator.sample(4, seed=3)
    )


def test_an_unknown_option_is_refused():
    with pytest.raises(UserError, match=r"--levels .*--generator=dcgan.*\bwidth\b"):
        generators.build("dcgan", (8, 8, 1), levels=2)
