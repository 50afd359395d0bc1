"""KL(model || data), estimated from samples alone.

    f(u) = -log u,  g(V) = -exp(-V),  f*(t) = -1 - log(-t)
    (Nowozin et al., 2016, tables 1 and 2)

    critic      max_V  -E_data exp(-V) + E_model (1 - V)
    generator   minimax (default, as in Flow-GAN's code):  min_G  E_model (1 - V)
                non_saturating:                            min_G  E_model exp(-V)
    distance    the critic's lower bound on KL(model || data), in nats

The optimal critic is V = log p_data / p_model; with this sign, real images get higher scores.
"""

import tensorflow as tf

from tfflowgan.objectives._adversary import FDivergence
from tfflowgan.objectives._objective import Objective

__all__ = ["ReverseKullbackLeibler", "build"]


class ReverseKullbackLeibler(FDivergence):
    """KL(model || data), which hardly penalizes dropped modes."""

    def activation(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns -exp(-V)."""
        return -tf.exp(-scores)

    def conjugate(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns V - 1."""
        return scores - 1.0


def build(generator_loss: str = "minimax") -> Objective:
    """Builds the objective; `generator_loss` is "minimax" or "non_saturating"."""
    return Objective(ReverseKullbackLeibler(generator_loss), nll_weight=0.0)
