"""Maximum likelihood: minimise the negative log-likelihood of the data.

    loss = -E_{x ~ data} log p(x)         in nats per image (Grover et al., 2018, Eq. 2)

Builds no critic.
"""

import tensorflow as tf

__all__ = ["MaximumLikelihood", "build"]


class MaximumLikelihood:
    """The objective `mle`."""

    def generator_loss(self, flow, images):
        """The mean NLL of images `[B, H, W, C]`, in nats, also reported as "nll"."""
        nll = -tf.reduce_mean(flow.distribution(training=True).log_prob(images))
        return nll, {"nll": nll}


def build() -> MaximumLikelihood:
    """Builds the objective."""
    return MaximumLikelihood()
