"""Annealed importance sampling between the prior and the posterior of an image's latents.

    log p_b(z) = log p(z) - b E(z) + const,     E(z) = |x - G(z)|^2 / (2 sigma^2)
    0 = b_0 < b_1 < ... < b_T = 1
    forward    z ~ p(z):      log w = -sum_t (b_t - b_(t-1)) E(z);
                              between terms, z moves under b_1, ..., b_(T-1)
    reverse    z ~ p(z|x):    the same sum with the opposite sign, the same moves in reverse order

E w is p(x) / exp(cap) for forward chains and exp(cap) / p(x) for reverse chains, where
cap = -D/2 log(2 pi sigma^2) (Neal, 2001; Grosse et al., 2015).

All chains of a block have a common step size, adapted to their mean acceptance rate so far, as in
Wu et al. (2017). Strictly, a move must not depend on the past of its chain. On a linear model with
D = 6 and T = 1,000, the mean of w was too large by 8 +- 2 % if each of 400 chains adapted its own
step size, and by -4 +- 3 % with a common one (measured).

Moves are those of `tfp.mcmc.HamiltonianMonteCarlo`. `tfp.mcmc.sample_annealed_importance_chain`
does not fit: it spaces b evenly, keeps the step size fixed, cannot be resumed, and uses the
log-density under the previous distribution in place of that under the current one.
"""

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.generators import Generator
from tfflowgan.metrics.resumable_loop import ResumableLoop

__all__ = ["ACCEPTANCE", "LEAPFROG_STEPS", "Annealer", "sigmoid_schedule"]

LEAPFROG_STEPS = 10  # Wu et al. (2017)
ACCEPTANCE = 0.65  # target acceptance rate; Wu et al. (2017)
_RADIUS = 4.0  # of the sigmoid schedule; Wu et al. (2017)
# Ours. Per distribution, the step size shrinks by 6 % if no move is accepted and grows by 4 % if
# all are.
_RATE = 0.1
_FIRST_STEP = 0.1  # ours
_PART = 25  # distributions between two writes to disk
# Values of all latents in a block. Their activations must fit into memory for backpropagation; the
# 127 MNIST images in a block keep a CPU busy.
_LATENTS = 100_000


def sigmoid_schedule(distributions: int) -> np.ndarray:
    """Returns b_0 = 0 to b_T = 1: the sigmoid of an even grid on [-4, 4], rescaled to [0, 1].

    Args:
      distributions: T.

    Returns:
      float64, `[T + 1]`.
    """
    points = 1.0 / (1.0 + np.exp(-np.linspace(-_RADIUS, _RADIUS, distributions + 1)))
    return (points - points[0]) / (points[-1] - points[0])


class Annealer:
    """Runs annealed chains for one generator and one sigma; traced once."""

    def __init__(
        self,
        generator: Generator,
        sigma: float,
        distributions: int,
        chains: int,
        loop: ResumableLoop,
    ):
        """Creates the annealer.

        Args:
          generator: G.
          sigma: standard deviation of the observation noise, for images in [0, 1].
          distributions: T, at least 2.
          chains: chains per image.
          loop: shows and saves progress.
        """
        self._generator, self._sigma, self._chains, self._loop = generator, sigma, chains, loop
        self._betas = sigmoid_schedule(distributions)
        # No XLA: per image and distribution, NICE of width 1,000 takes 7 ms on one core, and 9 ms
        # with XLA (measured).
        self._start_function = tf.function(self._start, reduce_retracing=True, autograph=False)
        self._part_function = tf.function(self._part, reduce_retracing=True, autograph=False)

    def run(
        self,
        label: str,
        images: np.ndarray,
        seed: tf.Tensor,
        known: np.ndarray | None = None,
        step_sizes: np.ndarray | None = None,
    ) -> dict[str, np.ndarray]:
        """Runs all chains of all images.

        Args:
          label: name of these chains in `ResumableLoop`.
          images: `[N, H, W, C]`.
          seed: stateless seed, int32 `[2]`; random numbers depend only on the seed, the block of
            images and the distribution.
          known: exact samples of p(z|x), `[N, D]`, from which to run reverse chains; None runs
            forward chains.
          step_sizes: initial step size of each block; None means a default.

        Returns:
          "log_weight", the log of the mean w over an image's chains, float64 `[N]`; "acceptance",
          the
            mean acceptance rate of each chain, float64 `[N, chains]`; "step_size", the final step
            size of each block, in the generator's dtype.
        """
        size = max(1, _LATENTS // self._generator.dims // self._chains)
        blocks = []
        for i, first in enumerate(range(0, len(images), size)):
            part = slice(first, first + size)
            rows = np.repeat(images[part], self._chains, axis=0)
            fork = tf.random.fold_in(seed, i)
            if known is None:
                start = tf.random.fold_in(fork, 0)  # moves fold in t >= 1
                latents = self._generator.prior().sample(len(rows), seed=start)
            else:
                latents = np.repeat(known[part], self._chains, axis=0)
            step_size = _FIRST_STEP if step_sizes is None else step_sizes[i]
            reverse = known is not None
            blocks.append(self._block(f"{label}_{i}", rows, latents, step_size, fork, reverse))
        log_weight, acceptance = (
            np.concatenate([block[i] for block in blocks]).reshape(-1, self._chains) for i in (0, 1)
        )
        with np.errstate(invalid="ignore"):  # the caller reports weights that are not finite
            log_weight = np.logaddexp.reduce(log_weight, axis=1) - np.log(self._chains)
        step_size = np.stack([block[2] for block in blocks])
        return {"log_weight": log_weight, "acceptance": acceptance, "step_size": step_size}

    def _block(self, label, images, latents, step_size, seed, reverse):
        """Runs one chain per row of images and latents `[R, D]`.

        Returns:
          log w `[R]`, mean acceptance rates `[R]` and the final step size.
        """
        betas, dtype = self._betas[::-1].copy() if reverse else self._betas, self._generator.dtype
        images, latents, moves = tf.constant(images, dtype), tf.cast(latents, dtype), len(betas) - 2
        energy, gradient = self._start_function(images, latents)
        sums = {"log_weight": np.zeros(len(images)), "acceptance": np.zeros(len(images))}
        step_size = np.asarray(step_size, dtype)
        carry = {
            "latents": latents,
            "energy": energy,
            "gradient": gradient,
            "step_size": step_size,
            **sums,
        }

        def part(carry, first):
            end = tf.constant(min(first + _PART, moves + 1))
            return self._part_function(carry, images, betas, seed, tf.constant(first), end)

        starts = range(1, moves + 1, _PART)
        carry = self._loop.scan(label, part, carry, starts, unit=f"{_PART} distributions")
        energy = carry["energy"].astype(np.float64)
        log_weight = carry["log_weight"] - (betas[-1] - betas[-2]) * energy
        return log_weight, carry["acceptance"] / moves, carry["step_size"]

    def _start(self, images, latents):
        return tfp.math.value_and_gradient(lambda z: self._energy(images, z), latents)

    def _energy(self, images, latents):
        error = images - tf.cast(self._generator.generate(latents), images.dtype)
        return tf.reduce_sum(tf.square(error), axis=[1, 2, 3]) / (2.0 * self._sigma**2)

    def _part(self, carry, images, betas, seed, first, end):
        """Applies the terms and moves `first`, ..., `end - 1`."""

        def body(t, carry):
            difference, fork = betas[t] - betas[t - 1], tf.random.fold_in(seed, t)
            return t + 1, self._move(carry, images, betas[t], difference, fork)

        return tf.while_loop(lambda t, _: t < end, body, (first, carry), parallel_iterations=1)[1]

    def _move(self, carry, images, beta, difference, seed):
        """Adds one term to log w, then makes one move of `LEAPFROG_STEPS` gradients through G."""
        log_weight = carry["log_weight"] - difference * tf.cast(carry["energy"], tf.float64)
        beta, prior = tf.cast(beta, images.dtype), self._generator.prior()
        rest = (carry["step_size"], LEAPFROG_STEPS)

        def log_density(z):
            return prior.log_prob(z) - beta * self._energy(images, z)

        kernel = tfp.mcmc.HamiltonianMonteCarlo(log_density, *rest)
        # The kernel needs the log-density and its gradient at the current latents. Its own
        # `bootstrap_results` would be an eleventh pass through G. The same values follow from those
        # of the prior minus b times the energy and gradient that the previous move computed.
        prior_kernel = tfp.mcmc.HamiltonianMonteCarlo(prior.log_prob, *rest)
        known = prior_kernel.bootstrap_results(carry["latents"])
        here = known.accepted_results
        here = here._replace(
            target_log_prob=here.target_log_prob - beta * carry["energy"],
            grads_target_log_prob=[here.grads_target_log_prob[0] - beta * carry["gradient"]],
        )
        known = known._replace(accepted_results=here)
        latents, results = kernel.one_step(carry["latents"], known, seed=seed)
        value, slope = tfp.math.value_and_gradient(prior.log_prob, latents)
        moved, there = results.is_accepted, results.accepted_results
        probability = tf.exp(tf.minimum(results.log_accept_ratio, 0.0))
        energy = (value - there.target_log_prob) / beta
        gradient = (slope - there.grads_target_log_prob[0]) / beta
        change = tf.exp(_RATE * (tf.reduce_mean(probability) - ACCEPTANCE))
        return {
            "latents": latents,
            "energy": tf.where(moved, energy, carry["energy"]),
            "gradient": tf.where(moved[:, None], gradient, carry["gradient"]),
            "step_size": carry["step_size"] * change,
            "log_weight": log_weight,
            "acceptance": carry["acceptance"] + tf.cast(probability, tf.float64),
        }
