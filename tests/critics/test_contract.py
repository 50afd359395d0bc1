"""What holds for every critic, found by listing the folder."""

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import perturb, random_images
from tfflowgan import critics, plugins
from tfflowgan.errors import UserError

each_critic = pytest.mark.parametrize("name", plugins.names("critics"))
SHAPES = [(28, 28, 1), (32, 32, 3), (64, 64, 3), (7, 5, 2), (4, 4, 1), (3, 3, 1)]


@each_critic
@pytest.mark.parametrize("shape", SHAPES)
def test_any_image_size_gives_one_score_an_image(name, shape):
    critic = critics.build(name, shape, width=4)
    assert critic(random_images(shape, 3, dtype="float32"), training=True).shape == (3,)


@each_critic
@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
def test_every_weight_gets_a_gradient(name, norm):
    critic = perturb(critics.build(name, (16, 16, 1), norm=norm, width=4, dtype="float64"))
    images = random_images((16, 16, 1), 8)
    with tf.GradientTape() as tape:
        extra = images[:5] if isinstance(critic, critics.ConditionalCritic) else None
        loss = tf.reduce_mean(
            tf.square(critics.condition_on(critic, extra)(images, training=True) - np.arange(8))
        )
    for weight, gradient in zip(
        critic.trainable_variables, tape.gradient(loss, critic.trainable_variables), strict=True
    ):
        # a bias before batch normalization moves nothing
        assert gradient is not None and (norm == "batch" or np.abs(gradient).max() > 0), weight.path


@each_critic
@pytest.mark.parametrize("norm", ["layer", "none"])
def test_without_batch_norm_a_score_is_of_its_image_alone(name, norm):
    critic = critics.build(name, (16, 16, 1), norm=norm, width=4, dtype="float64")
    images = random_images((16, 16, 1), 8)
    np.testing.assert_allclose(
        critic(images, training=True)[:2], critic(images[:2], training=True), rtol=1e-9
    )


@each_critic
def test_with_batch_norm_it_is_not(name):
    critic = critics.build(name, (16, 16, 1), norm="batch", width=4, dtype="float64")
    images = random_images((16, 16, 1), 8)
    assert (
        np.abs(critic(images, training=True)[:2] - critic(images[:2], training=True)).max() > 1e-8
    )


@each_critic
def test_batch_norm_under_a_gradient_penalty_is_refused(name):
    with pytest.raises(UserError, match="--critic_norm=batch .*--critic_norm=layer"):
        critics.build(name, (16, 16, 1), norm="batch", penalized=True)
    assert critics.options(name, penalized=True)["norm"] != "batch"
    critics.build(name, (16, 16, 1), penalized=True, width=4)


def test_dcgan_is_the_papers():
    critic = critics.build("dcgan", (32, 32, 3))
    convolutions = [
        layer for layer in critic.layers if "conv" in layer.name or layer.name == "last"
    ]
    assert [layer.kernel.shape for layer in convolutions] == [
        (4, 4, 3, 64),
        (4, 4, 64, 128),
        (4, 4, 128, 256),
        (4, 4, 256, 1),
    ]
    assert not any(layer.use_bias for layer in convolutions)
    norms = [layer for layer in critic.layers if "norm" in layer.name]
    assert [layer.epsilon for layer in norms] == [1e-5, 1e-5]
    gammas = np.concatenate([layer.gamma.numpy() for layer in norms])
    assert abs(gammas.mean() - 1.0) < 0.005 and 0.015 < gammas.std() < 0.025
    assert 0.019 < np.std(convolutions[2].kernel) < 0.021
    low, high = (critic.get_layer("rescale")(tf.fill([1, 32, 32, 3], v)) for v in (0.0, 1.0))
    assert float(tf.reduce_min(low)) == -1.0 and float(tf.reduce_max(high)) == 1.0


def test_dcgan_halves_28_to_4():
    critic = critics.build("dcgan", (28, 28, 1))
    assert [layer.output.shape[1] for layer in critic.layers if layer.name.startswith("relu")] == [
        14,
        7,
        4,
    ]


def test_flow_gans_critics_have_the_published_size():
    assert (
        round(critics.build("flowgan_mnist", (28, 28, 1), penalized=True).count_params() / 1e6, 1)
        == 3.2
    )
    assert (
        round(critics.build("flowgan_cifar10", (32, 32, 3), penalized=True).count_params() / 1e6, 1)
        == 4.3
    )


def test_an_unknown_normalization_is_refused():
    with pytest.raises(UserError, match="--critic_norm=instance .*batch, layer, none"):
        critics.build("dcgan", (8, 8, 1), norm="instance")
