"""What critics are built of."""

import keras

__all__ = ["LeakyReLU", "conv", "dense", "halvings", "normalise", "score"]


def conv(width: int, kernel, strides: int, dtype, name: str, bias: bool, start, padding: str = "same"):
    """A convolution."""
    return keras.layers.Conv2D(width, kernel, strides, padding, use_bias=bias, kernel_initializer=start, dtype=dtype, name=name)


def dense(width: int, dtype, name: str, start):
    """A dense layer."""
    return keras.layers.Dense(width, kernel_initializer=start, dtype=dtype, name=name)


def normalise(kind: str, dtype, name: str):
    """A normalisation of channels: over the batch, over each image as a whole, or none.

    "batch" has epsilon 1e-5 and gains that start at N(1, 0.02) (Radford et al., 2015, as in the original WGAN), its
    statistics are those of the global batch on any number of devices. "layer" has a gain and a bias a channel (as in the
    original WGAN-GP).
    """
    if kind == "batch":
        return keras.layers.BatchNormalization(
            epsilon=1e-5,
            gamma_initializer=keras.initializers.RandomNormal(1.0, 0.02),
            synchronized=True,
            dtype=dtype,
            name=name,
        )
    if kind == "layer":
        return keras.layers.GroupNormalization(groups=1, epsilon=1e-5, dtype=dtype, name=name)
    return keras.layers.Identity(dtype=dtype, name=name)


def LeakyReLU(dtype, name: str):  # noqa: N802
    """The leaky ReLU of slope 0.2."""
    return keras.layers.LeakyReLU(negative_slope=0.2, dtype=dtype, name=name)


def halvings(image_shape: tuple[int, int, int], smallest: int = 4) -> int:
    """How many strided convolutions bring an image to at most `smallest` on either side; at least one."""
    side, count = max(image_shape[:2]), 0
    while side > smallest or not count:
        side, count = -(-side // 2), count + 1
    return count


def score(features, dtype):
    """The single value an image that is left, as `[B]`."""
    return keras.layers.Reshape((), dtype=dtype, name="score")(features)
