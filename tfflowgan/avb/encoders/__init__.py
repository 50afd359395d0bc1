"""Encoders: Keras models of q(z | x), one a file, for a variational auto-encoder."""

from tfflowgan import plugins
from tfflowgan.avb.encoders._encoder import Encoder, log_normal

__all__ = ["Encoder", "build", "log_normal"]


def build(name: str, latents: int, features: int, width: int = 256, dtype: str = "float32") -> Encoder:
    """Builds an encoder by name.

    Args:
      name: one of `tfflowgan.plugins.names("avb/encoders")`.
      latents: L, values in a latent vector.
      features: F, values that tell of an image.
      width: units of the layers within.
      dtype: "float32" or "float64".

    Raises:
      UserError: no such encoder, or a number of latents that it cannot have.
    """
    return plugins.load("avb/encoders", name, "encoder").build(latents, features, width, dtype)
