"""Generators: what draws images. Here are those without a density; `tfflowgan.flows` has those with one."""

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

# isort: split

from tfflowgan import plugins
from tfflowgan.generators._generator import Generator, build_part, build_spec, image_seeds

__all__ = ["Generator", "build", "build_part", "build_spec", "image_seeds", "options"]


def options(name: str) -> dict:
    """What a generator can be asked for: its `build`'s keyword arguments with their defaults."""
    return plugins.options("generators", name, "generator")


def build(name: str, image_shape: tuple[int, int, int], **overrides) -> Generator:
    """Builds a generator without a density by name.

    Args:
      name: one of `tfflowgan.plugins.names("generators")`.
      image_shape: `[H, W, C]`.
      **overrides: the generator's own options (see `options(name)`).

    Returns:
      A `Generator` with new weights; `generator.spec` holds all it was built from.

    Raises:
      UserError: no such generator or option.
    """
    return build_part(plugins.choose("generators", name, "generator", overrides), image_shape)
