"""A real NVP over latent vectors, conditioned on features of an image (Danihelka et al., 2017, appendix A).

    eps -> 6 affine couplings of the halves, each with a network of (half, features) -> shift and scale by features -> z

The paper says no more than that the encoder is a real NVP; the number of couplings and their networks (two hidden layers, the
last at zero at the start; log-scales bounded softly by 2) are ours.
"""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.avb.encoders._encoder import Encoder
from tfflowgan.bijectors import Affine, SplitCoupling
from tfflowgan.errors import UserError
from tfflowgan.networks import mlp

__all__ = ["RealNVP", "build"]

_COUPLINGS, _LIMIT = 6, 2.0


class RealNVP(Encoder):
    """Couplings that see the features."""

    def __init__(self, latents: int, features: int, width: int, dtype: str):
        """Makes the networks."""
        super().__init__(latents, dtype, "real_nvp")
        half = latents // 2
        self.networks = [mlp(half + features, latents, width, 2, dtype=dtype, name=f"coupling_{i}") for i in range(_COUPLINGS)]
        self.layer = keras.layers.Dense(2 * latents, kernel_initializer="zeros", dtype=dtype, name="moments")
        self.layer.build((None, features))

    def bijector(self, features):
        couplings = [
            SplitCoupling(self._network(network, features), 1, i % 2 == 1, self.dtype, network.name)
            for i, network in enumerate(self.networks)
        ]
        return tfp.bijectors.Chain([Affine(*tf.split(self.layer(features), 2, axis=-1)), *couplings], name="encoder")

    def _network(self, network, features):
        def shift_and_log_scale(half):
            shift, raw = tf.split(network(tf.concat([half, features], axis=-1)), 2, axis=-1)
            return shift, _LIMIT * tf.tanh(raw / _LIMIT)

        return shift_and_log_scale


def build(latents: int, features: int, width: int, dtype: str) -> RealNVP:
    """Builds the encoder."""
    if latents % 2:
        raise UserError(f"--latents={latents} must be even for --encoder=real_nvp, whose couplings are between two halves.")
    return RealNVP(latents, features, width, dtype)
