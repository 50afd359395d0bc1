"""Normalizing flows trained by maximum likelihood, adversarially, or both, exactly evaluated.

    flow = tfflowgan.build("nvp", image_shape=(28, 28, 1), levels=2)
    flow.log_prob(images), flow.sample(64, seed=1)

    flow = tfflowgan.load("saved_models/nvp_mnist_mle_small")
    flow = tfflowgan.load("runs/NAME", select="last")

Names are imported on first use: `import tfflowgan` alone imports neither TensorFlow nor Keras.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfflowgan import units
    from tfflowgan.errors import UserError
    from tfflowgan.flows import Flow, build
    from tfflowgan.serving.load import load
    from tfflowgan.serving.saved_model import export

__all__ = ["Flow", "UserError", "__version__", "build", "export", "load", "units"]

__version__ = "0.1.0"

_HOMES = {
    "Flow": "tfflowgan.flows",
    "UserError": "tfflowgan.errors",
    "build": "tfflowgan.flows",
    "export": "tfflowgan.serving.saved_model",
    "load": "tfflowgan.serving.load",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name == "units":
        return importlib.import_module("tfflowgan.units")
    raise AttributeError(f"module 'tfflowgan' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
