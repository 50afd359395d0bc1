"""The SavedModel of a variational auto-encoder."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.avb.test_avb import SETTINGS, SHAPE
from tests.helpers import perturb
from tfflowgan.avb import export, fit


def _binary_images():
    return np.random.default_rng(0).integers(0, 2, (6, 16)).astype(np.float64)


@pytest.mark.slow
def test_the_exported_model_is_the_model(tmp_path):
    keras.utils.set_random_seed(0)
    model = fit.build(SHAPE, SETTINGS)
    perturb(model.encoder, 0.3)
    path = export.export(model, SHAPE, tmp_path / "model", {})
    served = tf.saved_model.load(str(path)).signatures
    images = tf.cast(
        tf.reshape(_binary_images(), [6, *SHAPE]), tf.float32
    )  # binary already, so that no draw matters
    seeds = tf.range(6, dtype=tf.int64)
    answer, encoded = (
        served["elbo"](images=images, seeds=seeds),
        served["encode"](images=images, seeds=seeds),
    )
    latents = encoded["latents"]
    features = model.features(tf.reshape(images, [6, 16]))
    np.testing.assert_allclose(
        model.encoder.distribution(features).log_prob(latents),
        encoded["log_q"],
        rtol=1e-4,
        atol=1e-4,
    )
    means = served["decode"](latents=latents)["images"]
    reconstruction = np.sum(np.log(np.where(images > 0.5, means, 1.0 - means)), axis=(1, 2, 3))
    np.testing.assert_allclose(answer["reconstruction"], reconstruction, rtol=1e-4)
    kl = encoded["log_q"] - model.encoder.prior().log_prob(latents)
    np.testing.assert_allclose(answer["elbo"], reconstruction - kl, rtol=1e-4)
    alone = served["elbo"](images=images[3:4], seeds=seeds[3:4])["elbo"]
    np.testing.assert_allclose(alone, answer["elbo"][3:4], rtol=1e-5)
    assert set(served) == {"encode", "decode", "elbo", "serving_default"}


@pytest.mark.slow
def test_the_exported_model_draws_pixels_and_refuses_what_it_cannot_answer(tmp_path):
    keras.utils.set_random_seed(0)
    served = tf.saved_model.load(
        str(export.export(fit.build(SHAPE, SETTINGS), SHAPE, tmp_path / "model", {}))
    ).signatures
    grey, seeds = tf.fill([400, *SHAPE], 0.25), tf.range(400, dtype=tf.int64)
    whole, one = (
        served["elbo"](images=grey[:n], seeds=seeds[:n])["reconstruction"].numpy() for n in (400, 1)
    )
    assert whole.std() > 0.01 and one[0] == pytest.approx(whole[0], rel=1e-5)
    for images, count, sentence in (
        (255.0 * grey, 400, "0 to 1"),
        (float("nan") * grey, 400, "finite"),
        (grey, 4, "rows"),
    ):
        with pytest.raises(tf.errors.InvalidArgumentError, match=sentence):
            served["elbo"](images=images, seeds=seeds[:count])
