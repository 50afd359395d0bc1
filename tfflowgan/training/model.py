"""The training model: a flow, an objective, and the only training loop.

Under a distribution strategy each replica sees its share of the global batch. An objective returns the mean over that share; this
model alone divides by the number of replicas, because Keras' optimizers sum gradients over replicas. So one step on
many devices equals the step on one device with the same global batch.
"""

import keras
import tensorflow as tf

from tfflowgan import units
from tfflowgan.flows import Flow
from tfflowgan.objectives import Objective

__all__ = ["FlowGAN"]


class FlowGAN(keras.Model):
    """Trains a flow by an objective with `fit`; evaluates its NLL with `evaluate`.

    Attributes:
      flow: the generator.
      objective: see `tfflowgan.objectives`.
    """

    def __init__(self, flow: Flow, objective: Objective, clip_norm: float | None = None):
        """Makes the model.

        Args:
          flow: the generator.
          objective: what to train it for.
          clip_norm: the gradient over all replicas is scaled to at most this global norm; None leaves it.
        """
        super().__init__(name="flow_gan")
        self.flow = flow
        self.objective = objective
        self.clip_norm = clip_norm
        self.built = True
        self._means = {name: keras.metrics.Mean(name=name) for name in ("loss", "nll", "gradient_norm")}

    def call(self, images):
        """Nats per image, `[B]`, of images `[B, H, W, C]`."""
        return self.flow(images)

    def build_optimizer(self) -> None:
        """Makes the optimizer's variables now, so that a checkpoint finds them."""
        self.optimizer.build(self.flow.trainable_variables)

    @property
    def step(self) -> int:
        """Generator steps taken so far."""
        return int(keras.ops.convert_to_numpy(self.optimizer.iterations))

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The running means that Keras resets at the start of an epoch and of an evaluation, part of a run's state."""
        return list(self._means.values())

    def train_step(self, images):
        """One step on this replica's images; returns the epoch's means so far."""
        images = tf.cast(images, self.flow.dtype)
        weights = self.flow.trainable_variables
        replicas = tf.distribute.get_strategy().num_replicas_in_sync
        with tf.GradientTape() as tape:
            loss, reports = self.objective.generator_loss(self.flow, images)
            scaled = loss / replicas
        gradients = _sum_over_replicas(tape.gradient(scaled, weights))
        norm = tf.linalg.global_norm(gradients)
        scale = tf.ones_like(norm) if self.clip_norm is None else self.clip_norm / tf.maximum(norm, self.clip_norm)
        # A gradient that is not finite leaves the weights as they are: the run stops with the layer that caused it.
        scale = tf.where(tf.math.is_finite(norm), scale, 0.0) / replicas
        gradients = [tf.math.multiply_no_nan(g, tf.cast(scale, g.dtype)) for g in gradients]
        self.optimizer.apply(gradients, weights)
        for name, value in {"loss": loss, **reports}.items():
            self._means[name].update_state(value)
        self._means["gradient_norm"].update_state(norm)
        return {name: mean.result() for name, mean in self._means.items()}

    def test_step(self, data):
        """Adds a batch (images `[B, H, W, C]`, weights `[B]`) to the mean NLL; padding has weight 0."""
        images, weights = data
        nll = -self.flow.distribution().log_prob(tf.cast(images, self.flow.dtype))
        nll = tf.where(weights > 0, nll, tf.zeros_like(nll))
        # Shares may differ in how much of them is padding, so replicas exchange sums and not means.
        total, count = _sum_over_replicas([tf.reduce_sum(nll), tf.reduce_sum(tf.cast(weights, nll.dtype))])
        self._means["nll"].update_state(total / count, sample_weight=count)
        result = self._means["nll"].result()
        return {"nll": result, "bits_per_dim": units.bits_per_dim(-result, self.flow.dims)}


def _sum_over_replicas(tensors):
    context = tf.distribute.get_replica_context()
    if context.num_replicas_in_sync == 1:
        return tensors
    return context.all_reduce(tf.distribute.ReduceOp.SUM, tensors)
