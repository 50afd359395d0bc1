"""Normalizing flows: Keras models that compose networks into a `tfd.TransformedDistribution`."""

from typing import Any

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

# isort: split

from tfflowgan import own_code, plugins
from tfflowgan.flows._flow import Flow
from tfflowgan.flows._multi_scale import Level, MultiScaleFlow
from tfflowgan.flows._noise import dequantized_draws
from tfflowgan.generators import build_part, image_seeds
from tfflowgan.plugins import Choice

__all__ = [
    "Flow",
    "Level",
    "MultiScaleFlow",
    "build",
    "dequantized_draws",
    "image_seeds",
    "options",
]


def options(name: Choice) -> dict:
    """Returns a flow's options: the keyword arguments of its `build` with their defaults."""
    return plugins.options("flows", name, "flow")


def build(name: Choice, image_shape: tuple[int, int, int], **overrides: Any) -> Flow:
    """Builds a flow by name.

    Args:
      name: one of `tfflowgan.plugins.names("flows")`: "nice", "nvp", "real_nvp"; a function of the
        image shape that returns a `Flow`; or "FILE.py:FUNCTION", whose file is then executed.
      image_shape: `(H, W, C)`.
      **overrides: the flow's options (see `options(name)`).

    Returns:
      A `Flow` with new weights; `flow.spec` holds everything needed to rebuild it.

    Raises:
      UserError: there is no such flow or option, or the flow does not support the image shape.
    """
    with own_code.consent([name, *overrides.values()]):
        return build_part(plugins.choose("flows", name, "flow", overrides), image_shape)


for _name in plugins.names("flows"):  # Keras then knows their classes, as `load_model` asks for
    plugins.load("flows", _name, "flow")
