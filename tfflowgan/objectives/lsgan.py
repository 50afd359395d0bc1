"""Least-squares GAN with the target 1 for data, 0 for samples, and 1 for the generator.

    critic      min_V  L = (E_data (V - 1)^2 + E_model V^2) / 2          (Mao et al., 2017, Eq. 9)
    generator   min_G  E_model (V - 1)^2 / 2
    distance    2 - 8 L <= integral of (p_data - p_model)^2 / (p_data + p_model): 0 to 2

The distance bounds the triangular discrimination (Vincze and Le Cam) from below: for the optimal
V = p_data / (p_data + p_model), L = integral of p_data p_model / (p_data + p_model) / 2.
"""

from collections.abc import Callable

import tensorflow as tf

from tfflowgan.objectives._adversary import Adversary
from tfflowgan.objectives._objective import Objective

__all__ = ["LeastSquares", "build"]


class LeastSquares(Adversary):
    """The least-squares losses."""

    def distance(self, real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
        """Returns the lower bound on the triangular discrimination."""
        return 2.0 - 8.0 * self._loss(real, generated)

    def generator_loss(self, generated: tf.Tensor) -> tf.Tensor:
        """Returns half the mean squared difference from 1."""
        return 0.5 * tf.reduce_mean(tf.square(generated - 1.0))

    def critic_loss(
        self,
        critic: Callable[..., tf.Tensor],
        real: tf.Tensor,
        generated: tf.Tensor,
        mix: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns L, as published, and the distance."""
        _, distance = super().critic_loss(critic, real, generated, mix)
        return 0.125 * (2.0 - distance), distance

    def _loss(self, real, generated):
        return 0.5 * (tf.reduce_mean(tf.square(real - 1.0)) + tf.reduce_mean(tf.square(generated)))


def build() -> Objective:
    """Builds the objective."""
    return Objective(LeastSquares(), nll_weight=0.0)
