"""KL(data || model), estimated from samples alone.

    f(u) = u log u,  g(V) = V,  f*(t) = exp(t - 1)          (Nowozin et al., 2016, tables 1 and 2)

    critic      max_V  E_data V - E_model exp(V - 1)
    generator   non_saturating (default, as in Flow-GAN's code):  min_G  -E_model V
                minimax:                                          min_G  -E_model exp(V - 1)
    distance    the critic's lower bound on KL(data || model), in nats

The optimal critic is V = 1 + log p_data / p_model. The exponential makes the critic's gradients
heavy-tailed.
"""

import tensorflow as tf

from tfflowgan.objectives._adversary import FDivergence
from tfflowgan.objectives._objective import Objective

__all__ = ["KullbackLeibler", "build"]


class KullbackLeibler(FDivergence):
    """KL(data || model), which maximum likelihood minimizes as well."""

    def activation(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns V."""
        return scores

    def conjugate(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns exp(V - 1)."""
        return tf.exp(scores - 1.0)


def build(generator_loss: str = "non_saturating") -> Objective:
    """Builds the objective; `generator_loss` is "non_saturating" or "minimax"."""
    return Objective(KullbackLeibler(generator_loss), nll_weight=0.0)
