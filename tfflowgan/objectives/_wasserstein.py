"""What `wgan` and `wgan_gp` share: scores are compared by their means (Danihelka et al., 2017, Eq. 2)."""

import tensorflow as tf

from tfflowgan.objectives._adversary import Adversary

__all__ = ["Wasserstein"]


class Wasserstein(Adversary):
    """The Wasserstein distance, by a critic that subclasses keep from being steep."""

    def distance(self, real, generated):
        """The difference of the mean scores."""
        return tf.reduce_mean(real) - tf.reduce_mean(generated)

    def generator_loss(self, generated):
        """Minus the mean score."""
        return -tf.reduce_mean(generated)
