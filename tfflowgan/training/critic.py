"""A critic in training: its network, what it is trained for, and its optimizer."""

import keras
import numpy as np
import tensorflow as tf

from tfflowgan.generators import Generator
from tfflowgan.objectives import Adversary
from tfflowgan.training import gradients

__all__ = ["CriticTrainer"]


class _Box(keras.constraints.Constraint):
    """Keeps a weight in [-bound, bound]."""

    def __init__(self, bound):
        self._bound = bound

    def __call__(self, weight):
        return keras.ops.clip(weight, -self._bound, self._bound)


class CriticTrainer:
    """Updates a critic against a generator, which it never changes.

    Attributes:
      critic: from images `[B, H, W, C]` to scores `[B]`.
    """

    def __init__(self, critic: keras.Model, adversary: Adversary, optimizer: keras.optimizers.Optimizer):
        """Makes the optimizer's variables and, under weight clipping, puts all the critic's weights into their box."""
        self.critic = critic
        self._adversary = adversary
        self._optimizer = optimizer
        optimizer.build(critic.trainable_variables)
        if adversary.clip_weights is not None:
            for weight in critic.trainable_variables:
                weight.constraint = _Box(adversary.clip_weights)
                weight.assign(np.clip(np.asarray(weight), -adversary.clip_weights, adversary.clip_weights))

    @property
    def variables(self) -> list:
        """All that a checkpoint must keep."""
        return [*self.critic.variables, *self._optimizer.variables]

    def round(self, generator: Generator, batch: dict) -> dict[str, tf.Tensor]:
        """As many updates as there are columns in `batch["mix"]`; the images of all are generated in one pass.

        Args:
          generator: the opponent.
          batch: one replica's share of "real" `[B, N, H, W, C]`, "latents" `[B, N, D]` and "mix" `[B, K]`; N is K, or
            1 to use the same images in every update.

        Returns:
          The last update's "critic_loss" (NaN if any update's loss or gradient was not finite), "distance" (see `Adversary`) and
          "critic_gradient_norm".
        """
        shape = tf.shape(batch["latents"])
        generated = generator.generate_untracked(tf.reshape(batch["latents"], [-1, generator.dims]))
        generated = tf.reshape(tf.stop_gradient(generated), [shape[0], shape[1], *generator.image_shape])
        last = batch["real"].shape[1] - 1
        finite = tf.constant(True)
        for i in range(batch["mix"].shape[1]):
            j = min(i, last)
            reports = self._update(batch["real"][:, j], generated[:, j], batch["mix"][:, i])
            finite &= tf.math.is_finite(reports["critic_loss"]) & tf.math.is_finite(reports["critic_gradient_norm"])
        return reports | {"critic_loss": tf.where(finite, reports["critic_loss"], float("nan"))}

    def distance(self, generator: Generator, batch: dict) -> tf.Tensor:
        """The mean distance over N batches as in `round`, each with its own statistics."""
        total = 0.0
        for i in range(batch["real"].shape[1]):
            generated = generator.generate_untracked(batch["latents"][:, i])
            real, generated = (self.critic(images, training=True) for images in (batch["real"][:, i], generated))
            total += self._adversary.distance(real, generated)
        return total / batch["real"].shape[1]

    def _update(self, real, generated, mix):
        weights = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            loss, distance = self._adversary.critic_loss(self.critic, real, generated, mix)
            scaled = loss / gradients.replicas()
        norm = gradients.apply(self._optimizer, tape.gradient(scaled, weights), weights)
        return {"critic_loss": loss, "distance": distance, "critic_gradient_norm": norm}
