"""Least-squares GAN with the labels 1 for data, 0 for the model, and 1 for what the generator wants.

    critic      min_V  L = (E_data (V - 1)^2 + E_model V^2) / 2          (Mao et al., 2017, Eq. 9)
    generator   min_G  E_model (V - 1)^2 / 2
    distance    2 - 8 L <= integral of (p_data - p_model)^2 / (p_data + p_model): 0 to 2

The distance is the triangular discrimination (Vincze and Le Cam), since the optimal V = p_data / (p_data + p_model) leaves
L = integral of p_data p_model / (p_data + p_model) / 2.
"""

import tensorflow as tf

from tfflowgan.objectives._adversary import Adversary
from tfflowgan.objectives._objective import Objective

__all__ = ["LeastSquares", "build"]


class LeastSquares(Adversary):
    """Least squares."""

    def distance(self, real, generated):
        """The bound on the triangular discrimination."""
        return 2.0 - 8.0 * self._loss(real, generated)

    def generator_loss(self, generated):
        """Half the mean square of what is missing to 1."""
        return 0.5 * tf.reduce_mean(tf.square(generated - 1.0))

    def critic_loss(self, critic, real, generated, mix):
        """Half the sum of the two mean squares, as published."""
        _, distance = super().critic_loss(critic, real, generated, mix)
        return 0.125 * (2.0 - distance), distance

    def _loss(self, real, generated):
        return 0.5 * (tf.reduce_mean(tf.square(real - 1.0)) + tf.reduce_mean(tf.square(generated)))


def build() -> Objective:
    """Builds the objective."""
    return Objective(LeastSquares(), nll_weight=0.0)
