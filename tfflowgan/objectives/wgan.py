"""Wasserstein GAN with weight clipping.

    critic      max_f  E_data f(x) - E_model f(x)      all weights of f in [-c, c]     (Danihelka et al., 2017, Eq. 2)
    generator   min_G  -E_model f(G(z))
    distance    E_data f(x) - E_model f(x), the Wasserstein distance times the critic's unknown Lipschitz constant

c = 0.01 (Arjovsky et al., 2017). The generator's loss is the minimax one.
"""

import tensorflow as tf

from tfflowgan.errors import UserError
from tfflowgan.objectives._adversary import Adversary
from tfflowgan.objectives._objective import Objective

__all__ = ["Wasserstein", "build"]


class Wasserstein(Adversary):
    """The Wasserstein distance by a critic with clipped weights."""

    def __init__(self, clip_weights: float):
        """Takes c."""
        if not clip_weights > 0:
            raise UserError(f"--clip_weights={clip_weights} must be greater than 0.")
        self.clip_weights = clip_weights

    def distance(self, real, generated):
        """The difference of the mean scores."""
        return tf.reduce_mean(real) - tf.reduce_mean(generated)

    def generator_loss(self, generated):
        """Minus the mean score."""
        return -tf.reduce_mean(generated)


def build(clip_weights: float = 0.01) -> Objective:
    """Builds the objective; `clip_weights` is c."""
    return Objective(Wasserstein(clip_weights), nll_weight=0.0)
