"""Diagonal Gaussian encoder: q(z | x) = prod_i N(z_i; m_i(x), s_i(x)^2) (Kingma and Welling, 2014).

Its KL divergence from the prior has a closed form: KL(q || p) = sum_i (m_i^2 + s_i^2 - 1) / 2 - log
s_i.
"""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.avb.encoders._encoder import Encoder
from tfflowgan.bijectors import Affine
from tfflowgan.keras_models import serializable

__all__ = ["Gaussian", "build"]


@serializable
class Gaussian(Encoder):
    """Computes means and log-scales from features by one linear layer, initialized to zero."""

    has_terms = True

    def __init__(self, latents: int, features: int, dtype: str):
        """Creates the layer; the arguments are those of `tfflowgan.avb.encoders.build`."""
        super().__init__(latents, dtype, "gaussian")
        self.arguments = {"latents": latents, "features": features, "dtype": dtype}
        self.layer = keras.layers.Dense(
            2 * latents, kernel_initializer="zeros", dtype=dtype, name="moments"
        )
        self.layer.build((None, features))

    def bijector(self, features: tf.Tensor) -> tfp.bijectors.Bijector:
        return Affine(*tf.split(self.layer(features), 2, axis=-1))

    def kl_terms(self, features: tf.Tensor) -> tf.Tensor:
        """Returns KL(q(z_i | x) || p(z_i)) in closed form, `[B, L]`."""
        mean, log_scale = tf.split(self.layer(features), 2, axis=-1)
        return 0.5 * (tf.square(mean) + tf.exp(2.0 * log_scale) - 1.0) - log_scale


def build(latents: int, features: int, width: int, dtype: str) -> Gaussian:
    """Builds the encoder; it has no hidden layer, so `width` is ignored."""
    return Gaussian(latents, features, dtype)
