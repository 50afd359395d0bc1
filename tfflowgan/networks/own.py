"""Coupling networks of the user's own: a function `network(inputs, outputs, level, name)`.

The function returns a Keras model from `[B, ..., inputs]` to `[B, ..., outputs]`. Options of the
flow that it also takes, by name, are passed to it, and `dtype`, the dtype policy that
`--network_dtype` and `--dtype` ask for. The others have no effect, so they are refused unless they
have their default, or that of an older version.
"""

import inspect
from collections.abc import Callable
from typing import Any

import keras

from tfflowgan import plugins
from tfflowgan.errors import UserError

__all__ = ["own_network"]


def own_network(
    function: Callable[..., keras.Model],
    flow: str,
    place: tuple[int | None, ...],
    dtype: str,
    **options: Any,
) -> Callable[[int, int, int, str], keras.Model]:
    """A function that makes the networks of a flow and checks them.

    Args:
      function: the user's.
      flow: the flow's name, such as "nvp".
      place: the axes of the features between batch and channels: `(None, None)` for images.
      dtype: the dtype policy of the networks.
      **options: the flow's options that shape its own networks.

    Returns:
      A function of (inputs, outputs, level, name). The networks that it returns have weights.

    Raises:
      UserError: an option has no effect; when called, the user's function makes no such network.
    """
    known = plugins.options("flows", flow, "flow")
    former = plugins.former("flows", flow, 1)  # models of older versions hold its values
    parameters = inspect.signature(function).parameters
    given = options | {"dtype": dtype}
    taken = {name: value for name, value in given.items() if name in parameters}
    title = plugins.title(function)
    for name, value in options.items():
        used = name in taken or (name == "network_dtype" and "dtype" in taken)
        if not used and value not in (known[name], former.get(name)):
            raise UserError(
                f"--{name}={value} does not apply with --network={title}, which has no argument "
                f"{name}."
            )

    def make(inputs: int, outputs: int, level: int, name: str) -> keras.Model:
        network = function(inputs, outputs, level, name, **taken)
        found = f"a value of type {type(network).__name__}"
        if isinstance(network, keras.Model):
            features = network(keras.Input((*place, inputs)))  # makes its weights too
            if tuple(features.shape) == (None, *place, outputs):
                return network
            found = f"one with outputs {list(features.shape)}"
        raise UserError(
            f"--network={title} must return a Keras model from {inputs} to {outputs} channels, "
            f"[B, ..., {outputs}], for {name}; it returned {found}."
        )

    return make
