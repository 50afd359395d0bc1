"""tfflowgan: invertible generators trained by likelihood, by an adversary, or by both, and judged exactly.

    flow = tfflowgan.build("nvp", image_shape=(28, 28, 1), levels=2)
    flow.log_prob(images), flow.sample(64, seed=1)

    flow = tfflowgan.load("saved_models/nvp_mnist_mle_small")

Names are imported when they are first used, so that `import tfflowgan` alone does not import TensorFlow.
"""

from typing import TYPE_CHECKING

from tfflowgan.environment import check as _check_environment

__all__ = ["Flow", "UserError", "__version__", "build", "export", "load", "units"]

__version__ = "0.1.0"

_check_environment()

if TYPE_CHECKING:
    from tfflowgan import units
    from tfflowgan.errors import UserError
    from tfflowgan.flows import Flow, build
    from tfflowgan.saved_model import export, load

_HOMES = {
    "Flow": "tfflowgan.flows",
    "UserError": "tfflowgan.errors",
    "build": "tfflowgan.flows",
    "export": "tfflowgan.saved_model",
    "load": "tfflowgan.saved_model",
}


def __getattr__(name: str):
    import importlib

    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    if name == "units":
        return importlib.import_module("tfflowgan.units")
    raise AttributeError(f"module 'tfflowgan' has no attribute {name!r}")
