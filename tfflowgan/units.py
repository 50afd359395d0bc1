"""Units of density and of images: the only file that knows 256.

A pixel value k in 0..255 with noise u ~ U[0, 1) becomes x = (k + u) / 256, so that images live in [0, 1]^D.
A model's log_prob is the log-density of x there, in nats per image. The same number in other units:

    negative log-likelihood (NLL)    -log_prob                          nats per image
    code length                      D log 256 - log_prob               nats per image
    bits per dimension               8 - log_prob / (D log 2)           bits per dimension

Code length is the NLL of the 8-bit pixels z = 256 x themselves (Danihelka et al., 2017, Eq. 4-5); bits per dimension
is the code length in bits, divided by D. The uniform density on the cube has log_prob 0, which is 8 bits/dim.
"""

import math

__all__ = ["LEVELS", "NOISE_LIMIT", "bits_per_dim", "code_length", "dequantize", "dimensions", "quantize"]

LEVELS = 256
NOISE_LIMIT = 1.0 - 2.0**-16  # noise up to it leaves floor(k + u) = k in float32 for all k


def dimensions(image_shape: tuple[int, ...]) -> int:
    """D, the number of values in an image of shape `[H, W, C]`."""
    return math.prod(image_shape)


def bits_per_dim(log_prob, dims: int):
    """Turns nats per image into bits per dimension.

    Args:
      log_prob: log-density on [0, 1]^D in nats, a number, array or tensor of any shape.
      dims: D, values in an image.

    Returns:
      The same shape, in bits per dimension.
    """
    return math.log2(LEVELS) - log_prob / (dims * math.log(2.0))


def code_length(log_prob, dims: int):
    """Turns nats per image on [0, 1]^D into the NLL of the 8-bit pixels, in nats per image (same shape)."""
    return dims * math.log(LEVELS) - log_prob


def dequantize(pixels, noise):
    """X = (k + u) / 256.

    Args:
      pixels: k, floating-point values 0..255 of any shape.
      noise: u in [0, NOISE_LIMIT], the same shape.

    Returns:
      Images in [0, 1], the same shape.
    """
    return (pixels + noise) / LEVELS


def quantize(images):
    """K = floor(256 x) kept to 0..255, as `uint8`, for pictures.

    Args:
      images: a NumPy array of any shape, in [0, 1]; values outside are clipped.
    """
    return (images * LEVELS).clip(0, LEVELS - 1).astype("uint8")
