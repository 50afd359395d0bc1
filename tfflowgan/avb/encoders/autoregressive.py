"""Autoregressive Gaussian encoder: q(z | x) = prod_i N(z_i; m_i, s_i^2).

m_i and s_i are functions of x and of z_1, ..., z_{i-1}. This is one step of inverse autoregressive
flow (Kingma et al., 2016): a single pass computes a sample and its density.
"""

import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.avb.encoders._encoder import Encoder
from tfflowgan.bijectors import Autoregressive
from tfflowgan.keras_models import serializable
from tfflowgan.networks import masked_mlp

__all__ = ["AutoregressiveEncoder", "build"]


@serializable
class AutoregressiveEncoder(Encoder):
    """Computes means and log-scales by a masked network."""

    has_terms = True

    def __init__(self, latents: int, features: int, width: int, dtype: str):
        """Creates the network; the arguments are those of `tfflowgan.avb.encoders.build`."""
        super().__init__(latents, dtype, "autoregressive")
        self.arguments = {"latents": latents, "features": features, "width": width, "dtype": dtype}
        self.network = masked_mlp(latents, features, 2, width, dtype=dtype, name="moments")

    def bijector(self, features: tf.Tensor) -> tfp.bijectors.Bijector:
        def moments(noise):
            both = self.network([noise, features])
            return both[..., 0], both[..., 1]

        return Autoregressive(moments, self.latents, self.dtype)


def build(latents: int, features: int, width: int, dtype: str) -> AutoregressiveEncoder:
    """Builds the encoder; see `tfflowgan.avb.encoders.build`."""
    return AutoregressiveEncoder(latents, features, width, dtype)
