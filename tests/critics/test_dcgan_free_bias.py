"""The control for the fast learning critic: DCGAN's with a bias that is a free parameter."""

import keras
import numpy as np
import pytest

from tests.helpers import perturb, random_images, small_flow
from tfflowgan import critics, objectives
from tfflowgan.critics import dcgan
from tfflowgan.training.critic_trainer import CriticTrainer

SHAPE = (8, 8, 1)


def test_it_begins_as_dcgans_with_the_same_weights():
    critic = critics.build("dcgan_free_bias", SHAPE, width=4, dtype="float64")
    plain = critics.build("dcgan", SHAPE, width=4, dtype="float64")
    bias = critic.get_layer("free_bias").bias
    perturb(critic)
    plain.set_weights([np.array(w) for w in critic.weights if w is not bias])
    bias.assign(np.zeros(bias.shape))
    images = random_images(SHAPE, 4)
    np.testing.assert_allclose(
        critic(images, training=True), plain(images, training=True), rtol=1e-12
    )
    assert critic.count_params() == plain.count_params() + 4 * 4 * 4


@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (7, 5, 2), (4, 4, 1), (3, 3, 1)])
def test_its_bias_has_the_shape_of_the_fast_learning_critics_embedding(shape):
    fast = critics.build("fast_learning", shape, width=4)
    assert dcgan.bias_shape(shape, 4) == fast.embedding.output_shape


def test_only_its_bias_is_free_and_learns():
    critic = critics.build("dcgan_free_bias", SHAPE, width=4, norm="none", dtype="float64")
    perturb(critic, 0.3)
    bias = critic.get_layer("free_bias").bias
    before = np.array(bias)
    trainer = CriticTrainer(
        critic, objectives.build("wgan", clip_weights=0.05).adversary, keras.optimizers.SGD(0.1)
    )
    np.testing.assert_array_equal(bias, before)
    generator = small_flow("nice", SHAPE, dtype="float64")
    batch = {
        "real": random_images(SHAPE, 6).numpy().reshape(6, 1, *SHAPE),
        "latents": np.random.default_rng(0).standard_normal((6, 1, generator.dims)),
        "mix": np.zeros((6, 1)),
    }
    trainer.update(generator, batch)
    others = [w for w in critic.trainable_variables if w is not bias]
    assert max(np.abs(w).max() for w in others) <= 0.05 < np.abs(bias).max()
    assert np.abs(np.array(bias) - before).max() > 0


def test_it_comes_back_from_its_configuration():
    critic = perturb(critics.build("dcgan_free_bias", SHAPE, width=4))
    again = keras.Model.from_config(critic.get_config())
    again.set_weights(critic.get_weights())
    images = random_images(SHAPE, 3, dtype="float32")
    np.testing.assert_allclose(again(images, training=True), critic(images, training=True))
