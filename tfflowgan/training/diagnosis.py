"""Which layer made a number that is not finite."""

import keras
import numpy as np
import tensorflow as tf

from tfflowgan.flows import Flow

__all__ = ["first_non_finite"]


def first_non_finite(flow: Flow, images) -> str:
    """Names the first place where something is not finite, as the noun of a sentence.

    Args:
      flow: the model in the state that gave the bad loss.
      images: the batch it was given, `[B, H, W, C]`.
    """
    names = _weight_names(flow)
    for weight in flow.weights:
        if not np.isfinite(keras.ops.convert_to_numpy(weight)).all():
            return f"the weight {names[id(weight)]}"
    if not np.isfinite(np.asarray(images)).all():
        return "the batch of images"
    watched: list[tuple[str, tf.Tensor]] = []
    _watch(flow.bijector(training=True), watched).inverse(tf.identity(tf.cast(images, flow.dtype)))
    for name, values in watched:
        if not np.isfinite(values).all():
            return f"the output of layer {name}"
    weights = flow.trainable_variables
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(flow.distribution(training=True).log_prob(tf.identity(tf.cast(images, flow.dtype))))
    if not np.isfinite(loss):
        return "the prior's density of the latents"
    for weight, gradient in zip(weights, tape.gradient(loss, weights), strict=True):
        if not np.isfinite(gradient).all():
            return f"the gradient of {names[id(weight)]}"
    return "no layer when the step was repeated"


def _weight_names(flow):
    """By identity: a network's name, then the weight's path within it."""
    names = {id(weight): weight.path for weight in flow.weights}
    for network in flow.layers:
        names |= {id(weight): f"{network.name}/{weight.path}" for weight in network.weights}
    return names


def _watch(bijector, watched):
    """Makes every bijector of a tree note its inverse's values, in the order of computation."""
    for part in getattr(bijector, "bijectors", []) or getattr(bijector, "_levels", []):
        _watch(part, watched)
    if hasattr(bijector, "_inverse_and_log_det"):
        original = bijector._inverse_and_log_det

        def noting(images):
            latents, log_det = original(images)
            watched.append((bijector.name, np.concatenate([np.ravel(latents), np.ravel(log_det)])))
            return latents, log_det

        bijector._inverse_and_log_det = noting
    return bijector
