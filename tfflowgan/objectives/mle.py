"""Maximum likelihood: minimize the negative log-likelihood of the data.

    loss = -E_{x ~ data} log p(x)         in nats per image (Grover et al., 2018, Eq. 1 and 6)

There is no critic.
"""

from tfflowgan.objectives._objective import Objective

__all__ = ["build"]


def build() -> Objective:
    """Builds the objective."""
    return Objective(adversary=None, nll_weight=1.0)
