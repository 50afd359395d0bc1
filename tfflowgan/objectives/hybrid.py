"""An adversary and the likelihood together.

    loss = V(G) + nll_weight * NLL         NLL in nats per image (Grover et al., 2018, Eq. 7)

V is the generator's loss of the adversary inside, any of the adversarial objectives. Flow-GAN's paper has the weights 0.1
(MNIST) and 1 (CIFAR-10), its published commands 1 and 20, its code the same sum divided by the weight, and its gradient
penalty another scale than a correct one (see `wgan_gp`): a weight is chosen by its curves, see `docs/training.md`.
"""

from tfflowgan import plugins
from tfflowgan.errors import UserError
from tfflowgan.objectives._objective import Objective

__all__ = ["build"]


def build(adversary: str = "wgan_gp", nll_weight: float = 0.1, **options) -> Objective:
    """Builds the objective.

    Args:
      adversary: one of the adversarial objectives.
      nll_weight: of the NLL, greater than 0.
      **options: the adversary's.

    Raises:
      UserError: the adversary is none, or the weight is not positive.
    """
    if adversary in ("mle", "hybrid"):
        raise UserError(f"--adversary={adversary} has no critic of its own; give an adversarial objective such as wgan_gp.")
    if not nll_weight > 0:
        raise UserError(f"--nll_weight={nll_weight} must be greater than 0; --objective={adversary} is without the likelihood.")
    inner = plugins.load("objectives", adversary, "adversary").build(**options)
    return Objective(inner.adversary, nll_weight)
