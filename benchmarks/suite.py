"""What is measured: architectures, batch sizes, operations and implementations, as plain values."""

import dataclasses
import pathlib

__all__ = ["ARCHITECTURES", "OPERATIONS", "Architecture", "implementations", "spec"]

OPERATIONS = ("log_prob", "sample", "mle", "wgan_gp", "hybrid")
_PEERS = pathlib.Path(__file__).parent / "peers"


@dataclasses.dataclass(frozen=True)
class Architecture:
    """A flow at full size: our options, and how many images a small and a large batch have."""

    name: str
    image_shape: tuple[int, int, int]
    options: dict
    batches: tuple[int, int]


ARCHITECTURES = {
    a.name: a
    for a in (
        Architecture(
            "nice",
            (28, 28, 1),
            {"couplings": 4, "layers": 6, "width": 1000, "logit_alpha": 1e-7},
            (64, 1024),
        ),
        Architecture(
            "nvp",
            (32, 32, 3),
            {"levels": 3, "width": 32, "blocks": 4, "learned_bound": False, "logit_alpha": 1e-5},
            (64, 256),
        ),
        Architecture(
            "real_nvp",  # as published, without batch normalization; the peers build the same
            (32, 32, 3),
            {
                "levels": 2,
                "width": 64,
                "blocks": 8,
                "weight_norm": True,
                "layer_norm": False,
                "mixing": False,
                "logit_alpha": 0.05,
            },
            (64, 128),
        ),
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


def spec(architecture: Architecture, batch: int, variant: str) -> dict:
    """What a worker is told."""
    return {
        "architecture": architecture.name,
        "image_shape": architecture.image_shape,
        "options": architecture.options,
        "batch": batch,
        "variant": variant,
    }
