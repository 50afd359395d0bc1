"""Moves of annealed chains by Hamiltonian Monte Carlo, for TensorFlow's kernels and for XLA.

    log p_b(z) = log p(z) - b E(z) + const,     E(z) = |x - G(z)|^2 / (2 sigma^2)
    m ~ N(0, I)
    m += s/2 grad log p_b(z),  then L times: z += s m, m += s grad log p_b(z), the last time s/2
    accepted with probability min(1, p_b(z') exp(-|m'|^2 / 2) / (p_b(z) exp(-|m|^2 / 2)))

(Neal, 2011, MCMC using Hamiltonian dynamics, section 5.2.) Chains stand in groups, which have a
step size each. All random numbers are those of `tfflowgan.draws`, functions of the group's seed and
the distribution's number t:

    fold_in(seed, 0)           latents from the prior
    fold_in(seed, 2 t)         momenta
    fold_in(seed, 2 t + 1)     uniform numbers of acceptance

So the chains of a group are the same whichever groups are moved with it, and on any device.
"""

from collections.abc import Callable

import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan import draws
from tfflowgan.generators import Generator
from tfflowgan.portable import ACCEPTANCE, LEAPFROG_STEPS

__all__ = ["part_function"]

# Ours. Per distribution, the step size shrinks by 6 % if no move is accepted and grows by 4 % if
# all are.
_RATE = 0.1


def part_function(generator: Generator, sigma: float, chains: int) -> Callable[..., dict]:
    """A function that moves groups of chains through several distributions; to be traced.

    Args:
      generator: G.
      sigma: standard deviation of the observation noise, for images in [0, 1].
      chains: per image; image i of a group has rows i * chains, ..., (i + 1) * chains - 1.

    Returns:
      A function of
        latents `[groups, R, D]`, in the generator's dtype,
        step_size `[groups]`, in the generator's dtype,
        log_weight, acceptance: sums so far, float64 `[groups, R]`,
        images `[groups, R / chains, H, W, C]`, in the generator's dtype,
        counts: images of each group, int32 `[groups]`; chains of others count for nothing,
        betas: b of the distribution before the first and of all that follow, float64,
        seeds: of the groups, int32 `[groups, 2]`,
        first: number t of the first distribution,
        count: how many distributions,
        fresh: whether the latents are to be drawn from the prior,
      to a dict of the new latents, step_size, log_weight and acceptance, and of the energy E(z) in
      the generator's dtype `[groups, R]`.
    """
    prior, dtype, dims = generator.prior(), generator.dtype, generator.dims

    def part(
        latents,
        step_size,
        log_weight,
        acceptance,
        images,
        counts,
        betas,
        seeds,
        first,
        count,
        fresh,
    ):
        groups, each = latents.shape[:2]
        rows = tf.repeat(tf.reshape(images, [-1, *generator.image_shape]), chains, axis=0)
        counted = tf.range(each) < (counts * chains)[:, tf.newaxis]

        def energy(z):
            error = rows - tf.cast(generator.generate(z), dtype)
            return tf.reduce_sum(tf.square(error), axis=[1, 2, 3]) / (2.0 * sigma**2)

        def move(i, state):
            z, step, weight, accepted, here, slope = state
            t, beta = first + i, tf.cast(betas[i + 1], dtype)
            terms = tf.reshape(tf.cast(here, tf.float64), [groups, each])
            weight -= (betas[i + 1] - betas[i]) * terms
            numbers = draws.normal_rows(each * dims, draws.fold_in_rows(seeds, 2 * t), dtype)
            momentum = tf.reshape(numbers, [-1, dims])
            uniform = draws.uniform_rows(each, draws.fold_in_rows(seeds, 2 * t + 1), dtype)
            length = tf.repeat(step, each)
            new = _proposal(energy, prior, beta, length, z, momentum, (here, slope))
            ratio = new["log_ratio"]
            ratio = tf.where(tf.math.is_finite(ratio), ratio, tf.constant(-float("inf"), dtype))
            moved = tf.math.log(tf.reshape(uniform, [-1])) < ratio
            likely = tf.reshape(tf.exp(tf.minimum(ratio, 0.0)), [groups, each])
            mean = _mean(likely, counted)
            return i + 1, (
                tf.where(moved[:, tf.newaxis], new["latents"], z),
                step * tf.exp(_RATE * (mean - ACCEPTANCE)),
                weight,
                accepted + tf.cast(likely, tf.float64),
                tf.where(moved, new["energy"], here),
                tf.where(moved[:, tf.newaxis], new["slope"], slope),
            )

        drawn = tf.map_fn(
            lambda seed: prior.sample(each, seed=seed),
            draws.fold_in_rows(seeds, 0),
            fn_output_signature=tf.TensorSpec([each, dims], dtype),
        )
        z = tf.reshape(tf.where(fresh, drawn, latents), [-1, dims])
        start = (z, step_size, log_weight, acceptance, *tfp.math.value_and_gradient(energy, z))
        loop = tf.while_loop(lambda i, _: i < count, move, (tf.constant(0), start))
        z, step_size, log_weight, acceptance, last, _ = loop[1]
        return {
            "latents": tf.reshape(z, [groups, each, dims]),
            "step_size": step_size,
            "log_weight": log_weight,
            "acceptance": acceptance,
            "energy": tf.reshape(last, [groups, each]),
        }

    return part


def _proposal(energy, prior, beta, length, z, momentum, known):
    """The end of a leapfrog trajectory, and the logarithm of its acceptance ratio.

    Args:
      energy: E.
      prior: of the latents.
      beta: b.
      length: step sizes `[R]`.
      z: latents `[R, D]`.
      momentum: `[R, D]`.
      known: E(z) `[R]` and its gradient `[R, D]`.
    """

    def density(z, energy, slope):
        value, gradient = tfp.math.value_and_gradient(prior.log_prob, z)
        return value - beta * energy, gradient - beta * slope

    step = length[:, tf.newaxis]
    begin, gradient = density(z, *known)

    def leap(i, z, momentum, *_):
        z += step * momentum
        value, slope = tfp.math.value_and_gradient(energy, z)
        target, gradient = density(z, value, slope)
        return i + 1, z, momentum + step * gradient, value, slope, target, gradient

    state = (tf.constant(0), z, momentum + 0.5 * step * gradient, *known, begin, gradient)
    loop = tf.while_loop(lambda i, *_: i < LEAPFROG_STEPS, leap, state)
    _, z, swung, value, slope, end, gradient = loop
    swung -= 0.5 * step * gradient  # the last half step was a whole one
    kinetic = 0.5 * tf.reduce_sum(tf.square(momentum) - tf.square(swung), axis=1)
    return {"latents": z, "energy": value, "slope": slope, "log_ratio": end - begin + kinetic}


def _mean(values, counted):
    """Means over the values that count, `[groups]` of `[groups, R]`."""
    total = tf.reduce_sum(tf.where(counted, values, 0.0), axis=1)
    return total / tf.maximum(tf.reduce_sum(tf.cast(counted, values.dtype), axis=1), 1.0)
