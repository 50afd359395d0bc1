"""Training a critic: its network, its loss and its optimizer."""

import functools
from collections.abc import Callable
from typing import Protocol

import keras
import numpy as np
import tensorflow as tf

from tfflowgan.bijectors import sharding
from tfflowgan.critics import ConditionalCritic, condition_on
from tfflowgan.keras_models import serializable
from tfflowgan.objectives import Adversary
from tfflowgan.training import gradients

__all__ = ["CriticTrainer", "Opponent"]


class Opponent(Protocol):
    """What a critic needs of a generator; every `Generator` has it."""

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """`(H, W, C)`."""
        ...

    @property
    def dims(self) -> int:
        """D, the length of a latent vector."""
        ...

    @property
    def dtype(self) -> str:
        """Of latents and images."""
        ...

    def generate_untracked(self, latents: tf.Tensor) -> tf.Tensor:
        """Maps latents `[B, D]` to images `[B, H, W, C]`; updates no running statistics."""
        ...


@serializable
class _Clip(keras.constraints.Constraint):
    """Clips a weight to [-bound, bound] after every update."""

    def __init__(self, bound):
        self._bound = bound

    def get_config(self):
        return {"bound": self._bound}

    def __call__(self, weight):
        return keras.ops.clip(weight, -self._bound, self._bound)


class CriticTrainer:
    """Updates a critic against a generator, without changing the generator.

    Attributes:
      critic: maps images `[B, H, W, C]` to scores `[B]`.
      optimizer: of the critic's weights.
      conditional: whether the critic also sees extra generated images, which tell it about the
        generator (see `ConditionalCritic`).
    """

    def __init__(
        self, critic: keras.Model, adversary: Adversary, optimizer: keras.optimizers.Optimizer
    ) -> None:
        """Creates the optimizer's variables. If the adversary clips weights, clips them now.

        Weights of layers with an attribute `unclipped` that is true stay as they are.

        Args:
          critic: the network to train.
          adversary: its loss, and the bound on its weights if there is one.
          optimizer: not built yet.
        """
        self.critic = critic
        self.conditional = isinstance(critic, ConditionalCritic)
        layers = [*critic._flatten_layers()]
        self._sharded = not any(isinstance(x, keras.layers.BatchNormalization) for x in layers)
        self._mixed = any(layer.compute_dtype != layer.variable_dtype for layer in layers)
        self._adversary = adversary
        self._differentiate = self._gradients
        self.optimizer = optimizer
        optimizer.build(critic.trainable_variables)
        if adversary.clip_weights is not None:
            bound = adversary.clip_weights
            weights = critic.clipped_weights if self.conditional else critic.trainable_variables
            free = [w for x in layers if getattr(x, "unclipped", False) for w in x.weights]
            for weight in weights:
                if any(weight is other for other in free):
                    continue
                weight.constraint = _Clip(bound)
                weight.assign(np.clip(np.asarray(weight), -bound, bound))

    @property
    def variables(self) -> list:
        """The variables that a checkpoint must hold."""
        return [*self.critic.variables, *self.optimizer.variables]

    def compile_gradients(self) -> None:
        """Lets XLA compile what each replica computes; see `FlowGAN.compile_gradients`."""
        self._differentiate = gradients.compiled(self._gradients)

    def update(self, generator: Opponent, batch: dict) -> dict[str, tf.Tensor]:
        """Updates the critic K times. The images of all updates are generated in one pass.

        Args:
          generator: the opponent.
          batch: one replica's share of "real" `[B, N, H, W, C]`, "latents" `[B, N, D]` and "mix"
            `[B, K]`; for a conditional critic also "extra" `[B, N, D]`. N is K, or 1 to use the
            same images in every update.

        Returns:
          "critic_loss", "distance" (see `Adversary`) and "critic_gradient_norm" of the last update.
          The loss is NaN if the loss or the gradient of any update is not finite.
        """
        generated, extra = self._generate(generator, batch)
        last = batch["real"].shape[1] - 1
        finite = tf.constant(True)
        for i in range(batch["mix"].shape[1]):
            j = min(i, last)
            condition = extra[:, j] if extra is not None else None
            reports = self._update(
                batch["real"][:, j], generated[:, j], condition, batch["mix"][:, i]
            )
            for name in ("critic_loss", "critic_gradient_norm"):
                finite &= tf.math.is_finite(reports[name])
        return reports | {"critic_loss": tf.where(finite, reports["critic_loss"], float("nan"))}

    def conditioned(self, generator: Opponent, extra: tf.Tensor | None) -> Callable:
        """The critic as a function of images alone, for a step of the generator.

        Gradients do not flow through the extra images of a conditional critic.

        Args:
          generator: the opponent.
          extra: latents `[B, D]` of the extra images of a conditional critic; None for others.

        Returns:
          A function from images `[B, H, W, C]` to scores `[B]`.
        """
        return self._scores(generator.generate_untracked(extra) if self.conditional else None)

    def distance(self, generator: Opponent, batch: dict) -> tf.Tensor:
        """The mean distance over N batches, each normalized by its own batch statistics.

        Args:
          generator: the opponent.
          batch: "real" and "latents" as in `update`.

        Returns:
          A scalar; see `Adversary` for its definition.
        """
        total = 0.0
        for i in range(batch["real"].shape[1]):
            generated = generator.generate_untracked(batch["latents"][:, i])
            real = self.critic(batch["real"][:, i], training=True)
            scores = self.critic(generated, training=True)
            real, scores = (tf.cast(values, generated.dtype) for values in (real, scores))
            total += self._adversary.distance(real, scores)
        return total / batch["real"].shape[1]

    def _scores(self, extra):
        """The critic as a function of images, in shards unless it normalizes over the batch.

        Scores of mixed precision get the dtype of the images, in which losses and penalties are
        computed.
        """
        scores = critic = condition_on(self.critic, extra)
        if self._mixed:

            def scores(images, **options):
                return tf.cast(critic(images, **options), images.dtype)

        return functools.partial(sharding.map_shards, scores) if self._sharded else scores

    def _generate(self, generator, batch):
        """Images `[B, N, H, W, C]` of the latents, and extra images or None."""
        latents = batch["latents"]
        if self.conditional:
            latents = tf.concat([latents, batch["extra"]], axis=0)
        shape = tf.shape(latents)
        flat = tf.reshape(latents, [-1, generator.dims])
        images = tf.stop_gradient(generator.generate_untracked(flat))
        images = tf.reshape(images, [shape[0], shape[1], *generator.image_shape])
        return tf.split(images, 2) if self.conditional else (images, None)

    def _update(self, real, generated, extra, mix):
        loss, distance, found = self._differentiate(real, generated, extra, mix)
        norm = gradients.apply(self.optimizer, found, self.critic.trainable_variables)
        return {"critic_loss": loss, "distance": distance, "critic_gradient_norm": norm}

    def _gradients(self, real, generated, extra, mix):
        with tf.GradientTape() as tape:
            loss, distance = self._adversary.critic_loss(self._scores(extra), real, generated, mix)
            scaled = gradients.scaled(loss)
        return loss, distance, tape.gradient(scaled, self.critic.trainable_variables)
