"""Critics in bfloat16: their scores, losses, penalties and weights are in float32."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import perturb, random_images
from tfflowgan import critics, objectives, plugins
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.optimizer import Adam
from tfflowgan.training.resolve import resolve
from tfflowgan.training.train import train

SHAPE = (16, 16, 1)
each_critic = pytest.mark.parametrize("name", plugins.names("critics"))


class _Opponent:
    """A generator whose images are its latents."""

    image_shape, dims, dtype = SHAPE, 256, "float32"

    def generate_untracked(self, latents):
        return tf.sigmoid(tf.reshape(latents, [-1, *SHAPE]))


def _batch(name, size=8):
    generator = np.random.default_rng(0)
    latents = generator.standard_normal((size, 1, 256)).astype(np.float32)
    batch = {"real": random_images(SHAPE, size, dtype="float32")[:, None], "latents": latents}
    batch["mix"] = generator.random((size, 2)).astype(np.float32)
    return batch | ({"extra": latents[::-1]} if name == "fast_learning" else {})


@each_critic
@pytest.mark.parametrize("norm", ["batch", "layer", "none"])
def test_a_critic_in_bfloat16_gives_float32_scores_near_those_of_float32(name, norm):
    options = {"norm": norm, "width": 4}
    full = perturb(critics.build(name, SHAPE, **options))
    half = critics.build(name, SHAPE, dtype="mixed_bfloat16", **options)
    half.set_weights(full.get_weights())
    assert all(weight.dtype == "float32" for weight in half.weights)
    images = random_images(SHAPE, 8, dtype="float32")
    extra = images[:5] if isinstance(half, critics.ConditionalCritic) else None
    scores, exact = (
        critics.condition_on(critic, extra)(images, training=True) for critic in (half, full)
    )
    assert scores.dtype == tf.float32
    assert 0 < np.abs(scores - exact).max() < 0.1 * (np.abs(exact).max() + 1)
    rounded = tf.cast(tf.cast(scores, tf.bfloat16), tf.float32)
    assert np.any(scores != rounded)  # the last layer's own precision


@pytest.mark.slow
@each_critic
@pytest.mark.parametrize("objective", ["wgan", "wgan_gp", "kl"])
def test_its_losses_and_gradients_are_float32_and_finite(name, objective):
    built = objectives.build(objective)
    critic = critics.build(
        name, SHAPE, width=4, dtype="mixed_bfloat16", penalized=objective == "wgan_gp"
    )
    before = critic.get_weights()
    trainer = CriticTrainer(critic, built.adversary, Adam(1e-3))
    step = tf.function(lambda batch: trainer.update(_Opponent(), batch))
    reports = step({name: tf.constant(value) for name, value in _batch(name).items()})
    assert all(value.dtype == tf.float32 and np.isfinite(value) for value in reports.values())
    assert any((a != b).any() for a, b in zip(before, critic.get_weights(), strict=True))
    distance = trainer.distance(_Opponent(), _batch(name))
    assert distance.dtype == tf.float32


def test_scores_of_a_critic_of_ones_own_are_cast():
    images = keras.Input(SHAPE)
    flat = keras.layers.Flatten(dtype="mixed_bfloat16")(images)
    scores = keras.layers.Dense(1, dtype="mixed_bfloat16")(flat)
    critic = keras.Model(images, keras.layers.Reshape((), dtype="mixed_bfloat16")(scores))
    assert critic(random_images(SHAPE, 2, dtype="float32")).dtype == tf.bfloat16
    trainer = CriticTrainer(critic, objectives.build("wgan_gp").adversary, Adam(1e-3))
    reports = trainer.update(_Opponent(), _batch("own"))
    assert reports["critic_loss"].dtype == tf.float32


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"objective": "mle"}, "--critic_dtype does not apply to --objective=mle"),
        ({"objective": "wgan", "dtype": "float64"}, "--critic_dtype=mixed_bfloat16 .*float64"),
    ],
)
def test_what_does_not_go_together_is_refused(settings, sentence):
    with pytest.raises(UserError, match=sentence):
        resolve(Config(flow="nice", critic_dtype="mixed_bfloat16", **settings))


@pytest.mark.slow
def test_a_run_with_a_critic_in_bfloat16(tmp_path):
    tiny = {"data_source": "embedded", "flow": "nice", "width": 8, "layers": 1, "couplings": 2}
    tiny |= {"limit": 60, "batch_size": 20, "steps": 2, "critic_width": 4, "critic_steps": 2}
    config = resolve(Config(**tiny, objective="wgan_gp", critic_dtype="mixed_bfloat16"))
    end = train(config, tmp_path / "run", None)
    assert end["step"] == 2
