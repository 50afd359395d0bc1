"""A critic in training: its network, what it is trained for, and its optimizer."""

import functools

import keras
import numpy as np
import tensorflow as tf

from tfflowgan.bijectors import sharding
from tfflowgan.critics import ConditionalCritic, condition_on
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
      conditional: whether it is told of the generator by extra images.
    """

    def __init__(self, critic: keras.Model, adversary: Adversary, optimizer: keras.optimizers.Optimizer):
        """Makes the optimizer's variables and, under weight clipping, puts the critic's weights into their box."""
        self.critic = critic
        self.conditional = isinstance(critic, ConditionalCritic)
        self._spreads = not any(isinstance(layer, keras.layers.BatchNormalization) for layer in critic._flatten_layers())
        self._adversary = adversary
        self._optimizer = optimizer
        optimizer.build(critic.trainable_variables)
        if adversary.clip_weights is not None:
            for weight in critic.clipped_weights if self.conditional else critic.trainable_variables:
                weight.constraint = _Box(adversary.clip_weights)
                weight.assign(np.clip(np.asarray(weight), -adversary.clip_weights, adversary.clip_weights))

    @property
    def variables(self) -> list:
        """All that a checkpoint must keep."""
        return [*self.critic.variables, *self._optimizer.variables]

    def update(self, generator: Generator, batch: dict) -> dict[str, tf.Tensor]:
        """As many updates as there are columns in `batch["mix"]`; the images of all are generated in one pass.

        Args:
          generator: the opponent.
          batch: one replica's share of "real" `[B, N, H, W, C]`, "latents" `[B, N, D]` and "mix" `[B, K]`, for a conditional
            critic "extra" `[B, N, D]` too; N is K, or 1 to use the same images in every update.

        Returns:
          The last update's "critic_loss" (NaN if any update's loss or gradient was not finite), "distance" (see `Adversary`) and
          "critic_gradient_norm".
        """
        generated, extra = self._generate(generator, batch)
        last = batch["real"].shape[1] - 1
        finite = tf.constant(True)
        for i in range(batch["mix"].shape[1]):
            j = min(i, last)
            reports = self._update(
                batch["real"][:, j], generated[:, j], extra[:, j] if extra is not None else None, batch["mix"][:, i]
            )
            finite &= tf.math.is_finite(reports["critic_loss"]) & tf.math.is_finite(reports["critic_gradient_norm"])
        return reports | {"critic_loss": tf.where(finite, reports["critic_loss"], float("nan"))}

    def conditioned(self, generator: Generator, extra: tf.Tensor | None):
        """The critic as a function of images alone, for a generator's step; gradients do not pass through extra images.

        Args:
          generator: the opponent.
          extra: latents `[B, D]` of extra images for a conditional critic; else None.
        """
        return self._scores(generator.generate_untracked(extra) if self.conditional else None)

    def distance(self, generator: Generator, batch: dict) -> tf.Tensor:
        """The mean distance over N batches as in `round`, each with its own statistics."""
        total = 0.0
        for i in range(batch["real"].shape[1]):
            generated = generator.generate_untracked(batch["latents"][:, i])
            real, generated = (self.critic(images, training=True) for images in (batch["real"][:, i], generated))
            total += self._adversary.distance(real, generated)
        return total / batch["real"].shape[1]

    def _scores(self, extra):
        """The critic as a function of images, its batches in shares unless it normalises over them."""
        scores = condition_on(self.critic, extra)
        return functools.partial(sharding.map_shards, scores) if self._spreads else scores

    def _generate(self, generator, batch):
        """Images `[B, N, H, W, C]` of the latents, and extra ones or None."""
        latents = tf.concat([batch["latents"], batch["extra"]], axis=0) if self.conditional else batch["latents"]
        shape = tf.shape(latents)
        images = tf.stop_gradient(generator.generate_untracked(tf.reshape(latents, [-1, generator.dims])))
        images = tf.reshape(images, [shape[0], shape[1], *generator.image_shape])
        return tf.split(images, 2) if self.conditional else (images, None)

    def _update(self, real, generated, extra, mix):
        weights = self.critic.trainable_variables
        with tf.GradientTape() as tape:
            loss, distance = self._adversary.critic_loss(self._scores(extra), real, generated, mix)
            scaled = loss / gradients.replicas()
        norm = gradients.apply(self._optimizer, tape.gradient(scaled, weights), weights)
        return {"critic_loss": loss, "distance": distance, "critic_gradient_norm": norm}
