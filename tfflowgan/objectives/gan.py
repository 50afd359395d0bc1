"""The original GAN: the Jensen-Shannon divergence.

    critic      max_V  E_data log D(x) + E_model log(1 - D(x)),  D = sigmoid(V)
                (Goodfellow et al., 2014, Eq. 1)
    generator   non_saturating (default):  min_G  -E_model log D(G(z))
                minimax:                   min_G   E_model log(1 - D(G(z)))
                (Grover et al., 2018, Eq. 3)
    distance    (F + log 4) / 2 <= JSD(data, model), in nats: 0 to log 2

The optimal critic is V = log p_data / p_model.
"""

import math
from collections.abc import Callable

import tensorflow as tf

from tfflowgan.objectives._adversary import FDivergence
from tfflowgan.objectives._objective import Objective

__all__ = ["JensenShannon", "build"]


class JensenShannon(FDivergence):
    """The Jensen-Shannon divergence."""

    def activation(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns log D."""
        return -tf.nn.softplus(-scores)

    def conjugate(self, scores: tf.Tensor) -> tf.Tensor:
        """Returns -log(1 - D)."""
        return tf.nn.softplus(scores)

    def distance(self, real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
        """Returns the lower bound on the Jensen-Shannon divergence, in nats."""
        return 0.5 * (super().distance(real, generated) + math.log(4.0))

    def critic_loss(
        self,
        critic: Callable[..., tf.Tensor],
        real: tf.Tensor,
        generated: tf.Tensor,
        mix: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the published cross-entropy, log 4 - 2 distance, and the distance."""
        _, distance = super().critic_loss(critic, real, generated, mix)
        return math.log(4.0) - 2.0 * distance, distance


def build(generator_loss: str = "non_saturating") -> Objective:
    """Builds the objective; `generator_loss` is "non_saturating" or "minimax"."""
    return Objective(JensenShannon(generator_loss), nll_weight=0.0)
