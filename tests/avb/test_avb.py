"""The variational auto-encoder: its bound, its two ways of training, and going on after a kill."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import perturb, synthetic_split, synthetic_splits
from tfflowgan import plugins
from tfflowgan.avb import fit, measure
from tfflowgan.avb.discriminators import Discriminator
from tfflowgan.avb.model import AVB
from tfflowgan.datasets import binary_batches, binary_images, encoder_noise
from tfflowgan.errors import UserError

SETTINGS = {
    "latents": 2,
    "encoder": "real_nvp",
    "discriminator": "none",
    "watch": [],
    "width": 8,
    "learning_rate": 1e-3,
    "epochs": 2,
    "settle_epochs": 0,
    "batch_size": 16,
    "discriminator_steps": 2,
    "seed": 0,
}
SHAPE = (4, 4, 1)


def _model(seed=0, **changed):
    keras.utils.set_random_seed(seed)
    model = fit.build(SHAPE, SETTINGS | changed, "float64")
    perturb(model.encoder, 0.05)
    return model


def _images(count=6, seed=0):
    return tf.constant(np.random.default_rng(seed).integers(0, 2, (count, 16)), tf.float64)


def _normal(*shape, seed=0):
    return tf.random.stateless_normal(shape, (seed, 1), dtype=tf.float64)


@pytest.mark.slow
@pytest.mark.parametrize("encoder", plugins.names("avb/encoders"))
def test_the_elbo_is_the_likelihood_less_the_divergence_from_the_posterior(encoder):
    """With two latents the likelihood and the posterior are sums over a grid."""
    model, image = _model(encoder=encoder), _images(1)
    line = np.linspace(-7.0, 7.0, 281)
    points = tf.constant(np.stack(np.meshgrid(line, line), -1).reshape(-1, 2))
    cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(
        tf.tile(image, [len(points), 1]), model.decoder(points)
    )
    joint = (model.encoder.prior().log_prob(points) - tf.reduce_sum(cross_entropy, -1)).numpy()
    area = (line[1] - line[0]) ** 2
    log_likelihood = np.log(np.exp(joint).sum() * area)
    features = tf.tile(model.features(image), [len(points), 1])
    log_q = model.encoder.distribution(features).log_prob(points).numpy()
    divergence = (np.exp(log_q) * (log_q - (joint - log_likelihood))).sum() * area
    draws = 100_000
    parts = model.parts_of_elbo(tf.tile(image, [draws, 1]), _normal(draws, 2))
    elbo = parts["reconstruction"] - parts["kl"]
    error = np.std(elbo) / draws**0.5
    assert divergence > 0.01
    assert float(tf.reduce_mean(elbo)) == pytest.approx(
        log_likelihood - divergence, abs=5 * error + 1e-4
    )


class _Best(Discriminator):
    """Log q - log p of a Gaussian encoder as it was when this was made."""

    def __init__(self, mean, log_scale):
        super().__init__(dtype="float64")
        self._mean, self._log_scale = mean, log_scale

    def logits(self, images, context, values):
        log_q = -0.5 * tf.square((values - self._mean) * tf.exp(-self._log_scale)) - self._log_scale
        return tf.reduce_sum(log_q + 0.5 * tf.square(values), axis=-1, keepdims=True)


@pytest.mark.slow
def test_the_best_discriminator_gives_the_gradient_of_the_exact_elbo():
    """In the mean over many draws: a step by the optimal logit, held fixed, moves the encoder as
    the closed form does.
    """
    given, image, draws = _model(encoder="gaussian"), _images(1), 100_000
    best = _Best(*tf.split(given.encoder.layer(given.features(image)), 2, axis=-1))
    model = AVB(
        given.features,
        given.encoder,
        given.decoder,
        {"best": best},
        "best",
        lambda: keras.optimizers.SGD(1.0),
    )
    noise = _normal(draws // 2, 2)
    batch = {"images": tf.tile(image, [draws, 1]), "noise": tf.concat([noise, -noise], axis=0)}
    weights = model.encoder.trainable_variables
    with tf.GradientTape() as tape:
        parts = model.parts_of_elbo(batch["images"], batch["noise"])
        exact = tf.reduce_sum(model.encoder.kl_terms(model.features(image))) - tf.reduce_mean(
            parts["reconstruction"]
        )
    gradients = tape.gradient(exact, weights)
    before = [np.array(w) for w in weights]
    model.train_step(
        batch | {"prior": tf.zeros([draws, 0, 2]), "encoder_noise": tf.zeros([draws, 0, 2])}
    )
    for old, new, gradient in zip(before, weights, gradients, strict=True):
        np.testing.assert_allclose(
            old - np.asarray(new), gradient, atol=0.03 * np.abs(gradient).max()
        )


@pytest.mark.slow
@pytest.mark.parametrize("discriminator", ["none", *plugins.names("avb/discriminators")])
def test_a_step_updates_the_discriminators_and_then_follows_the_gradient_of_its_loss(discriminator):
    model = _model(discriminator=discriminator)
    for one in model.discriminators.values():
        perturb(one, 0.1)
    model.compile(optimizer=keras.optimizers.SGD(0.01))
    model.critics_optimizers = {name: keras.optimizers.SGD(0.1) for name in model.discriminators}
    noise = {
        "noise": _normal(6, 2),
        "encoder_noise": _normal(6, 2, 2, seed=1),
        "prior": _normal(6, 2, 2, seed=2),
    }
    images = _images()
    own = [
        *model.features.trainable_variables,
        *model.encoder.trainable_variables,
        *model.decoder.trainable_variables,
    ]
    critics = [w for one in model.discriminators.values() for w in one.trainable_variables]
    start = [np.array(w) for w in [*own, *critics]]

    for i in range(2 if critics else 0):
        with tf.GradientTape() as tape:
            encoded = model.encoder.draw(model.features(images), noise["encoder_noise"][:, i])[0]
            loss = tf.reduce_mean(
                model.discriminators[discriminator].logistic_loss(
                    images, encoded, noise["prior"][:, i]
                )
            )
        for weight, gradient in zip(critics, tape.gradient(loss, critics), strict=True):
            weight.assign(weight - 0.1 * gradient)
    with tf.GradientTape() as tape:
        latents, log_q, _ = model.encoder.draw(model.features(images), noise["noise"])
        kl = log_q - model.encoder.prior().log_prob(latents)
        if critics:
            kl = tf.reduce_sum(
                model.discriminators[discriminator].logits(images, latents, latents), axis=-1
            )
        cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(images, model.decoder(latents))
        loss = tf.reduce_mean(kl + tf.reduce_sum(cross_entropy, axis=-1))
    expected = [w - 0.01 * g for w, g in zip(own, tape.gradient(loss, own), strict=True)] + [
        np.array(w) for w in critics
    ]

    for weight, value in zip([*own, *critics], start, strict=True):
        weight.assign(value)
    logs = model.train_step({"images": images} | noise)
    assert float(logs["loss"]) == pytest.approx(float(loss), rel=1e-6)
    for weight, value, old in zip([*own, *critics], expected, start, strict=True):
        np.testing.assert_allclose(weight, value, rtol=1e-6, atol=1e-10)
        assert np.abs(np.asarray(weight) - old).max() > 0


def test_settling_moves_the_discriminators_alone():
    model = _model(watch=["joint"])
    model.settles = True
    kept = [
        np.array(w) for part in (model.features, model.encoder, model.decoder) for w in part.weights
    ]
    moved = [np.array(w) for w in model.discriminators["joint"].weights]
    noise = {
        "noise": _normal(6, 2),
        "encoder_noise": _normal(6, 2, 2, seed=1),
        "prior": _normal(6, 2, 2, seed=2),
    }
    model.train_step({"images": _images()} | noise)
    for weight, value in zip(
        [w for p in (model.features, model.encoder, model.decoder) for w in p.weights],
        kept,
        strict=True,
    ):
        np.testing.assert_array_equal(weight, value)
    assert any(
        np.abs(np.asarray(w) - m).max() > 0
        for w, m in zip(model.discriminators["joint"].weights, moved, strict=True)
    )
    assert model.step == 1


@pytest.mark.slow
def test_watching_changes_nothing():
    alone, watched = _model(), _model(watch=["autoregressive", "joint"])
    watched.features.set_weights(alone.features.get_weights())
    watched.decoder.set_weights(alone.decoder.get_weights())
    watched.encoder.set_weights(alone.encoder.get_weights())
    batch = {
        "images": _images(),
        "noise": _normal(6, 2),
        "encoder_noise": _normal(6, 2, 2, seed=1),
        "prior": _normal(6, 2, 2, seed=2),
    }
    for model in (alone, watched):
        model.train_step(batch)
    for one, other in zip(alone.encoder.get_weights(), watched.encoder.get_weights(), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)


@pytest.mark.slow
def test_a_measurement_agrees_with_the_closed_form_and_with_its_own_parts():
    model = _model(encoder="gaussian", watch=["autoregressive", "joint"])
    for discriminator in model.discriminators.values():
        perturb(discriminator, 0.2)
    images = _images(1200)
    result = measure.measure(model, images, seed=0)
    assert result["kl"]["value"] == pytest.approx(
        result["kl_closed_form"], abs=5 * result["kl"]["standard_error"]
    )
    assert sum(result["kl"]["terms"]) == pytest.approx(result["kl"]["value"], rel=1e-9)
    assert result["elbo"] == pytest.approx(
        result["reconstruction"] - result["kl"]["value"], rel=1e-9
    )
    for name, entry in result["discriminators"].items():
        assert entry["gap"]["value"] == pytest.approx(
            entry["value"] - result["kl"]["value"], abs=1e-9
        )
        assert (entry["terms"] is None) == (name == "joint")
    noise = encoder_noise(1200, 2, 0).astype(np.float64)
    latents = model.parts_of_elbo(images, noise)["latents"]
    assert result["discriminators"]["joint"]["value"] == pytest.approx(
        float(np.mean(model.estimate("joint", images, latents)))
    )


def test_binary_images_have_the_pixels_probabilities():
    split = synthetic_split(4000, SHAPE)
    drawn = binary_images(split, 0)
    assert set(np.unique(drawn)) == {0.0, 1.0} and drawn.shape == (4000, 16)
    np.testing.assert_allclose(drawn.mean(), split.images.mean() / 255.0, atol=0.01)
    batches = binary_batches(split, 4000, 0, latents=2, updates=2)
    np.testing.assert_allclose(
        next(iter(batches))["images"].numpy().mean(), split.images.mean() / 255.0, atol=0.01
    )


@pytest.mark.slow
def test_a_run_goes_on_as_if_it_had_not_stopped(tmp_path):
    settings, splits = (
        SETTINGS | {"watch": ["joint"], "settle_epochs": 1},
        synthetic_splits(48, SHAPE),
    )

    def run(folder, epochs):
        folder.mkdir(exist_ok=True)
        keras.utils.set_random_seed(0)
        strategy = tf.distribute.MirroredStrategy(["/cpu:0"])
        with strategy.scope():
            model = fit.build(SHAPE, settings)
        return model, fit.fit(folder, model, splits, settings | {"epochs": epochs}, strategy)

    whole, rows = run(tmp_path / "whole", 2)
    run(tmp_path / "parts", 2)
    (tmp_path / "parts" / "checkpoints" / "step-000000009.index").write_text(
        "half"
    )  # as after a kill while it was written
    continued, continued_rows = run(tmp_path / "parts", 2)
    for one, other in zip(whole.weights, continued.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [(r["step"], r["settles"]) for r in rows] == [
        (0, False),
        (1, False),
        (3, False),
        (6, False),
        (9, True),
    ]
    assert rows[3]["kl"] == rows[4]["kl"] and rows[3]["discriminators"] != rows[4]["discriminators"]
    assert [r["discriminators"] for r in continued_rows] == [r["discriminators"] for r in rows]


@pytest.mark.slow
def test_what_is_not_finite_is_named(tmp_path):
    model = _model(watch=["joint"])
    model.discriminators["joint"].weights[0].assign(
        np.full_like(model.discriminators["joint"].weights[0], np.nan)
    )
    strategy = tf.distribute.MirroredStrategy(["/cpu:0"])
    with pytest.raises(UserError, match="step 0.*discriminators joint value.*--learning_rate"):
        fit.fit(tmp_path, model, synthetic_splits(48, SHAPE), SETTINGS, strategy)
