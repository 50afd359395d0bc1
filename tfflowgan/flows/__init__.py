"""Flows: Keras models that own their networks and assemble them into a `tfd.TransformedDistribution`."""

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

# isort: split

from tfflowgan import plugins
from tfflowgan.flows._flow import Flow
from tfflowgan.generators import build_part, image_seeds

__all__ = ["Flow", "build", "image_seeds", "options"]


def options(name: str) -> dict:
    """What a flow can be asked for: its `build`'s keyword arguments with their defaults."""
    return plugins.options("flows", name, "flow")


def build(name: str, image_shape: tuple[int, int, int], **overrides) -> Flow:
    """Builds a flow by name.

    Args:
      name: one of `tfflowgan.plugins.names("flows")`: "nice", "nvp", "real_nvp".
      image_shape: `[H, W, C]`.
      **overrides: the flow's own options (see `options(name)`).

    Returns:
      A `Flow` with new weights; `flow.spec` holds all it was built from.

    Raises:
      UserError: no such flow or option, or an image shape that the architecture does not allow.
    """
    return build_part(plugins.choose("flows", name, "flow", overrides), image_shape)
