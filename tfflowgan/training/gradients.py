"""The only place where gradients are summed over replicas, clipped and applied.

Each replica computes the mean loss over its share of the batch and differentiates loss / replicas.
Here these gradients are summed over the replicas, and the global norm of the sum is clipped. The
optimizer then applies the result as it is. A step on many devices thus equals the step on one
device with the same global batch. (Keras' own optimizers would clip before they sum.)
"""

from collections.abc import Callable

import keras
import tensorflow as tf

from tfflowgan.bijectors import sharding

__all__ = ["PreSummedGradients", "apply", "compiled", "replicas", "sum_over_replicas"]


class PreSummedGradients(keras.optimizers.Optimizer):
    """Mixin for Keras optimizers whose gradients have been summed over replicas already."""

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


def apply(
    optimizer: keras.optimizers.Optimizer,
    gradients: list,
    weights: list,
    clip_norm: float | None = None,
) -> tf.Tensor:
    """Sums gradients over replicas, clips them and takes one optimizer step.

    If any gradient is not finite, all count as zero. The weights then stay finite, so that the
    cause can still be found. An optimizer with momentum still moves them by its momentum.

    Args:
      optimizer: built for the weights. With several replicas it must be a `PreSummedGradients`.
      gradients: of this replica's loss / replicas.
      weights: one per gradient.
      clip_norm: upper bound on the global norm of the summed gradients; None for no clipping.

    Returns:
      The global norm of the summed gradients before clipping.

    Raises:
      TypeError: the optimizer would sum over replicas a second time.
    """
    if replicas() > 1 and not isinstance(optimizer, PreSummedGradients):
        raise TypeError(
            f"{type(optimizer).__name__} would sum gradients over replicas a second time; "
            "use a subclass with the mixin PreSummedGradients."
        )
    gradients = sum_over_replicas(gradients)
    norm = tf.linalg.global_norm(gradients)
    scale = tf.ones_like(norm) if clip_norm is None else clip_norm / tf.maximum(norm, clip_norm)
    scale = tf.where(tf.math.is_finite(norm), scale, 0.0)
    optimizer.apply(_scaled(gradients, scale), weights)
    return norm


def _scaled(gradients, scale):
    """The gradients times a scalar: not read if it is 1, zero (even for NaN) if it is 0."""
    return tf.cond(
        tf.equal(scale, 1.0),
        lambda: [tf.identity(g) for g in gradients],
        lambda: [tf.math.multiply_no_nan(g, tf.cast(scale, g.dtype)) for g in gradients],
    )


def sum_over_replicas(tensors: list) -> list:
    """Sums each tensor of a list over all replicas."""
    context = tf.distribute.get_replica_context()
    if context.num_replicas_in_sync == 1:
        return tensors
    return context.all_reduce(tf.distribute.ReduceOp.SUM, tensors)
