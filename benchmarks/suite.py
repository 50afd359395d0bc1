"""What is measured: networks, batch sizes, operations and implementations, as plain values.

    nice        the default of `--flow=nice`, on images of MNIST's size
    nvp         that of `--dataset=mnist`: `--flow=nvp`
    nvp3        that of `--flow=nvp` with 3 levels of width 32, on images of CIFAR-10's size
    real_nvp    that of `--dataset=cifar10`: `--flow=real_nvp`

Defaults are read from the flows' modules, so what is measured follows them. Every peer builds its
network from the same options.
"""

import dataclasses
import pathlib
import sys
from typing import Any

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from tfflowgan import plugins

__all__ = ["ARCHITECTURES", "OPERATIONS", "Architecture", "implementations", "refuse_others"]
__all__ += ["spec"]

OPERATIONS = ("log_prob", "sample", "mle", "wgan_gp", "hybrid")
_PEERS = pathlib.Path(__file__).parent / "peers"


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A flow at full size.

    Attributes:
      name: of the measurement, and of its files.
      flow: a value of `--flow`.
      critic: the one of its rounds, a value of `--critic`.
      image_shape: `(H, W, C)`.
      batches: how many images a small and a large batch have.
      changed: options that differ from the flow's defaults.
    """

    name: str
    flow: str
    critic: str
    image_shape: tuple[int, int, int]
    batches: tuple[int, int]
    changed: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def options(self) -> dict[str, Any]:
        """All options of the flow."""
        return plugins.options("flows", self.flow, "flow") | self.changed


_MNIST, _CIFAR10 = (28, 28, 1), (32, 32, 3)
ARCHITECTURES = {
    a.name: a
    for a in (
        Architecture("nice", "nice", "flowgan_mnist", _MNIST, (64, 1024)),
        Architecture("nvp", "nvp", "flowgan_mnist", _MNIST, (64, 256)),
        Architecture("nvp3", "nvp", "dcgan", _CIFAR10, (64, 256), {"levels": 3, "width": 32}),
        Architecture("real_nvp", "real_nvp", "dcgan", _CIFAR10, (64, 128)),
    )
}


def implementations(
    architecture: str, python: str, peers_python: str
) -> dict[str, tuple[str, str, str]]:
    """Name -> (interpreter, script, variant) of everything that has an architecture.

    Args:
      architecture: its name.
      python: interpreter with this package.
      peers_python: interpreter with `benchmarks/requirements.txt`.
    """
    ours = {f"tfflowgan {v}": (python, str(_PEERS / "ours.py"), v) for v in ("float32", "bfloat16")}
    torch = {
        f"PyTorch {v}": (peers_python, str(_PEERS / "pytorch.py"), v)
        for v in ("eager", "fused", "compiled")
    }
    if architecture != "nice":
        return ours | torch
    others = {
        name: (peers_python, str(_PEERS / f"{name.lower()}_nice.py"), "fused")
        for name in ("nflows", "normflows", "zuko", "FrEIA")
    }
    tfp = {f"TFP RealNVP {v}": (python, str(_PEERS / "tfp_nice.py"), v) for v in ("plain", "xla")}
    return ours | torch | others | tfp


def spec(architecture: Architecture, batch: int, variant: str) -> dict[str, Any]:
    """What a worker is told."""
    return {
        "flow": architecture.flow,
        "critic": architecture.critic,
        "image_shape": architecture.image_shape,
        "options": architecture.options,
        "batch": batch,
        "variant": variant,
    }


def refuse_others(path: pathlib.Path, results: dict[str, Any], same: dict[str, Any]) -> None:
    """Ends the program if a file of results was measured with other values of `same`."""
    for key, value in same.items():
        if results.get(key) != value:
            raise SystemExit(
                f"{path} was measured with {key}={results.get(key)}, and this is {value}; give "
                "another --output, or delete the file."
            )
