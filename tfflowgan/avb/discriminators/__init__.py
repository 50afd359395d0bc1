"""Discriminators between latents of the encoder and of the prior, one per file."""

from tfflowgan import plugins
from tfflowgan.avb.discriminators._discriminator import Discriminator

__all__ = ["Discriminator", "build"]


def build(
    name: str, dims: int, latents: int, width: int = 256, dtype: str = "float32"
) -> Discriminator:
    """Builds a discriminator by name.

    Args:
      name: one of `tfflowgan.plugins.names("avb/discriminators")`.
      dims: D, the number of values in an image.
      latents: L, the length of a latent vector.
      width: units per hidden layer.
      dtype: "float32" or "float64".

    Raises:
      UserError: there is no such discriminator.
    """
    module = plugins.load("avb/discriminators", name, "discriminator")
    return module.build(dims, latents, width, dtype)
