"""Encoders of variational auto-encoders: Keras models of q(z | x), one per file."""

from tfflowgan import plugins
from tfflowgan.avb.encoders._encoder import Encoder, log_normal

__all__ = ["Encoder", "build", "log_normal"]


def build(
    name: str, latents: int, features: int, width: int = 256, dtype: str = "float32"
) -> Encoder:
    """Builds an encoder by name.

    Args:
      name: one of `tfflowgan.plugins.names("avb/encoders")`.
      latents: L, the length of a latent vector.
      features: F, the number of features of an image.
      width: units per hidden layer.
      dtype: "float32" or "float64".

    Raises:
      UserError: there is no such encoder, or it does not support the number of latents.
    """
    return plugins.load("avb/encoders", name, "encoder").build(latents, features, width, dtype)
