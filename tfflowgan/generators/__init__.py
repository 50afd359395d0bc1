"""Generators map latent vectors to images. Those with a density are in `tfflowgan.flows`."""

from typing import Any

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

# isort: split

from tfflowgan import own_code, plugins
from tfflowgan.generators._arguments import (
    check_shape,
    checked_seeds,
    image_seeds,
    monitor_seeds,
)
from tfflowgan.generators._generator import Generator, build_part, build_spec
from tfflowgan.plugins import Choice

__all__ = [
    "Generator",
    "build",
    "build_part",
    "build_spec",
    "check_shape",
    "checked_seeds",
    "image_seeds",
    "monitor_seeds",
    "options",
]


def options(name: Choice) -> dict:
    """Returns a generator's options: the keyword arguments of its `build` with their defaults."""
    return plugins.options("generators", name, "generator")


def build(name: Choice, image_shape: tuple[int, int, int], **overrides: Any) -> Generator:
    """Builds a generator without a density by name.

    Args:
      name: one of `tfflowgan.plugins.names("generators")`; a function of the image shape that
        returns a `Generator`; or "FILE.py:FUNCTION", whose file is then executed.
      image_shape: `(H, W, C)`.
      **overrides: the generator's options (see `options(name)`).

    Returns:
      A `Generator` with new weights; `generator.spec` holds everything needed to rebuild it.

    Raises:
      UserError: there is no such generator or option.
    """
    with own_code.consent([name, *overrides.values()]):
        return build_part(plugins.choose("generators", name, "generator", overrides), image_shape)
