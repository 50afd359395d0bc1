"""The total variation distance, half the integral of |p_data - p_model|: 0 to 1.

    f(u) = |u - 1| / 2,  g(V) = tanh(V) / 2,  f*(t) = t
    (Nowozin et al., 2016, tables 1 and 2)

    critic      max_V  E_data tanh(V) / 2 - E_model tanh(V) / 2
    generator   min_G  -E_model tanh(V) / 2: minimax and non-saturating are the same
    distance    the critic's lower bound on the total variation

The optimal critic has the sign of p_data - p_model and a large magnitude.
"""

import tensorflow as tf

from tfflowgan.objectives._adversary import Adversary
from tfflowgan.objectives._objective import Objective

__all__ = ["TotalVariation", "build"]


class TotalVariation(Adversary):
    """The total variation distance."""

    def distance(self, real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
        """Returns the difference of the means of tanh(V) / 2."""
        return 0.5 * (tf.reduce_mean(tf.tanh(real)) - tf.reduce_mean(tf.tanh(generated)))

    def generator_loss(self, generated: tf.Tensor) -> tf.Tensor:
        """Returns minus the mean of tanh(V) / 2."""
        return -0.5 * tf.reduce_mean(tf.tanh(generated))


def build() -> Objective:
    """Builds the objective."""
    return Objective(TotalVariation(), nll_weight=0.0)
