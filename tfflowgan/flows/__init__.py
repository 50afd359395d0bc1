"""Normalizing flows: Keras models that compose networks into a `tfd.TransformedDistribution`."""

from typing import Any

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

# isort: split

from tfflowgan import plugins
from tfflowgan.flows._flow import Flow
from tfflowgan.flows._multi_scale import Level, MultiScaleFlow
from tfflowgan.flows._noise import dequantized_draws
from tfflowgan.generators import build_part, image_seeds

__all__ = [
    "Flow",
    "Level",
    "MultiScaleFlow",
    "build",
    "dequantized_draws",
    "image_seeds",
    "options",
]


def options(name: str) -> dict:
    """Returns a flow's options: the keyword arguments of its `build` with their defaults."""
    return plugins.options("flows", name, "flow")


def build(name: str, image_shape: tuple[int, int, int], **overrides: Any) -> Flow:
    """Builds a flow by name.

    Args:
      name: one of `tfflowgan.plugins.names("flows")`: "nice", "nvp", "real_nvp".
      image_shape: `(H, W, C)`.
      **overrides: the flow's options (see `options(name)`).

    Returns:
      A `Flow` with new weights; `flow.spec` holds everything needed to rebuild it.

    Raises:
      UserError: there is no such flow or option, or the flow does not support the image shape.
    """
    return build_part(plugins.choose("flows", name, "flow", overrides), image_shape)
