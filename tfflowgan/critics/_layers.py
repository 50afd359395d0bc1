"""Layers of which critics are composed.

Under a mixed policy such as "mixed_bfloat16" images are rescaled, and the last layer and its scores
are computed, in the precision of the weights.
"""

import keras

__all__ = ["LeakyReLU", "conv", "dense", "halvings", "normalize", "score", "weights_dtype"]


def conv(
    width: int,
    kernel: int | tuple[int, int],
    strides: int,
    dtype: str,
    name: str,
    bias: bool,
    initializer: keras.initializers.Initializer | str,
    padding: str = "same",
) -> keras.layers.Layer:
    """Returns a convolution with `width` output channels."""
    return keras.layers.Conv2D(
        width,
        kernel,
        strides,
        padding,
        use_bias=bias,
        kernel_initializer=initializer,
        dtype=dtype,
        name=name,
    )


def dense(
    width: int, dtype: str, name: str, initializer: keras.initializers.Initializer
) -> keras.layers.Layer:
    """Returns a dense layer with `width` units."""
    return keras.layers.Dense(width, kernel_initializer=initializer, dtype=dtype, name=name)


def normalize(kind: str, dtype: str, name: str) -> keras.layers.Layer:
    """Returns a normalization layer for features `[B, ..., C]`.

    Args:
      kind: "batch" normalizes each channel over the global batch, on any number of devices, with
        epsilon 1e-5 and gains initialized to N(1, 0.02) (Radford et al., 2015, as in the original
        WGAN); "layer" normalizes each image as a whole, with one gain and one bias per channel (as
        in the original WGAN-GP); "none" does nothing.
      dtype: dtype of the layer.
      name: name of the layer.
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


def LeakyReLU(dtype: str, name: str) -> keras.layers.Layer:  # noqa: N802
    """Returns a leaky ReLU with a negative slope of 0.2."""
    return keras.layers.LeakyReLU(negative_slope=0.2, dtype=dtype, name=name)


def halvings(image_shape: tuple[int, int, int], smallest: int = 4) -> int:
    """Returns how many stride-2 convolutions reduce both sides to `smallest`; at least 1."""
    side, count = max(image_shape[:2]), 0
    while side > smallest or not count:
        side, count = -(-side // 2), count + 1
    return count


def weights_dtype(dtype: str) -> str:
    """The dtype of weights under a dtype or a dtype policy."""
    return keras.dtype_policies.get(dtype).variable_dtype


def score(features: keras.KerasTensor, dtype: str) -> keras.KerasTensor:
    """Reshapes features with a single value per image to scores `[B]`, of the weights' dtype."""
    return keras.layers.Reshape((), dtype=weights_dtype(dtype), name="score")(features)
