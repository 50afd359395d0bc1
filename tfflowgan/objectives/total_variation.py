"""The total variation, half the integral of |p_data - p_model|: 0 to 1.

    f(u) = |u - 1| / 2,  g(V) = tanh(V) / 2,  f*(t) = t          (Nowozin et al., 2016, tables 1 and 2)

    critic      max_V  E_data tanh(V) / 2 - E_model tanh(V) / 2
    generator   min_G  -E_model tanh(V) / 2: minimax and non-saturating are the same
    distance    the critic's bound on the total variation

Optimal where V has the sign of p_data - p_model and is large.
"""

import tensorflow as tf

from tfflowgan.objectives._adversary import Adversary
from tfflowgan.objectives._objective import Objective

__all__ = ["TotalVariation", "build"]


class TotalVariation(Adversary):
    """The total variation."""

    def distance(self, real, generated):
        """The difference of the mean squashed scores."""
        return 0.5 * (tf.reduce_mean(tf.tanh(real)) - tf.reduce_mean(tf.tanh(generated)))

    def generator_loss(self, generated):
        """Minus the mean squashed score."""
        return -0.5 * tf.reduce_mean(tf.tanh(generated))


def build() -> Objective:
    """Builds the objective."""
    return Objective(TotalVariation(), nll_weight=0.0)
