"""Base class of `wgan` and `wgan_gp` (Danihelka et al., 2017, Eq. 2)."""

import tensorflow as tf

from tfflowgan.objectives._adversary import Adversary

__all__ = ["Wasserstein"]


class Wasserstein(Adversary):
    """The Wasserstein distance. Subclasses bound the critic's Lipschitz constant."""

    def distance(self, real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
        """Returns the difference of the mean scores."""
        return tf.reduce_mean(real) - tf.reduce_mean(generated)

    def generator_loss(self, generated: tf.Tensor) -> tf.Tensor:
        """Returns minus the mean score."""
        return -tf.reduce_mean(generated)
