"""The variational auto-encoder: its bound, its two ways of training, going on after a kill, the command and the model."""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import command, perturb, synthetic_split, synthetic_splits
from tfflowgan import plugins
from tfflowgan.training import export_avb, fit_avb

SETTINGS = {
    "latents": 2,
    "encoder": "real_nvp",
    "discriminator": "none",
    "watch": [],
    "width": 8,
    "learning_rate": 1e-3,
    "epochs": 2,
    "batch_size": 16,
    "discriminator_steps": 2,
    "seed": 0,
}
SHAPE = (4, 4, 1)


def _model(seed=0, **changed):
    keras.utils.set_random_seed(seed)
    model = fit_avb.build(SHAPE, SETTINGS | changed, "float64")
    perturb(model.encoder, 0.05)
    return model


def _images(count=6, seed=0):
    return tf.constant(np.random.default_rng(seed).integers(0, 2, (count, 16)), tf.float64)


def _normal(*shape, seed=0):
    return tf.random.stateless_normal(shape, (seed, 1), dtype=tf.float64)


@pytest.mark.parametrize("encoder", plugins.names("encoders"))
def test_the_elbo_is_the_likelihood_less_the_divergence_from_the_posterior(encoder):
    """With two latents the likelihood and the posterior are sums over a grid."""
    model, image = _model(encoder=encoder), _images(1)
    line = np.linspace(-7.0, 7.0, 281)
    points = tf.constant(np.stack(np.meshgrid(line, line), -1).reshape(-1, 2))
    cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(tf.tile(image, [len(points), 1]), model.decoder(points))
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
    assert float(tf.reduce_mean(elbo)) == pytest.approx(log_likelihood - divergence, abs=5 * error + 1e-4)


def test_the_best_discriminator_gives_the_gradient_of_the_exact_elbo():
    """T = log q - log p held fixed: its gradient through the latents is, in the mean, that of the closed form."""
    model = _model(encoder="gaussian")
    features = model.features(_images(1))
    draws = 200_000
    noise = _normal(draws // 2, 2)
    noise = tf.concat([noise, -noise], axis=0)
    mean, log_scale = (tf.stop_gradient(t) for t in tf.split(model.encoder.layer(features), 2, axis=-1))

    def best(latents):
        log_q = -0.5 * tf.square((latents - mean) * tf.exp(-log_scale)) - log_scale
        return tf.reduce_sum(log_q + 0.5 * tf.square(latents), axis=-1)

    weights = model.encoder.trainable_variables
    with tf.GradientTape(persistent=True) as tape:
        latents = model.encoder.draw(tf.tile(features, [draws, 1]), noise)[0]
        adversarial = tf.reduce_mean(best(latents))
        exact = tf.reduce_sum(model.encoder.kl_terms(features))
    for one, other in zip(tape.gradient(adversarial, weights), tape.gradient(exact, weights), strict=True):
        np.testing.assert_allclose(one, other, atol=0.02 * np.abs(other).max())


@pytest.mark.parametrize("discriminator", ["none", *plugins.names("discriminators")])
def test_a_step_follows_the_gradient_of_its_loss(discriminator):
    model = _model(discriminator=discriminator)
    model.optimizer.learning_rate = 0.0  # only the discriminators move
    batch = {
        "images": _images(),
        "noise": _normal(6, 2),
        "encoder_noise": _normal(6, 2, 2, seed=1),
        "prior": _normal(6, 2, 2, seed=2),
    }
    before = [w.numpy() for d in model.discriminators.values() for w in d.trainable_variables]
    logs = model.train_step(batch)
    parts = model.parts_of_elbo(batch["images"], batch["noise"])
    kl = parts["kl"]
    if discriminator != "none":
        kl = tf.reduce_sum(model.estimate(discriminator, batch["images"], parts["latents"]), -1)
    assert float(logs["loss"]) == pytest.approx(float(tf.reduce_mean(kl - parts["reconstruction"])), rel=1e-6)
    after = [w.numpy() for d in model.discriminators.values() for w in d.trainable_variables]
    assert discriminator == "none" or any(np.abs(a - b).max() > 0 for a, b in zip(before, after, strict=True))


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


def test_a_measurement_agrees_with_the_closed_form_and_with_its_own_parts():
    model = _model(encoder="gaussian", watch=["autoregressive", "joint"])
    for discriminator in model.discriminators.values():
        perturb(discriminator, 0.2)
    images = _images(1200)
    result = fit_avb.measure(model, images, seed=0)
    assert result["kl"]["nats"] == pytest.approx(result["kl_closed_form"], abs=5 * result["kl"]["standard_error"])
    assert sum(result["kl"]["terms"]) == pytest.approx(result["kl"]["nats"], rel=1e-9)
    assert result["elbo"] == pytest.approx(result["reconstruction"] - result["kl"]["nats"], rel=1e-9)
    for name, entry in result["discriminators"].items():
        assert entry["gap"] == pytest.approx(entry["nats"] - result["kl"]["nats"], abs=1e-9)
        assert (entry["terms"] is None) == (name == "joint")
    noise = fit_avb.test_noise(1200, 2, 0).astype(np.float64)
    latents = model.parts_of_elbo(images, noise)["latents"]
    assert result["discriminators"]["joint"]["nats"] == pytest.approx(float(np.mean(model.estimate("joint", images, latents))))


def test_binary_images_have_the_pixels_probabilities():
    split = synthetic_split(4000, SHAPE)
    drawn = fit_avb.binary(split, 0)
    assert set(np.unique(drawn)) == {0.0, 1.0} and drawn.shape == (4000, 16)
    np.testing.assert_allclose(drawn.mean(), split.images.mean() / 255.0, atol=0.01)
    batches = fit_avb._batches(split, SETTINGS | {"batch_size": 4000}, 0)
    np.testing.assert_allclose(next(iter(batches))["images"].numpy().mean(), split.images.mean() / 255.0, atol=0.01)


def test_a_run_goes_on_as_if_it_had_not_stopped(tmp_path):
    settings, splits = SETTINGS | {"watch": ["joint"]}, synthetic_splits(48, SHAPE)

    def run(folder, epochs):
        folder.mkdir(exist_ok=True)
        keras.utils.set_random_seed(0)
        strategy = tf.distribute.MirroredStrategy(["/cpu:0"])
        with strategy.scope():
            model = fit_avb.build(SHAPE, settings)
        return model, fit_avb.fit(folder, model, splits, settings | {"epochs": epochs}, strategy)

    whole, rows = run(tmp_path / "whole", 3)
    run(tmp_path / "parts", 1)
    (tmp_path / "parts" / "checkpoints" / "step-000000006.index").write_text("half")  # what a kill while writing leaves
    continued, continued_rows = run(tmp_path / "parts", 3)
    for one, other in zip(whole.weights, continued.weights, strict=True):
        np.testing.assert_array_equal(one, other)
    assert [r["epoch"] for r in continued_rows] == [1, 2, 3]
    assert [r["elbo"] for r in continued_rows] == [r["elbo"] for r in rows]


def test_the_exported_model_is_the_model(tmp_path):
    keras.utils.set_random_seed(0)
    model = fit_avb.build(SHAPE, SETTINGS)
    perturb(model.encoder, 0.3)
    path = export_avb.export(model, SHAPE, tmp_path / "model", {})
    served = tf.saved_model.load(str(path)).signatures
    images = tf.cast(tf.reshape(_images(), [6, *SHAPE]), tf.float32)  # binary already, so that no draw matters
    seeds = tf.range(6, dtype=tf.int64)
    answer, encoded = served["elbo"](images=images, seeds=seeds), served["encode"](images=images, seeds=seeds)
    latents = encoded["latents"]
    features = model.features(tf.reshape(images, [6, 16]))
    np.testing.assert_allclose(model.encoder.distribution(features).log_prob(latents), encoded["log_q"], rtol=1e-4, atol=1e-4)
    means = served["decode"](latents=latents)["images"]
    reconstruction = np.sum(np.log(np.where(images > 0.5, means, 1.0 - means)), axis=(1, 2, 3))
    np.testing.assert_allclose(answer["reconstruction"], reconstruction, rtol=1e-4)
    kl = encoded["log_q"] - model.encoder.prior().log_prob(latents)
    np.testing.assert_allclose(answer["elbo"], reconstruction - kl, rtol=1e-4)
    alone = served["elbo"](images=images[3:4], seeds=seeds[3:4])["elbo"]
    np.testing.assert_allclose(alone, answer["elbo"][3:4], rtol=1e-5)
    assert set(served) == {"encode", "decode", "elbo", "serving_default"}


class TestCommand:
    @pytest.fixture(scope="class")
    def trained(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("avb")
        flags = [
            "--data_source=embedded",
            "--limit=200",
            "--latents=2",
            "--encoder=gaussian",
            "--discriminator=joint",
            "--watch=autoregressive",
            "--width=16",
            "--epochs=2",
            f"--run={folder / 'run'}",
            f"--output={folder / 'model'}",
        ]
        return folder, flags, command("train_avb", *flags)

    def test_it_trains_measures_draws_and_exports(self, trained):
        folder, _, done = trained
        assert done.returncode == 0, done.stderr
        assert "exact KL" in done.stdout and "autoregressive says" in done.stdout
        end = json.loads((folder / "run" / "finished.json").read_text())
        assert set(end["test"]["discriminators"]) == {"joint", "autoregressive"} and end["test"]["kl_closed_form"] > 0
        assert (folder / "run" / "kl.png").stat().st_size > 10_000 and (folder / "model" / "1" / "saved_model.pb").exists()

    def test_the_report_shows_it(self, trained):
        folder = trained[0]
        done = command("report", f"--runs={folder / 'run'}", f"--output={folder / 'report'}")
        page = (folder / "report" / "index.html").read_text() if done.returncode == 0 else done.stderr
        assert "joint discriminator" in page and page.count("<img") == 1 and "Learning curves" not in page

    def test_the_same_again_does_nothing(self, trained):
        done = command("train_avb", *trained[1])
        assert done.returncode == 0 and "nothing is left to do" in done.stdout

    def test_other_settings_are_refused(self, trained):
        done = command("train_avb", *[f for f in trained[1] if "epochs" not in f], "--epochs=3")
        assert done.returncode == 1 and "--epochs was 2, now 3" in done.stderr

    @pytest.mark.parametrize(
        "flag, sentence",
        [
            ("--discriminator=jonit", "--discriminator=jonit is not known (did you mean joint?)"),
            ("--watch=none", "--watch=none is not known"),
            ("--latents=3", "--latents=3 must be even for --encoder=real_nvp"),
            ("--epochs=0", "--epochs=0 must be greater than 0"),
        ],
    )
    def test_bad_flags_give_one_sentence(self, flag, sentence):
        done = command("train_avb", flag)
        assert done.returncode == 1 and sentence in done.stderr and done.stderr.count("\n") == 1
