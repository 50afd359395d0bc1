"""Annealed importance sampling between the prior and the posterior of an image's latents.

    log p_b(z) = log p(z) - b E(z) + const,     E(z) = |x - G(z)|^2 / (2 sigma^2)
    0 = b_0 < b_1 < ... < b_T = 1
    forward    z ~ p(z):      log w = -sum_t (b_t - b_(t-1)) E(z);
                              between terms, z moves under b_1, ..., b_(T-1)
    reverse    z ~ p(z|x):    the same sum with the opposite sign, the same moves in reverse order

E w is p(x) / exp(cap) for forward chains and exp(cap) / p(x) for reverse chains, where
cap = -D/2 log(2 pi sigma^2) (Neal, 2001; Grosse et al., 2015).

All chains of a group of images have a common step size, adapted to their mean acceptance rate so
far, as in Wu et al. (2017). Strictly, a move must not depend on the past of its chain. On a linear
model with D = 6 and T = 1,000, the mean of w was too large by 8 +- 2 % if each of 400 chains
adapted its own step size, and by -4 +- 3 % with a common one (measured).

`tfp.mcmc.sample_annealed_importance_chain` does not fit: it spaces b evenly, keeps the step size
fixed, cannot be resumed, and uses the log-density under the previous distribution in place of that
under the current one. Its random numbers differ under XLA.
"""

import numpy as np
import tensorflow as tf

from tfflowgan.errors import UserError
from tfflowgan.generators import Generator
from tfflowgan.metrics.annealing_moves import part_function
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.portable import Chains, Layout

__all__ = ["Annealer", "chains_at_once"]

# Values of all latents that are moved at once, unless asked for. Their activations must fit into
# memory for backpropagation: those of a group on a CPU, of ten on a GPU (not measured on one).
_LATENTS = {"CPU": 100_000, "GPU": 1_000_000}


def chains_at_once(dims: int, asked: int | None = None, device: str | None = None) -> int:
    """Chains that are moved at once.

    Args:
      dims: D.
      asked: the number asked for; None for what suits the device.
      device: "CPU" or "GPU"; None for TensorFlow's.

    Raises:
      UserError: it is not at least 1.
    """
    if asked is not None and asked < 1:
        raise UserError(f"--annealing_batch={asked} must be at least 1.")
    own = "GPU" if tf.config.list_logical_devices("GPU") else "CPU"
    return asked or max(1, _LATENTS[device or own] // dims)


class Annealer(Chains):
    """Runs annealed chains for one generator and one sigma; traced once for each shape."""

    def __init__(
        self,
        generator: Generator,
        sigma: float,
        distributions: int,
        chains: int,
        loop: ResumableLoop,
        at_once: int | None = None,
    ):
        """Creates the annealer.

        Args:
          generator: G.
          sigma: standard deviation of the observation noise, for images in [0, 1].
          distributions: T, at least 2.
          chains: chains per image.
          loop: shows and saves progress.
          at_once: chains per pass, see `chains_at_once`.
        """
        # No XLA: per image and distribution, NICE of width 1,000 takes 7 ms on one core, and 9 ms
        # with XLA (measured).
        move = tf.function(part_function(generator, sigma, chains), autograph=False)
        dims, most = generator.dims, chains_at_once(generator.dims, at_once)
        super().__init__(
            lambda **state: move(**_tensors(state)),
            lambda count: Layout.of(count, dims, chains, most),
            dims,
            distributions,
            chains,
            loop.scan,
        )


def _tensors(state: dict[str, np.ndarray]) -> dict[str, tf.Tensor]:
    return {name: tf.convert_to_tensor(value) for name, value in state.items()}
