"""Keras' compile, fit, evaluate and predict on a flow: maximum likelihood."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import small_flow, synthetic_split
from tfflowgan import flows, units

SHAPE = (4, 4, 1)
PIXELS = synthetic_split(64).images


def _flow(**options):
    keras.utils.set_random_seed(0)
    return flows.build("nice", SHAPE, width=8, layers=1, couplings=2, **options)


def _dequantized(pixels=PIXELS, seed=0):
    noise = np.random.default_rng(seed).uniform(0, units.NOISE_LIMIT, pixels.shape)
    return units.dequantize(pixels, noise).astype(np.float32)


@pytest.mark.slow
def test_fit_maximizes_the_likelihood_of_pixels():
    flow = _flow()
    before = flow.bits_per_dim(PIXELS).numpy().mean()
    flow.compile(keras.optimizers.Adam(0.01))
    history = flow.fit(
        PIXELS, epochs=15, batch_size=16, validation_data=(PIXELS[:20], None), verbose=0
    ).history
    after = flow.bits_per_dim(PIXELS).numpy().mean()
    assert after < before - 0.5
    assert set(history) == {"loss", "bits_per_dim", "val_loss", "val_bits_per_dim"}
    dims = flow.dims
    np.testing.assert_allclose(
        history["bits_per_dim"], units.bits_per_dim(-np.array(history["loss"]), dims), rtol=1e-5
    )
    assert history["val_bits_per_dim"][-1] == pytest.approx(after, abs=0.3)


def test_a_step_is_the_one_by_hand():
    images, (by_fit, by_hand) = _dequantized()[:16], (_flow(), _flow())
    by_fit.compile(keras.optimizers.SGD(1e-3))
    by_fit.fit(images, batch_size=16, epochs=1, verbose=0)
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(by_hand.log_prob(images))
    for weight, gradient in zip(
        by_hand.trainable_variables, tape.gradient(loss, by_hand.trainable_variables), strict=True
    ):
        weight.assign_sub(1e-3 * gradient)
    for a, b in zip(by_fit.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_noise_is_new_in_every_step_and_the_same_in_every_evaluation():
    flow = _flow()
    flow.compile(keras.optimizers.SGD(0.0))
    losses = flow.fit(PIXELS[:16], batch_size=16, epochs=3, shuffle=False, verbose=0)
    assert len(set(losses.history["loss"])) == 3
    first, again = (flow.evaluate(PIXELS, verbose=0) for _ in range(2))
    assert first == again


@pytest.mark.slow
def test_evaluate_and_predict_are_the_log_densities():
    flow, images = small_flow("nice", SHAPE), _dequantized()
    flow.compile("adam")
    log_prob = flow.log_prob(images).numpy()
    np.testing.assert_allclose(flow.predict(images, verbose=0), log_prob, rtol=1e-5, atol=1e-5)
    # 64 images: the last batch is smaller
    loss = flow.evaluate(images, batch_size=24, verbose=0, return_dict=True)["loss"]
    assert loss == pytest.approx(-log_prob.mean(), rel=1e-5)
    weights = np.arange(64.0)
    loss = flow.evaluate(images, sample_weight=weights, batch_size=64, verbose=0, return_dict=True)[
        "loss"
    ]
    assert loss == pytest.approx(-(weights * log_prob).mean(), rel=1e-5)
    parts = flow.evaluate(
        images, sample_weight=weights, batch_size=7, verbose=0, return_dict=True
    )  # the same in other batches
    assert parts == {"loss": pytest.approx(loss, rel=1e-5)}


@pytest.mark.slow
def test_batch_norm_follows_training():
    flow, images = _flow(batch_norm=True), _dequantized()
    before = [np.asarray(v) for v in flow.non_trainable_weights]
    flow(images)
    assert all(
        np.array_equal(a, b) for a, b in zip(before, flow.non_trainable_weights, strict=True)
    )
    training = flow(images, training=True)
    np.testing.assert_allclose(training, _flow(batch_norm=True)(images, training=True), rtol=1e-5)
    moved = [
        not np.array_equal(a, b) for a, b in zip(before, flow.non_trainable_weights, strict=True)
    ]
    assert all(moved) and moved
    flow.compile("adam")
    before = [np.asarray(v) for v in flow.non_trainable_weights]
    flow.fit(images, verbose=0)
    assert any(
        not np.array_equal(a, b) for a, b in zip(before, flow.non_trainable_weights, strict=True)
    )


def test_a_loss_of_ones_own_is_used():
    flow, images = _flow(), _dequantized()
    flow.compile("adam", loss=lambda _, log_prob: -2.0 * log_prob)
    history = flow.fit(images, epochs=1, batch_size=64, verbose=0).history
    expected = -2.0 * _flow().log_prob(images).numpy().mean()
    assert history["loss"][0] == pytest.approx(expected, rel=1e-4) and "bits_per_dim" not in history


@pytest.mark.slow
def test_a_dataset_of_batches_is_taken():
    flow = _flow()
    flow.compile("adam")
    data = tf.data.Dataset.from_tensor_slices(PIXELS).batch(16)
    history = flow.fit(data, validation_data=data, epochs=2, shuffle=False, verbose=0).history
    assert len(history["val_loss"]) == 2


@pytest.mark.slow
def test_a_list_of_images_is_a_batch_of_images():
    by_list, by_array = _flow(), _flow()
    for flow in (by_list, by_array):
        flow.compile(keras.optimizers.SGD(1e-3))
    by_list.fit(list(PIXELS), batch_size=8, shuffle=False, verbose=0)
    by_array.fit(PIXELS, batch_size=8, shuffle=False, verbose=0)
    for a, b in zip(by_list.get_weights(), by_array.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("call", ["fit", "evaluate", "predict", "train_on_batch", "test_on_batch"])
class TestRefused:
    def test_images_outside_the_support(self, call):
        flow = _flow()
        flow.compile("adam")
        with pytest.raises(ValueError, match=r"images\[0\].*\[0, 1\]"):
            getattr(flow, call)(PIXELS.astype(np.float32))

    def test_another_integer(self, call):
        flow = _flow()
        flow.compile("adam")
        with pytest.raises(ValueError, match="int64.*uint8"):
            getattr(flow, call)(PIXELS.astype(np.int64))

    def test_another_shape(self, call):
        flow = _flow()
        flow.compile("adam")
        with pytest.raises(ValueError, match=r"images.*\(64, 4, 4\).*\(B, 4, 4, 1\)"):
            getattr(flow, call)(PIXELS[..., 0])

    def test_no_images(self, call):
        flow = _flow()
        flow.compile("adam")
        with pytest.raises(ValueError, match=r"images.*\(0, 4, 4, 1\)"):
            getattr(flow, call)(PIXELS[:0])


def test_a_dataset_of_other_integers_is_refused():
    flow = _flow()
    flow.compile("adam")
    data = tf.data.Dataset.from_tensor_slices(PIXELS.astype(np.int32)).batch(16)
    with pytest.raises(ValueError, match="int32.*uint8"):
        flow.fit(data, shuffle=False, verbose=0)


def test_validation_images_are_checked_before_training():
    flow = _flow()
    flow.compile("adam")
    with pytest.raises(ValueError, match=r"images\[0\].*\[0, 1\]"):
        flow.fit(PIXELS, validation_data=(PIXELS.astype(np.float32), None))
