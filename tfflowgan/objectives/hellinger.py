"""The squared Hellinger distance, the integral of (sqrt p_data - sqrt p_model)^2: 0 to 2.

    f(u) = (sqrt u - 1)^2,  g(V) = 1 - exp(-V),  f*(t) = t / (1 - t)
    (Nowozin et al., 2016, tables 1 and 2)

    critic      max_V  E_data (1 - exp(-V)) - E_model (exp(V) - 1)
    generator   non_saturating (default, as in Flow-GAN's code):  min_G  E_model (exp(-V) - 1)
                minimax:                                          min_G  -E_model (exp(V) - 1)
    distance    the critic's lower bound on the squared distance

The optimal critic is V = (log p_data / p_model) / 2.
"""

import tensorflow as tf

from tfflowgan.objectives._adversary import FDivergence
from tfflowgan.objectives._objective import Objective

__all__ = ["Hellinger", "build"]


class Hellinger(FDivergence):
    """The squared Hellinger distance."""

    def activation(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns 1 - exp(-V)."""
        return -tf.math.expm1(-scores)

    def conjugate(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns exp(V) - 1."""
        return tf.math.expm1(scores)


def build(generator_loss: str = "non_saturating") -> Objective:
    """Builds the objective; `generator_loss` is "non_saturating" or "minimax"."""
    return Objective(Hellinger(generator_loss), nll_weight=0.0)
