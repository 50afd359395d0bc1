"""What a flow says of a few 8-bit images, computed when a score asks for it and then kept.

An image becomes `draws` dequantized ones, x = (k + u) / 256. The noise u is a function of the
image's pixels and the seed, so an image has the same numbers in any batch, order, file or process.

    log_probs      log p(x) of each draw
    bits_per_dim   8 - mean of log_probs / (D log 2)
    standard_error of bits_per_dim over the draws, s / sqrt(draws)
    terms          -log p(x), split over the values of the image (`tfflowgan.bijectors.positions`)
    latents        each where it belongs in the image

A flow with layers of the user's own, which do not say where their terms belong, has no terms and no
latents in place. All passes have the same number of images, so a row does not depend on the others.
"""

import functools
import hashlib
from collections.abc import Iterable, Iterator

import numpy as np
import tensorflow as tf

from tfflowgan import tf32, units
from tfflowgan.bijectors.positions import inverse_in_place
from tfflowgan.errors import UserError
from tfflowgan.flows import Flow, dequantized_draws

__all__ = ["Batch", "Measure", "content_seeds"]

_VALUES = 1 << 20  # of all draws in one pass, so that large images fit into memory
_LARGEST = 256  # dequantized images in one pass
_MOST = 64  # images in one pass


def content_seeds(images: np.ndarray, seed: int = 0) -> np.ndarray:
    """One seed per image, a function of its pixels.

    Args:
      images: uint8 `[B, H, W, C]`.
      seed: 0 to 2^31 - 1; another one gives other noise to every image.

    Returns:
      int64 `[B]`.
    """
    start = seed.to_bytes(8, "little")
    digests = [
        hashlib.blake2b(start + np.ascontiguousarray(pixels).tobytes(), digest_size=8).digest()
        for pixels in images
    ]
    return np.frombuffer(b"".join(digests), "<i8").astype(np.int64)


class Measure:
    """A flow, ready to measure images.

    Attributes:
      flow: the flow.
      draws: K, noise draws per image.
      seed: of the noise.
      size: images per pass, a power of 2 up to 64.
      in_place: whether the flow's terms and latents have places in the image.
    """

    def __init__(self, flow: Flow, draws: int = 8, seed: int = 0):
        """Traces the flow's pass.

        Args:
          flow: the model.
          draws: noise draws per image, at least 1.
          seed: of the noise, 0 to 2^31 - 1.

        Raises:
          UserError: an argument is out of range.
        """
        if draws < 1:
            raise UserError(f"--draws={draws} must be at least 1.")
        if not 0 <= seed < 2**31:
            raise UserError(f"--seed={seed} must lie in 0..{2**31 - 1}.")
        self.flow, self.draws, self.seed = flow, draws, seed
        fitting = max(1, min(_LARGEST, _VALUES // flow.dims) // draws)
        self.size = min(_MOST, 2 ** (fitting.bit_length() - 1))
        self.in_place = _keeps_places(flow)
        self._pass = tf.function(self._passed, autograph=False)

    def batches(self, images: Iterable[np.ndarray]) -> Iterator["Batch"]:
        """Images in batches of one pass, as they come; never holds more than one batch.

        Args:
          images: uint8 `[H, W, C]` of the flow's shape, one after the other.
        """
        held: list[np.ndarray] = []
        for pixels in images:
            held.append(pixels)
            if len(held) == self.size:
                yield Batch(self, np.stack(held))
                held = []
        if held:
            yield Batch(self, np.stack(held))

    @tf32.allowed(False)
    def run(self, images: np.ndarray) -> dict[str, np.ndarray]:
        """One pass over at most `size` images, see `Batch`; float64."""
        count = len(images)
        padding = np.zeros((self.size - count, *images.shape[1:]), np.uint8)
        padded = np.concatenate([images, padding])
        seeds = np.zeros(self.size, np.int64)
        seeds[:count] = content_seeds(images, self.seed)
        found = self._pass(tf.constant(padded), tf.constant(seeds))
        rows = count * self.draws
        values = {
            name: value.numpy()[:rows]
            .astype(np.float64)
            .reshape(count, self.draws, *value.shape[1:])
            for name, value in found.items()
        }
        if self.in_place:  # adds up in float64
            values["log_probs"] = -values["terms"].sum(axis=(2, 3, 4))
        return values

    def _passed(self, pixels, seeds):
        images = dequantized_draws(pixels, seeds, self.draws, self.flow.dtype)
        if not self.in_place:
            return {"log_probs": self.flow.distribution().log_prob(images)}
        latents, derivatives = inverse_in_place(self.flow.bijector(), images)
        prior = self.flow.prior().distribution
        shape = tf.shape(latents)
        log_prior = prior.log_prob(tf.reshape(latents, [shape[0], self.flow.dims]))
        return {"latents": latents, "terms": -tf.reshape(log_prior, shape) - derivatives}


class Batch:
    """A few images and what the flow says of them.

    Attributes:
      images: uint8 `[B, H, W, C]`.
    """

    def __init__(self, measure: Measure, images: np.ndarray, log_probs: np.ndarray | None = None):
        """Holds images; nothing is computed yet.

        Args:
          measure: the flow and its settings.
          images: uint8 `[B, H, W, C]`, at most `measure.size`.
          log_probs: what an earlier pass has found; None computes them when they are asked for.
        """
        self.images, self._measure, self._log_probs = images, measure, log_probs

    def __len__(self) -> int:
        """The number of images, B."""
        return len(self.images)

    @functools.cached_property
    def _values(self):
        return self._measure.run(self.images)

    @property
    def log_probs(self) -> np.ndarray:
        """Log-densities on [0, 1]^D in nats, float64 `[B, K]`."""
        return self._values["log_probs"] if self._log_probs is None else self._log_probs

    @property
    def bits_per_dim(self) -> np.ndarray:
        """Bits per dimension, the mean over the draws, float64 `[B]`."""
        return units.bits_per_dim(self.log_probs.mean(axis=1), self._measure.flow.dims)

    @property
    def standard_error(self) -> np.ndarray:
        """Of `bits_per_dim`, over the draws, float64 `[B]`; NaN for a single draw."""
        bits = units.bits_per_dim(self.log_probs, self._measure.flow.dims)
        if self._measure.draws == 1:
            return np.full(len(bits), np.nan)
        return bits.std(axis=1, ddof=1) / np.sqrt(self._measure.draws)

    @property
    def terms(self) -> np.ndarray:
        """The NLL's terms where they belong, nats, float64 `[B, K, H, W, C]`.

        The sum over H, W and C is the NLL of a draw.

        Raises:
          UserError: the flow's layers do not say where their terms belong.
        """
        return self._placed("terms")

    @property
    def latents(self) -> np.ndarray:
        """Latents where they belong, float64 `[B, K, H, W, C]`.

        Raises:
          UserError: the flow's layers do not say where their latents belong.
        """
        return self._placed("latents")

    def _placed(self, name):
        if not self._measure.in_place:
            raise UserError(
                f"--model has layers of its own, whose {name} belong to no pixel; maps and scores "
                "by place need a flow of this package (nice, nvp, real_nvp)."
            )
        return self._values[name]


def _keeps_places(flow):
    """Whether every layer of a flow says where its terms belong, and rightly so."""

    def trial(images):
        return inverse_in_place(flow.bijector(), images)[1]

    spec = tf.TensorSpec([1, *flow.image_shape], flow.dtype)
    function = tf.function(trial, autograph=False)
    try:
        function.get_concrete_function(spec)
    except NotImplementedError:
        return False
    if flow.built_by_name:
        return True
    images = flow.sample(1, seed=0)  # a layer of the user's own may be derived from one of ours
    whole = flow.bijector().inverse_log_det_jacobian(images, event_ndims=3).numpy()
    return np.allclose(function(images).numpy().sum(), whole, rtol=1e-3, atol=1e-2)
