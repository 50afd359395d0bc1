"""Discriminators between latents of an encoder and of the prior, one a file."""

from tfflowgan import plugins
from tfflowgan.avb.discriminators._discriminator import Discriminator

__all__ = ["Discriminator", "build"]


def build(name: str, dims: int, latents: int, width: int = 256, dtype: str = "float32") -> Discriminator:
    """Builds a discriminator by name.

    Args:
      name: one of `tfflowgan.plugins.names("avb/discriminators")`.
      dims: D, values in an image.
      latents: L, values in a latent vector.
      width: units of the hidden layers.
      dtype: "float32" or "float64".

    Raises:
      UserError: no such discriminator.
    """
    return plugins.load("avb/discriminators", name, "discriminator").build(dims, latents, width, dtype)
