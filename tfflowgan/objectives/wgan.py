"""Wasserstein GAN with weight clipping.

    critic      max_f  E_data f(x) - E_model f(x)      all weights of f clipped to [-c, c]
                (Danihelka et al., 2017, Eq. 2)
    generator   min_G  -E_model f(G(z))
    distance    E_data f(x) - E_model f(x), an estimate of the Wasserstein distance times the
                critic's unknown Lipschitz constant

c = 0.01 (Arjovsky et al., 2017). The generator's loss is the minimax loss.
"""

from tfflowgan.errors import UserError
from tfflowgan.objectives._objective import Objective
from tfflowgan.objectives._wasserstein import Wasserstein

__all__ = ["ClippedWasserstein", "build"]


class ClippedWasserstein(Wasserstein):
    """The Wasserstein distance, estimated by a critic with clipped weights."""

    def __init__(self, clip_weights: float):
        """Creates the adversary.

        Args:
          clip_weights: c, greater than 0.

        Raises:
          UserError: c is not positive.
        """
        if not clip_weights > 0:
            raise UserError(f"--clip_weights={clip_weights} must be greater than 0.")
        self.clip_weights = clip_weights


def build(clip_weights: float = 0.01) -> Objective:
    """Builds the objective; `clip_weights` is c."""
    return Objective(ClippedWasserstein(clip_weights), nll_weight=0.0)
