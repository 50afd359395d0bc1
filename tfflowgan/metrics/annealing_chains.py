"""Annealed chains: from the prior to the posterior of an image's latent, or back, weighed on their way.

    log p_b(z) = log p(z) - b E(z) + const,     E(z) = |x - G(z)|^2 / (2 sigma^2),     0 = b_0 < b_1 < ... < b_T = 1
    forward    z ~ p(z):      log w = -sum_t (b_t - b_(t-1)) E(z), and between its terms z moves under b_1, ..., b_(T-1)
    reverse    z ~ p(z|x):    the same sum with the other sign, and the same moves in the other order

E w is p(x) / exp(cap) forward and exp(cap) / p(x) in reverse, cap = -D/2 log(2 pi sigma^2) (Neal, 2001; Grosse et al., 2015).

The chains of a block share one step size, adapted to their mean acceptance so far, as Wu et al. (2017) do. Strictly a move must
not know its chain's past: where each of 400 chains adapted a step size of its own, the mean of w on a linear model was too large
by 8 +- 2 %, and by -4 +- 3 % where they shared one (measured; D = 6, T = 1,000).

Moves are those of `tfp.mcmc.HamiltonianMonteCarlo`. `tfp.mcmc.sample_annealed_importance_chain` would space b evenly and keep the
step size fixed, cannot be interrupted, and takes the log-density that the last distribution gave for that of the present one.
"""

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.generators import Generator
from tfflowgan.metrics.resumable_loop import ResumableLoop

__all__ = ["ACCEPTANCE", "LEAPFROG_STEPS", "Annealer", "sigmoid_schedule"]

LEAPFROG_STEPS = 10  # Wu et al. (2017)
ACCEPTANCE = 0.65  # what the step sizes are adapted to, also there
_RADIUS = 4.0  # of the sigmoid schedule, also there
_RATE = 0.1  # ours: a step that is never accepted shrinks by 6 % a distribution, one that always is grows by 4 %
_FIRST_STEP = 0.1  # ours
_PART = 25  # distributions between two records on disk
_LATENTS = 100_000  # that move at once: what backpropagation keeps must fit into memory, and 127 MNIST images keep a CPU busy


def sigmoid_schedule(distributions: int) -> np.ndarray:
    """b_0 = 0 to b_T = 1, float64 `[T + 1]`: an even grid on [-4, 4] through a sigmoid, stretched to [0, 1]."""
    points = 1.0 / (1.0 + np.exp(-np.linspace(-_RADIUS, _RADIUS, distributions + 1)))
    return (points - points[0]) / (points[-1] - points[0])


class Annealer:
    """Runs chains for one generator and one sigma; traced once."""

    def __init__(self, generator: Generator, sigma: float, distributions: int, chains: int, loop: ResumableLoop):
        """Takes the generator, sigma on [0, 1], T of at least 2, chains an image, and what shows and keeps progress."""
        self._generator, self._sigma, self._chains, self._chunks = generator, sigma, chains, loop
        self._betas = sigmoid_schedule(distributions)
        # without XLA: NICE of width 1,000 takes 7 ms of a core for an image and a distribution, and with it 9 (measured)
        self._start_function = tf.function(self._start, reduce_retracing=True)
        self._part_function = tf.function(self._part, reduce_retracing=True)

    def run(self, label: str, images: np.ndarray, seed: tf.Tensor, known: np.ndarray | None = None, step_sizes=None) -> dict:
        """Anneals all images.

        Args:
          label: names these chains for `ResumableLoop`.
          images: `[N, H, W, C]`.
          seed: stateless, int32 `[2]`; all that is drawn is a function of it, the block of images and the distribution.
          known: exact draws from p(z|x), `[N, D]`, from which to run in reverse; None runs forward.
          step_sizes: to begin with, one a block; None is one number of ours.

        Returns:
          Arrays of float64 {"log_weight": the log of the mean w over an image's chains `[N]`, "acceptance": mean over the moves
          `[N, chains]`, "step_size": the last, one a block}.
        """
        size = max(1, _LATENTS // self._generator.dims // self._chains)
        blocks = []
        for i, first in enumerate(range(0, len(images), size)):
            part = slice(first, first + size)
            rows = np.repeat(images[part], self._chains, axis=0)
            fork = tf.random.fold_in(seed, i)
            if known is None:
                latents = self._generator.prior().sample(len(rows), seed=tf.random.fold_in(fork, 0))  # moves have t >= 1
            else:
                latents = np.repeat(known[part], self._chains, axis=0)
            step_size = _FIRST_STEP if step_sizes is None else step_sizes[i]
            blocks.append(self._block(f"{label}_{i}", rows, latents, step_size, fork, reverse=known is not None))
        log_weight, acceptance = (np.concatenate([b[i] for b in blocks]).reshape(-1, self._chains) for i in (0, 1))
        log_weight = np.logaddexp.reduce(log_weight, axis=1) - np.log(self._chains)
        return {"log_weight": log_weight, "acceptance": acceptance, "step_size": np.stack([b[2] for b in blocks])}

    def _block(self, label, images, latents, step_size, seed, reverse):
        """The same for a chain a row: log-weights `[R]`, mean acceptances `[R]` and the last step size, from latents `[R, D]`."""
        betas, dtype = self._betas[::-1].copy() if reverse else self._betas, self._generator.dtype
        images, latents, moves = tf.constant(images, dtype), tf.cast(latents, dtype), len(betas) - 2
        energy, gradient = self._start_function(images, latents)
        sums = {"log_weight": np.zeros(len(images)), "acceptance": np.zeros(len(images))}
        carry = {"latents": latents, "energy": energy, "gradient": gradient, "step_size": np.asarray(step_size, dtype), **sums}

        def part(carry, first):
            end = min(first + _PART, moves + 1)
            return self._part_function(carry, images, betas, seed, tf.constant(first), tf.constant(end))

        carry = self._chunks.scan(label, part, carry, range(1, moves + 1, _PART), unit=f"{_PART} distributions")
        log_weight = carry["log_weight"] - (betas[-1] - betas[-2]) * carry["energy"].astype(np.float64)
        return log_weight, carry["acceptance"] / moves, carry["step_size"]

    def _start(self, images, latents):
        return tfp.math.value_and_gradient(lambda z: self._energy(images, z), latents)

    def _energy(self, images, latents):
        error = images - tf.cast(self._generator.generate(latents), images.dtype)
        return tf.reduce_sum(tf.square(error), axis=[1, 2, 3]) / (2.0 * self._sigma**2)

    def _part(self, carry, images, betas, seed, first, end):
        """Terms and moves first, ..., end - 1."""

        def body(t, carry):
            return t + 1, self._move(carry, images, betas[t], betas[t] - betas[t - 1], tf.random.fold_in(seed, t))

        return tf.while_loop(lambda t, _: t < end, body, (first, carry), parallel_iterations=1)[1]

    def _move(self, carry, images, beta, difference, seed):
        """One term of log w, then one move: `LEAPFROG_STEPS` gradients through G."""
        log_weight = carry["log_weight"] - difference * tf.cast(carry["energy"], tf.float64)
        beta, prior = tf.cast(beta, images.dtype), self._generator.prior()
        rest = (carry["step_size"], LEAPFROG_STEPS)
        kernel = tfp.mcmc.HamiltonianMonteCarlo(lambda z: prior.log_prob(z) - beta * self._energy(images, z), *rest)
        # The kernel must know the log-density and its gradient where it stands. Its own `bootstrap_results` would be an eleventh
        # pass through G; the prior's, less b times what the last move left, are the same.
        known = tfp.mcmc.HamiltonianMonteCarlo(prior.log_prob, *rest).bootstrap_results(carry["latents"])
        here = known.accepted_results
        here = here._replace(
            target_log_prob=here.target_log_prob - beta * carry["energy"],
            grads_target_log_prob=[here.grads_target_log_prob[0] - beta * carry["gradient"]],
        )
        latents, results = kernel.one_step(carry["latents"], known._replace(accepted_results=here), seed=seed)
        value, slope = tfp.math.value_and_gradient(prior.log_prob, latents)
        moved, there = results.is_accepted, results.accepted_results
        probability = tf.exp(tf.minimum(results.log_accept_ratio, 0.0))
        return {
            "latents": latents,
            "energy": tf.where(moved, (value - there.target_log_prob) / beta, carry["energy"]),
            "gradient": tf.where(moved[:, None], (slope - there.grads_target_log_prob[0]) / beta, carry["gradient"]),
            "step_size": carry["step_size"] * tf.exp(_RATE * (tf.reduce_mean(probability) - ACCEPTANCE)),
            "log_weight": log_weight,
            "acceptance": carry["acceptance"] + tf.cast(probability, tf.float64),
        }
