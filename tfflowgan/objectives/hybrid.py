"""Adversarial training and maximum likelihood combined.

    loss = V(G) + nll_weight * NLL         NLL in nats per image (Grover et al., 2018, Eq. 7)

V is the generator's loss of any adversarial objective. Published weights do not carry over.
Flow-GAN's paper states the weights 0.1 (MNIST) and 1 (CIFAR-10), while its published commands have
1 and 20. Its code divides the sum by the weight, and its gradient penalty has another scale than a
correct one (see `wgan_gp`). Choose the weight from the learning curves: see
`docs/guides/adversary.md`.
"""

from typing import Any

from tfflowgan import plugins
from tfflowgan.errors import UserError
from tfflowgan.objectives._objective import Objective

__all__ = ["build"]


def build(
    adversary: plugins.Choice = "wgan_gp", nll_weight: float = 0.1, **options: Any
) -> Objective:
    """Builds the objective.

    Args:
      adversary: name of an adversarial objective, or a function that returns one.
      nll_weight: weight of the NLL, greater than 0.
      **options: options of the adversary.

    Raises:
      UserError: `adversary` is not an adversarial objective, or the weight is not positive.
    """
    if adversary in ("mle", "hybrid"):
        raise UserError(
            f"--adversary={adversary} is not an adversarial objective; use one such as wgan_gp."
        )
    if not nll_weight > 0:
        raise UserError(
            f"--nll_weight={nll_weight} must be greater than 0; to train without the likelihood, "
            f"use --objective={adversary}."
        )
    inner = plugins.function("objectives", adversary, "adversary")(**options)
    if getattr(inner, "adversary", None) is None:
        raise UserError(f"--adversary={plugins.title(adversary)} has no adversary.")
    return Objective(inner.adversary, nll_weight)
