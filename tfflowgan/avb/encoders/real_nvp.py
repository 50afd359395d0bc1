"""A real NVP over latent vectors, conditioned on features (Danihelka et al., 2017, appendix A).

    eps -> 6 affine coupling layers with networks of (half, features)
    -> affine map whose shift and scale are functions of the features -> z

The paper specifies only that the encoder is a real NVP. The number of coupling layers and their
networks are our choice: two hidden layers, the last layer initialized to zero, log-scales
soft-clamped at 2.
"""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.avb.encoders._encoder import Encoder
from tfflowgan.bijectors import Affine, SplitCoupling
from tfflowgan.errors import UserError
from tfflowgan.keras_models import serializable
from tfflowgan.networks import mlp

__all__ = ["RealNVP", "build"]

_COUPLINGS, _LIMIT = 6, 2.0


@serializable
class RealNVP(Encoder):
    """Coupling layers conditioned on features."""

    def __init__(self, latents: int, features: int, width: int, dtype: str):
        """Creates the networks; the arguments are those of `tfflowgan.avb.encoders.build`."""
        super().__init__(latents, dtype, "real_nvp")
        self.arguments = {"latents": latents, "features": features, "width": width, "dtype": dtype}
        inputs = latents // 2 + features
        self.networks = [
            mlp(inputs, latents, width, 2, dtype=dtype, name=f"coupling_{i}")
            for i in range(_COUPLINGS)
        ]
        self.layer = keras.layers.Dense(
            2 * latents, kernel_initializer="zeros", dtype=dtype, name="moments"
        )
        self.layer.build((None, features))

    def bijector(self, features: tf.Tensor) -> tfp.bijectors.Bijector:
        couplings = [
            SplitCoupling(self._network(network, features), 1, i % 2 == 1, self.dtype, network.name)
            for i, network in enumerate(self.networks)
        ]
        affine = Affine(*tf.split(self.layer(features), 2, axis=-1))
        return tfp.bijectors.Chain([affine, *couplings], name="encoder")

    def _network(self, network, features):
        def shift_and_log_scale(half):
            shift, raw = tf.split(network(tf.concat([half, features], axis=-1)), 2, axis=-1)
            return shift, _LIMIT * tf.tanh(raw / _LIMIT)

        return shift_and_log_scale


def build(latents: int, features: int, width: int, dtype: str) -> RealNVP:
    """Builds the encoder; see `tfflowgan.avb.encoders.build`.

    Raises:
      UserError: the number of latents is odd.
    """
    if latents % 2:
        raise UserError(
            f"--latents={latents} must be even for --encoder=real_nvp, which splits them in halves."
        )
    return RealNVP(latents, features, width, dtype)
