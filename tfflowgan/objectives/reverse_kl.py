"""KL(model || data), by samples alone.

    f(u) = -log u,  g(V) = -exp(-V),  f*(t) = -1 - log(-t)          (Nowozin et al., 2016, tables 1 and 2)

    critic      max_V  -E_data exp(-V) + E_model (1 - V)
    generator   minimax (default, as in Flow-GAN's code):  min_G  E_model (1 - V)
                non_saturating:                            min_G  E_model exp(-V)
    distance    the critic's bound on KL(model || data), in nats

Optimal where V = log p_data / p_model. The sign of V is chosen so that real images get the higher scores.
"""

import tensorflow as tf

from tfflowgan.objectives._adversary import FDivergence
from tfflowgan.objectives._objective import Objective

__all__ = ["ReverseKullbackLeibler", "build"]


class ReverseKullbackLeibler(FDivergence):
    """The divergence that forgives dropped modes."""

    def activation(self, scores):
        """-exp(-V)."""
        return -tf.exp(-scores)

    def conjugate(self, scores):
        """V - 1."""
        return scores - 1.0


def build(generator_loss: str = "minimax") -> Objective:
    """Builds the objective with one of two losses for the generator."""
    return Objective(ReverseKullbackLeibler(generator_loss), nll_weight=0.0)
