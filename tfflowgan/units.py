"""Units of log-density, pixels and time; no other file contains the number 256.

A pixel value k in 0..255 with noise u ~ U[0, 1) becomes x = (k + u) / 256, so images lie in [0,
1]^D. A model's log_prob is the log-density of x, in nats per image. The same quantity in other
units:

    negative log-likelihood (NLL)    -log_prob                          nats per image
    code length                      D log 256 - log_prob               nats per image
    bits per dimension               8 - log_prob / (D log 2)           bits per dimension

Code length is the NLL on the scale of 8-bit pixels, z = 256 x (Danihelka et al., 2017, Eq. 4-5).
Bits per dimension are the code length in bits divided by D. The uniform density on the unit cube
has log_prob 0, which is 8 bits/dim.
"""

import math
from typing import Any

import numpy as np

__all__ = [
    "LEVELS",
    "NOISE_LIMIT",
    "bits_per_dim",
    "code_length",
    "dequantize",
    "dimensions",
    "duration",
    "quantize",
]

LEVELS = 256
NOISE_LIMIT = 1.0 - 2.0**-16  # the largest noise u; floor(k + u) = k in float32 for all k


def dimensions(image_shape: tuple[int, ...]) -> int:
    """Returns D, the number of values in an image of shape `(H, W, C)`."""
    return math.prod(image_shape)


def bits_per_dim(log_prob: Any, dims: int) -> Any:
    """Converts a log-density into bits per dimension.

    Args:
      log_prob: log-density on [0, 1]^D in nats per image: a number, array or tensor of any shape.
      dims: D, the number of values in an image.

    Returns:
      Bits per dimension, in the shape of `log_prob`.
    """
    return math.log2(LEVELS) - log_prob / (dims * math.log(2.0))


def code_length(log_prob: Any, dims: int) -> Any:
    """Converts a log-density into the code length, the NLL on the scale of 8-bit pixels.

    Args:
      log_prob: log-density on [0, 1]^D in nats per image: a number, array or tensor of any shape.
      dims: D, the number of values in an image.

    Returns:
      Nats per image, in the shape of `log_prob`.
    """
    return dims * math.log(LEVELS) - log_prob


def dequantize(pixels: Any, noise: Any) -> Any:
    """Returns x = (k + u) / 256.

    Args:
      pixels: k, floating-point values in 0..255: an array or tensor of any shape.
      noise: u in [0, NOISE_LIMIT], in the shape of `pixels`.

    Returns:
      Images in [0, 1], in the shape of `pixels`.
    """
    return (pixels + noise) / LEVELS


def quantize(images: np.ndarray) -> np.ndarray:
    """Returns k = floor(256 x) as `uint8`, clipped to 0..255.

    Args:
      images: x, an array of any shape with values in [0, 1].
    """
    return (images * LEVELS).clip(0, LEVELS - 1).astype("uint8")


def duration(seconds: float) -> str:
    """A time in the unit that suits it: seconds, minutes or hours."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
