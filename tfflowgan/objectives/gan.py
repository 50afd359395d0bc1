"""The original GAN: the Jensen-Shannon divergence.

    critic      max_V  E_data log D(x) + E_model log(1 - D(x)),  D = sigmoid(V)         (Goodfellow et al., 2014, Eq. 1)
    generator   non_saturating (default):  min_G  -E_model log D(G(z))
                minimax:                   min_G   E_model log(1 - D(G(z)))             (Grover et al., 2018, Eq. 3)
    distance    (F + log 4) / 2 <= JSD(data, model), in nats: 0 to log 2

Optimal where V = log p_data / p_model.
"""

import math

import tensorflow as tf

from tfflowgan.objectives._adversary import FDivergence
from tfflowgan.objectives._objective import Objective

__all__ = ["JensenShannon", "build"]


class JensenShannon(FDivergence):
    """The Jensen-Shannon divergence."""

    def activation(self, scores):
        """Log D."""
        return -tf.nn.softplus(-scores)

    def conjugate(self, scores):
        """-log(1 - D)."""
        return tf.nn.softplus(scores)

    def distance(self, real, generated):
        """The bound on the divergence itself, in nats."""
        return 0.5 * (super().distance(real, generated) + math.log(4.0))

    def critic_loss(self, critic, real, generated, mix):
        """The cross-entropy of real and generated, as published: twice the distance's negative, up to a constant."""
        _, distance = super().critic_loss(critic, real, generated, mix)
        return math.log(4.0) - 2.0 * distance, distance


def build(generator_loss: str = "non_saturating") -> Objective:
    """Builds the objective with one of two losses for the generator."""
    return Objective(JensenShannon(generator_loss), nll_weight=0.0)
