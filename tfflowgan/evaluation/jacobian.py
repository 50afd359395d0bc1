"""Singular values of the generator's Jacobian dG/dz: distribution, condition number and rank.

    dG/dz = U diag(s) V^T                       s_1 >= ... >= s_D >= 0, D x D
    log |det dG/dz| = sum_i log s_i             for a flow also available in closed form
    rank = #{i: s_i > D eps s_1}                eps of the dtype; smaller values count as zero
                                                (NumPy's rule)

The Jacobian is taken at draws from the prior (Grover et al., 2018, section 5.1, Figures 4 and 8;
Danihelka et al., 2017, Figure 17). A generator without a density has singular values too. If a
flow's two log-determinants differ, its dtype is too coarse for its condition number. The rank rule
is strict: for a NICE flow trained on MNIST, 84 of 784 singular values fell below it in float32,
and yet the two log-determinants agreed to 0.03 of 4,751 nats.

The Jacobian is computed in reverse mode, 64 rows per pass. Row i is the gradient of pixel i, so
64 copies of z go through G and 64 unit vectors come back. Forward mode in the same `tf.function`
gives the same columns, but was no faster (NVP of 3 levels at 32x32x3: 29 against 36 s per draw;
NICE in float64: 2.0 against 2.9 s) and takes twice as long to trace. More rows per pass gained
nothing. A draw keeps one D x D matrix in float64 (75 MB for D = 3,072) and the decomposition's
copies of it.
"""

from collections.abc import Callable

import numpy as np
import tensorflow as tf

from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, image_seeds
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.portable import log_dets, singular_values, spectrum

__all__ = ["ROWS", "evaluate", "jacobian_function", "jacobian_rows"]

ROWS = 64  # per pass


def evaluate(
    generator: Generator,
    loop: ResumableLoop = ResumableLoop(),
    *,
    jacobian_draws: int = 64,
    seed: int = 0,
) -> dict:
    """Decomposes the Jacobian at draws from the prior.

    The cost grows with D^3. One draw of NICE on MNIST (D = 784) takes about 0.7 s in float32 and
    2.5 s in float64 on one core; one draw of an NVP of 3 levels at 32x32x3 (D = 3,072) takes about
    45 s.

    Args:
      generator: with a density or without.
      loop: shows progress and keeps each draw.
      jacobian_draws: how many draws; 64 in the paper.
      seed: for the draws, which are the latents of `generator.sample`'s first images.

    Returns:
      A dict of
        log10_singular_values: {"levels", "values"}, quantiles over all draws; exact zeros are
          replaced by the dtype's smallest positive normal number.
        zero_share: the fraction of exact zeros.
        log10_resolution: median over draws of log10 (D eps s_1).
        rank: {"mean", "least", "greatest"} over draws.
        log10_condition_number: {"quantile_05", "median", "quantile_95"} over draws, None where
          infinite.
        log_det: mean with error of sum log s in nats, or None if a singular value is zero.
        own_log_det: for flows, the same in closed form, with "greatest_difference" of the two over
          draws, and "agrees": whether that is within 1 % of it; None without a density.
      and the settings.

    Raises:
      UserError: a Jacobian is not finite.
    """
    jacobian = jacobian_function(generator)
    seeds = image_seeds(seed, jacobian_draws)

    def decompose(i):
        latents = generator.latents(seeds[i : i + 1])
        matrix = jacobian(latents[0])
        if not np.isfinite(matrix).all():
            raise UserError(
                f"the Jacobian at draw {i} is not finite in {generator.dtype}; try --dtype=float64."
            )
        own = {"own_log_det": own_log_det(latents)} if generator.has_density else {}
        return {"singular_values": singular_values(matrix), **own}

    own_log_det = tf.function(
        lambda z: generator.bijector().forward_log_det_jacobian(z, event_ndims=1)[0],
        autograph=False,
    )
    parts = loop.map("singular_values", decompose, range(jacobian_draws), unit="draw")
    values = np.stack([part["singular_values"] for part in parts])
    own = (
        np.array([part["own_log_det"] for part in parts], np.float64)
        if generator.has_density
        else None
    )
    return {
        "draws": jacobian_draws,
        "seed": seed,
        "dtype": generator.dtype,
        "dims": generator.dims,
        **spectrum(values, generator.dtype),
        **log_dets(values, own),
    }


def jacobian_function(generator: Generator) -> Callable[[tf.Tensor], np.ndarray]:
    """A function from latents `[D]` to dG/dz there, float64 `[D, D]`.

    Rows are values of the image, columns latents. The function is traced once; it computes in the
    generator's dtype, in evaluation mode.
    """
    dims, rows = generator.dims, tf.function(jacobian_rows(generator, ROWS), autograph=False)

    def jacobian(latents):
        parts = [rows(latents, tf.constant(first)).numpy() for first in range(0, dims, ROWS)]
        return np.concatenate(parts)[:dims].astype(np.float64)

    return jacobian


def jacobian_rows(generator: Generator, count: int) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """A function of latents `[D]` and the first row to `count` rows of dG/dz; to be traced.

    Rows from D on are zero.
    """

    def rows(latents, first):
        copies = tf.tile(latents[tf.newaxis], [count, 1])
        units = tf.one_hot(first + tf.range(count), generator.dims, dtype=latents.dtype)
        with tf.GradientTape() as tape:
            tape.watch(copies)
            images = tf.reshape(generator.generate(copies), [count, generator.dims])
        return tape.gradient(images, copies, output_gradients=units)

    return rows
