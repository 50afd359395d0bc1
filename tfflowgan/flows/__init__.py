"""Flows: Keras models that own their networks and assemble them into a `tfd.TransformedDistribution`."""

import inspect

from tfflowgan import plugins
from tfflowgan.errors import UserError
from tfflowgan.flows._flow import Flow
from tfflowgan.generators import image_seeds

__all__ = ["Flow", "build", "image_seeds", "options"]


def options(name: str) -> dict:
    """What a flow can be asked for: its `build`'s keyword arguments with their defaults."""
    signature = inspect.signature(plugins.load("flows", name, "flow").build)
    return {p.name: p.default for p in signature.parameters.values() if p.default is not p.empty}


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
    known = options(name)
    for key in overrides:
        if key not in known:
            raise UserError(f"--{key} does not apply to --flow={name}, which takes {', '.join(known)}.")
    chosen = known | overrides
    flow = plugins.load("flows", name, "flow").build(tuple(image_shape), **chosen)
    flow.spec = {"flow": name, "image_shape": list(image_shape), **chosen}
    return flow
