"""Normalizing flows trained by maximum likelihood, adversarially, or both, exactly evaluated.

    flow = tfflowgan.build("nvp", image_shape=(28, 28, 1), levels=2)
    flow.log_prob(images), flow.sample(64, seed=1)
    history = tfflowgan.fit(flow, uint8_images, epochs=10)

    flow = tfflowgan.load("saved_models/nvp_mnist_mle_small")
    flow = tfflowgan.load("runs/NAME", select="last")

Names are imported on first use: `import tfflowgan` alone imports neither TensorFlow nor Keras.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tfflowgan import units
    from tfflowgan.bijectors import CheckerboardCoupling, OnePassBijector, SplitCoupling
    from tfflowgan.errors import UserError
    from tfflowgan.flows import Flow, Level, MultiScaleFlow, build
    from tfflowgan.objectives import FDivergence
    from tfflowgan.serving.load import load
    from tfflowgan.serving.saved_model import export
    from tfflowgan.training.from_python import fit
    from tfflowgan.training.model import FlowGAN

__all__ = [
    "CheckerboardCoupling",
    "FDivergence",
    "Flow",
    "FlowGAN",
    "Level",
    "MultiScaleFlow",
    "OnePassBijector",
    "SplitCoupling",
    "UserError",
    "__version__",
    "build",
    "export",
    "fit",
    "load",
    "units",
]

__version__ = "0.2.0"

_HOMES = {
    "CheckerboardCoupling": "tfflowgan.bijectors",
    "FDivergence": "tfflowgan.objectives",
    "Flow": "tfflowgan.flows",
    "FlowGAN": "tfflowgan.training.model",
    "Level": "tfflowgan.flows",
    "MultiScaleFlow": "tfflowgan.flows",
    "OnePassBijector": "tfflowgan.bijectors",
    "SplitCoupling": "tfflowgan.bijectors",
    "UserError": "tfflowgan.errors",
    "build": "tfflowgan.flows",
    "export": "tfflowgan.serving.saved_model",
    "fit": "tfflowgan.training.from_python",
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
