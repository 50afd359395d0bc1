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
from tfflowgan.statistics import finite_or_none, mean_with_error

__all__ = ["evaluate", "jacobian_function"]

_ROWS = 64  # per pass
_LEVELS = np.linspace(0.0, 1.0, 201)  # of the distribution of singular values
_AGREEMENT = 0.01  # largest relative difference of two log-determinants that agree


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
        return {"singular_values": np.linalg.svd(matrix, compute_uv=False), **own}

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
        **_spectrum(values, generator.dtype),
        **_log_dets(values, own),
    }


def jacobian_function(generator: Generator) -> Callable[[tf.Tensor], np.ndarray]:
    """A function from latents `[D]` to dG/dz there, float64 `[D, D]`.

    Rows are values of the image, columns latents. The function is traced once; it computes in the
    generator's dtype, in evaluation mode.
    """
    dims = generator.dims

    @tf.function(reduce_retracing=True, autograph=False)
    def rows(latents, first):
        copies = tf.tile(latents[tf.newaxis], [_ROWS, 1])
        units = tf.one_hot(first + tf.range(_ROWS), dims, dtype=latents.dtype)
        with tf.GradientTape() as tape:
            tape.watch(copies)
            images = tf.reshape(generator.generate(copies), [_ROWS, dims])
        return tape.gradient(images, copies, output_gradients=units)

    def jacobian(latents):
        parts = [rows(latents, tf.constant(first)).numpy() for first in range(0, dims, _ROWS)]
        return np.concatenate(parts)[:dims].astype(np.float64)

    return jacobian


def _spectrum(values, dtype):
    """The statistics of singular values `[draws, D]`."""
    limits = np.finfo(dtype)
    resolution = values.shape[1] * float(limits.eps) * values[:, 0]
    ranks = (values > resolution[:, np.newaxis]).sum(axis=1)
    logs = np.log10(np.maximum(values, float(limits.tiny)))
    with np.errstate(divide="ignore"):
        conditions = np.where(values[:, -1] > 0, logs[:, 0] - logs[:, -1], np.inf)
    # interpolated quantiles of infinities would be NaN
    low, middle, high = np.quantile(conditions, [0.05, 0.5, 0.95], method="inverted_cdf")
    return {
        "log10_singular_values": {
            "levels": _LEVELS.tolist(),
            "values": np.quantile(logs, _LEVELS).tolist(),
        },
        "zero_share": float((values == 0).mean()),
        "log10_resolution": float(np.log10(np.maximum(np.median(resolution), float(limits.tiny)))),
        "rank": {
            "mean": float(ranks.mean()),
            "least": int(ranks.min()),
            "greatest": int(ranks.max()),
        },
        "log10_condition_number": {
            "quantile_05": finite_or_none(low),
            "median": finite_or_none(middle),
            "quantile_95": finite_or_none(high),
        },
    }


def _log_dets(values, own):
    """Mean log-determinants from the singular values and, for flows, in closed form, `[draws]`."""
    sums = np.log(values).sum(axis=1) if (values > 0).all() else None
    result: dict = {"log_det": None if sums is None else mean_with_error(sums), "own_log_det": None}
    if own is not None:
        difference = None if sums is None else float(np.abs(sums - own).max())
        limit = _AGREEMENT * max(1.0, float(np.abs(own).mean()))
        agrees = difference is not None and difference <= limit
        result["own_log_det"] = {
            **mean_with_error(own),
            "greatest_difference": difference,
            "agrees": agrees,
        }
    return result
