"""Adversaries: the critic's loss, the generator's loss, and the distance that the critic estimates.

A critic assigns a score V(x) to every image; real images should get higher scores. Whatever loss
the critic minimizes, `distance` is its estimate of the distance between generator and data: 0 for
equal distributions, positive otherwise, in every objective.

An f-divergence D_f(data || model) = E_model f(p_data / p_model) is bounded from below by

    F = E_data[g(V)] - E_model[f*(g(V))]               (Nowozin et al., 2016, Eq. 4 and 6)

with the conjugate f* and an activation g that maps V into the domain of f*. The critic maximizes F,
so its loss is -F and the distance is F. Equality holds if g(V) = f'(p_data / p_model). The
generator's loss is one of

    minimax          -E_model[f*(g(V))]    follows the gradient of the divergence itself
    non_saturating   -E_model[g(V)]        stronger gradient if the critic wins easily (section 3.2)
"""

import inspect
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfflowgan.errors import UserError

__all__ = ["GENERATOR_LOSSES", "Adversary", "FDivergence"]

GENERATOR_LOSSES = ("minimax", "non_saturating")


class Adversary:
    """The losses of critic and generator. Scores have shape `[B]`; losses are means, scalars.

    The arguments of a subclass's constructor are its config for Keras, so they should be plain.

    Attributes:
      clip_weights: c if the critic's weights are clipped to [-c, c], else None.
      penalizes_gradients: whether the critic's loss has a gradient penalty, which excludes batch
        normalization in the critic.
    """

    clip_weights: float | None = None
    penalizes_gradients = False
    _arguments: dict[str, Any]

    def __new__(cls, *arguments: Any, **named: Any) -> "Adversary":
        """Notes the arguments that the constructor gets."""
        adversary = super().__new__(cls)
        bound = inspect.signature(cls).bind(*arguments, **named)
        bound.apply_defaults()
        adversary._arguments = dict(bound.arguments)
        return adversary

    def __init_subclass__(cls, **named: Any) -> None:
        """Makes a subclass known to Keras."""
        super().__init_subclass__(**named)
        keras.saving.register_keras_serializable(package="tfflowgan")(cls)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return dict(self._arguments)

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Adversary":
        """The same adversary again."""
        return cls(**config)

    def distance(self, real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
        """Estimates the distance between generator and data from the scores of both, `[B]`."""
        raise NotImplementedError

    def generator_loss(self, generated: tf.Tensor) -> tf.Tensor:
        """Returns the generator's loss from the scores of its samples, `[B]`."""
        raise NotImplementedError

    def critic_loss(
        self,
        critic: Callable[..., tf.Tensor],
        real: tf.Tensor,
        generated: tf.Tensor,
        mix: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the critic's loss and the distance, two scalars.

        Args:
          critic: maps images to scores.
          real: images of the data, `[B, H, W, C]`.
          generated: samples of the generator, of the same shape.
          mix: uniform on [0, 1], `[B]`: the weights of `generated` in the interpolations between
            real and generated images at which a gradient penalty is evaluated.
        """
        distance = self.distance(critic(real, training=True), critic(generated, training=True))
        return -distance, distance


class FDivergence(Adversary):
    """An f-divergence. Subclasses implement `activation` (g) and `conjugate` (f* after g)."""

    def __init__(self, generator_loss: str):
        """Creates the adversary.

        Args:
          generator_loss: "minimax" or "non_saturating".

        Raises:
          UserError: there is no such loss.
        """
        if generator_loss not in GENERATOR_LOSSES:
            raise UserError(
                f"--generator_loss={generator_loss} is not known; it can be "
                f"{', '.join(GENERATOR_LOSSES)}."
            )
        self._saturates = generator_loss == "minimax"

    def activation(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns g(V)."""
        raise NotImplementedError

    def conjugate(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns f*(g(V))."""
        raise NotImplementedError

    def distance(self, real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
        """Returns the bound F."""
        return tf.reduce_mean(self.activation(real)) - tf.reduce_mean(self.conjugate(generated))

    def generator_loss(self, generated: tf.Tensor) -> tf.Tensor:
        """Returns the minimax or the non-saturating loss."""
        return -tf.reduce_mean(
            self.conjugate(generated) if self._saturates else self.activation(generated)
        )
