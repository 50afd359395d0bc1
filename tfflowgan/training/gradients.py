"""The one place where gradients are scaled, summed over replicas, clipped and applied.

A loss is the mean over one replica's share of the batch, and Keras' optimizers sum over replicas (and would clip before
that). So the gradient of loss / replicas is summed here and clipped as a whole, once, and the optimizer takes it as it is: one
step on many devices equals the step on one with the same global batch.
"""

import keras
import tensorflow as tf

__all__ = ["TakesSums", "apply", "replicas", "sum_over_replicas"]


class TakesSums:
    """Mixed into a Keras optimizer: its gradients have been summed over replicas, and it does not do so again."""

    def _all_reduce_sum_gradients(self, grads_and_vars):
        return grads_and_vars


def replicas() -> int:
    """How many replicas take a step together."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def apply(optimizer: keras.optimizers.Optimizer, gradients: list, weights: list, clip_norm: float | None = None) -> tf.Tensor:
    """Takes a step along the gradients of this replica's loss / replicas.

    Args:
      optimizer: built for the weights; on several replicas one that `TakesSums`.
      gradients: of the share that is this replica's.
      weights: as many.
      clip_norm: the gradient over all replicas is scaled to at most this global norm; None leaves it.

    Returns:
      The global norm before clipping. A gradient that is not finite counts as zero, so that weights stay finite and what made
      it can still be found; an optimizer with momentum moves on by what it remembers.
    """
    if replicas() > 1 and not isinstance(optimizer, TakesSums):
        raise TypeError(f"{type(optimizer).__name__} would sum gradients over replicas once more; mix TakesSums into it.")
    gradients = sum_over_replicas(gradients)
    norm = tf.linalg.global_norm(gradients)
    scale = tf.ones_like(norm) if clip_norm is None else clip_norm / tf.maximum(norm, clip_norm)
    scale = tf.where(tf.math.is_finite(norm), scale, 0.0)
    optimizer.apply(_scaled(gradients, scale), weights)
    return norm


def _scaled(gradients, scale):
    """The gradients times a scalar, zero where it is zero; where it is 1, they are not read."""
    return tf.cond(
        tf.equal(scale, 1.0),
        lambda: [tf.identity(g) for g in gradients],
        lambda: [tf.math.multiply_no_nan(g, tf.cast(scale, g.dtype)) for g in gradients],
    )


def sum_over_replicas(tensors: list) -> list:
    """The sums over all replicas of a list of tensors."""
    context = tf.distribute.get_replica_context()
    if context.num_replicas_in_sync == 1:
        return tensors
    return context.all_reduce(tf.distribute.ReduceOp.SUM, tensors)
