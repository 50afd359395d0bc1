"""Critics in training: updates, clipping, readings."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import perturb, random_images
from tfflowgan import critics, flows, generators, objectives
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.optimizer import RMSprop

SHAPE = (4, 4, 1)


def _linear():
    start = keras.Input(SHAPE, dtype="float64")
    flat = keras.layers.Flatten(dtype="float64")(start)
    scores = keras.layers.Dense(1, use_bias=False, dtype="float64")(flat)
    return keras.Model(start, keras.layers.Reshape((), dtype="float64")(scores))


def _generator():
    return perturb(flows.build("nice", SHAPE, width=6, layers=1, dtype="float64", logit_alpha=None))


def _batch(updates, distinct=None, seed=0):
    generator = np.random.default_rng(seed)
    distinct = distinct or updates
    return {
        "real": tf.constant(generator.uniform(size=(8, distinct, *SHAPE))),
        "latents": tf.constant(generator.normal(size=(8, distinct, 16))),
        "mix": tf.constant(generator.uniform(size=(8, updates))),
    }


def test_an_update_climbs_the_distance():
    critic, generator, batch = _linear(), _generator(), _batch(1)
    before = np.array(critic.trainable_variables[0])[:, 0]
    trainer = CriticTrainer(
        critic, objectives.build("wgan", clip_weights=10.0).adversary, keras.optimizers.SGD(0.1)
    )
    reports = trainer.update(generator, batch)
    real = batch["real"][:, 0].numpy().reshape(8, 16).mean(axis=0)
    generated = generator.generate(batch["latents"][:, 0]).numpy().reshape(8, 16).mean(axis=0)
    np.testing.assert_allclose(
        np.array(critic.trainable_variables[0])[:, 0], before + 0.1 * (real - generated), rtol=1e-6
    )
    np.testing.assert_allclose(reports["distance"], (real - generated) @ before, rtol=1e-6)
    np.testing.assert_allclose(reports["critic_loss"], -reports["distance"])
    np.testing.assert_allclose(
        reports["critic_gradient_norm"], np.linalg.norm(real - generated), rtol=1e-6
    )


def test_a_round_is_its_updates_one_after_another():
    def train(batches):
        keras.utils.set_random_seed(0)
        trainer = CriticTrainer(
            critics.build("dcgan", SHAPE, width=4, dtype="float64"),
            objectives.build("gan").adversary,
            keras.optimizers.SGD(0.1),
        )
        for batch in batches:
            trainer.update(generator, batch)
        return trainer.critic.get_weights()

    generator, batch = _generator(), _batch(3)
    single = [{name: value[:, i : i + 1] for name, value in batch.items()} for i in range(3)]
    for a, b in zip(train([batch]), train(single), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9)


def test_one_column_of_images_serves_all_updates():
    seen = []

    class Adversary(objectives.Adversary):
        def critic_loss(self, critic, real, generated, mix):
            seen.append([v.numpy() for v in (real, generated, mix)])
            return tf.reduce_sum(critic(real)), tf.constant(0.0)

    batch = _batch(3, distinct=1)
    CriticTrainer(_linear(), Adversary(), keras.optimizers.SGD(0.1)).update(_generator(), batch)
    assert len(seen) == 3
    for i, (real, generated, mix) in enumerate(seen):
        np.testing.assert_array_equal(real, batch["real"][:, 0])
        np.testing.assert_array_equal(generated, seen[0][1])
        np.testing.assert_array_equal(mix, batch["mix"][:, i])


def test_all_weights_are_clipped_from_the_start_on():
    critic = critics.build("dcgan", (16, 16, 1), width=8)
    trainer = CriticTrainer(
        critic, objectives.build("wgan").adversary, RMSprop(0.05, rho=0.99, epsilon=1e-8)
    )
    generator = perturb(flows.build("nice", (16, 16, 1), width=6, layers=1))

    def largest():
        return {weight.path: np.abs(weight).max() for weight in critic.trainable_variables}

    assert any("gamma" in path for path in largest())
    assert all(value <= np.float32(0.01) for value in largest().values())
    batch = {
        "real": random_images((16, 16, 1), 8, dtype="float32")[:, None],
        "latents": tf.random.stateless_normal([8, 1, 256], (1, 2)),
        "mix": tf.zeros([8, 1]),
    }
    before = critic.get_weights()
    for _ in range(3):
        trainer.update(generator, batch)
    assert all(value <= np.float32(0.01) for value in largest().values())
    assert any(
        np.abs(a - b).max() > 1e-4 for a, b in zip(before, critic.get_weights(), strict=True)
    )


def test_a_linear_critic_under_clipping_reaches_clip_times_the_1_norm():
    trainer = CriticTrainer(
        _linear(), objectives.build("wgan", clip_weights=0.5).adversary, keras.optimizers.SGD(100.0)
    )
    generator, batch = _generator(), _batch(1)
    for _ in range(20):
        trainer.update(generator, batch)
    difference = (
        batch["real"][:, 0].numpy().mean(axis=0).ravel()
        - generator.generate(batch["latents"][:, 0]).numpy().mean(axis=0).ravel()
    )
    np.testing.assert_allclose(
        trainer.distance(generator, batch), 0.5 * np.abs(difference).sum(), rtol=1e-6
    )


def test_an_update_leaves_the_generator():
    generator = _generator()
    before = generator.get_weights()
    CriticTrainer(_linear(), objectives.build("wgan").adversary, keras.optimizers.SGD(0.1)).update(
        generator, _batch(2)
    )
    for a, b in zip(before, generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_rmsprop_divides_by_the_root_plus_epsilon():
    weight = keras.Variable(np.array([1.0, -2.0, 3.0]), dtype="float64")
    optimizer = RMSprop(0.1, rho=0.9, epsilon=1e-3)
    optimizer.build([weight])
    expected, velocity = np.array([1.0, -2.0, 3.0]), np.zeros(3)
    for gradient in (np.array([1e-6, 0.5, -2.0]), np.array([2e-6, -0.1, 1.0])):
        optimizer.apply([tf.constant(gradient)], [weight])
        velocity = 0.9 * velocity + 0.1 * gradient**2
        expected = expected - 0.1 * gradient / (np.sqrt(velocity) + 1e-3)
    np.testing.assert_allclose(weight, expected, rtol=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["wgan", "gan", "lsgan"])
def test_training_a_critic_makes_the_distance_grow(name):
    generator, batch = _generator(), _batch(1)
    adversary = objectives.build(name).adversary
    keras.utils.set_random_seed(1)
    critic = critics.build("dcgan", SHAPE, norm="none", width=8, dtype="float64")
    trainer = CriticTrainer(critic, adversary, keras.optimizers.Adam(1e-3))
    first = float(trainer.distance(generator, batch))
    for _ in range(30):
        trainer.update(generator, batch)
    assert float(trainer.distance(generator, batch)) > first


@pytest.mark.parametrize("kind", ["nice", "dcgan"])
def test_running_statistics_of_the_generator_are_left_alone_too(kind):
    if kind == "nice":
        generator = perturb(
            flows.build(
                "nice", SHAPE, width=6, layers=1, batch_norm=True, dtype="float64", logit_alpha=None
            )
        )
    else:
        generator = perturb(generators.build("dcgan", SHAPE, width=4, dtype="float64"))
    before = generator.get_weights()
    assert generator.non_trainable_variables
    trainer, batch = (
        CriticTrainer(_linear(), objectives.build("wgan").adversary, keras.optimizers.SGD(0.1)),
        _batch(2),
    )
    trainer.update(generator, batch)
    tf.function(trainer.update)(generator, batch)
    trainer.distance(generator, batch)
    for a, b in zip(before, generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    generator.generate(batch["latents"][:, 0], training=True)
    assert any(
        np.abs(a - b).max() > 0 for a, b in zip(before, generator.get_weights(), strict=True)
    )


def test_a_hybrids_running_statistics_are_those_of_the_data():
    def after(name):
        tf.random.set_seed(0)
        flow = perturb(
            flows.build("nice", SHAPE, width=6, layers=1, batch_norm=True, dtype="float64")
        )
        flow.set_weights(
            [np.full(w.shape, 0.1 * i % 0.7) for i, w in enumerate(flow.get_weights())]
        )
        batch = {
            "images": random_images(SHAPE, 8),
            "latents": tf.random.stateless_normal([8, 16], (1, 2), dtype=tf.float64),
        }
        objectives.build(
            name, **({"adversary": "wgan"} if name == "hybrid" else {})
        ).generator_loss(flow, _linear(), batch)
        return flow.non_trainable_variables

    for a, b in zip(after("mle"), after("hybrid"), strict=True):
        np.testing.assert_allclose(a, b)


@pytest.mark.parametrize("bad", [0, 1, 2])
def test_a_loss_that_is_not_finite_shows_whichever_update_it_was(bad):
    batch = _batch(3)
    real = batch["real"].numpy()
    real[0, bad] = np.nan
    trainer = CriticTrainer(
        _linear(), objectives.build("wgan").adversary, keras.optimizers.SGD(0.1)
    )
    assert not np.isfinite(
        trainer.update(_generator(), batch | {"real": tf.constant(real)})["critic_loss"]
    )
    assert np.isfinite(trainer.update(_generator(), batch)["critic_loss"])
