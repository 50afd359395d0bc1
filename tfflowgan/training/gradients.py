"""The only place where losses are scaled, and gradients are summed over replicas, clipped, applied.

Each replica computes the mean loss over its share of the batch and differentiates loss / replicas.
Here these gradients are summed over the replicas, and the global norm of the sum is clipped. The
optimizer then applies the result as it is. A step on many devices thus equals the step on one
device with the same global batch. (Keras' own optimizers would clip before they sum.)

With a `LossScale` the loss is multiplied by it before, and the sum divided by it before anything
else. A gradient that overflowed is then no error: the step is skipped.
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from tfflowgan.bijectors import sharding
from tfflowgan.training.loss_scale import LossScale

__all__ = ["PreSummedGradients", "apply", "compiled", "replicas", "scaled", "sum_over_replicas"]

_LARGE = 2**18  # numbers; 1 MiB in float32


class PreSummedGradients(keras.optimizers.Optimizer):
    """Mixin for Keras optimizers whose gradients have been summed over replicas already.

    Attributes:
      skipped: whether the step being taken must change neither weights nor moments, a boolean
        tensor; None for a step that is always taken.
    """

    skipped: tf.Tensor | None = None

    def unless_skipped(self, value: tf.Tensor, otherwise: float) -> tf.Tensor:
        """A setting of the step; `otherwise` if the step is skipped."""
        if self.skipped is None:
            return value
        return tf.where(self.skipped, tf.cast(otherwise, value.dtype), value)

    def _all_reduce_sum_gradients(self, grads_and_vars):
        return grads_and_vars


def replicas() -> int:
    """The number of replicas of the current strategy."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def compiled(function: Callable) -> Callable:
    """A function that XLA compiles for each replica; it must not combine replicas."""

    def alone(*arguments):
        with sharding.disabled():
            return function(*arguments)

    return tf.function(alone, autograph=False, jit_compile=True)


def scaled(loss: tf.Tensor, scale: LossScale | None = None) -> tf.Tensor:
    """What a replica differentiates: its share of the loss, times the scale."""
    share = loss / replicas()
    return share if scale is None else share * tf.cast(scale.value, share.dtype)


def apply(
    optimizer: keras.optimizers.Optimizer,
    gradients: list,
    weights: list,
    clip_norm: float | None = None,
    scale: LossScale | None = None,
) -> tf.Tensor:
    """Sums gradients over replicas, clips them and takes one optimizer step.

    If any gradient is not finite, all count as zero. The weights then stay finite, so that the
    cause can still be found. An optimizer with momentum still moves them by its momentum.

    Args:
      optimizer: built for the weights. With several replicas it must be a `PreSummedGradients`.
      gradients: of what `scaled` gives.
      weights: one per gradient.
      clip_norm: upper bound on the global norm of the summed gradients; None for no clipping.
      scale: that of `scaled`. The optimizer must then be a `PreSummedGradients`.

    Returns:
      The global norm of the summed gradients before clipping; 0 of a step that is skipped because
      its scaled gradient overflowed.

    Raises:
      TypeError: the optimizer would sum over replicas a second time, or cannot skip a step.
    """
    if (scale or replicas() > 1) and not isinstance(optimizer, PreSummedGradients):
        raise TypeError(
            f"{type(optimizer).__name__} would sum gradients over replicas a second time, and "
            "skips no step; use a subclass with the mixin PreSummedGradients."
        )
    gradients = sum_over_replicas(gradients)
    if scale is not None:
        gradients = [g / tf.cast(scale.value, g.dtype) for g in gradients]
    norm = tf.linalg.global_norm(gradients)
    finite = tf.math.is_finite(norm)
    factor = tf.ones_like(norm) if clip_norm is None else clip_norm / tf.maximum(norm, clip_norm)
    gradients = _times(gradients, tf.where(finite, factor, 0.0))
    if scale is None:
        optimizer.apply(gradients, weights)
        return norm
    skipped = scale.update(finite)
    try:
        optimizer.__dict__["skipped"] = skipped  # Keras keeps no track of it
        optimizer.apply(gradients, weights)
    finally:
        optimizer.__dict__.pop("skipped", None)
    return tf.where(skipped, tf.zeros_like(norm), norm)


def _times(gradients, scale):
    """The gradients times a scalar: zero, even for NaN, if it is 0.

    Large ones are not read if it is 1. For small ones reading is cheaper than two branches, which
    delay the first step.
    """

    def times(gradient):
        return tf.math.multiply_no_nan(gradient, tf.cast(scale, gradient.dtype))

    large = [g for g in gradients if _is_large(g)]
    if large:
        large = tf.cond(
            tf.equal(scale, 1.0),
            lambda: [tf.identity(g) for g in large],
            lambda: [times(g) for g in large],
        )
    rest = iter(large)
    return [next(rest) if _is_large(g) else times(g) for g in gradients]


def _is_large(gradient):
    return (gradient.shape.num_elements() or 0) >= _LARGE


def sum_over_replicas(tensors: list) -> list:
    """Sums each tensor of a list over all replicas."""
    context = tf.distribute.get_replica_context()
    if context.num_replicas_in_sync == 1:
        return tensors
    return context.all_reduce(tf.distribute.ReduceOp.SUM, tensors)
