"""The DCGAN critic of Danihelka et al. (2017, section 2.2), modelled on that of the original WGAN.

    2 x - 1
    -> [conv 4x4 stride 2 -> norm (not in the first layer) -> leaky ReLU 0.2] down to 4x4
    -> conv over the remaining 4x4 -> 1 score

There are no biases. Channels start at 64 and double with each layer; resolution falls 32 -> 16 -> 8
-> 4 or 28 -> 14 -> 7 -> 4 with "same" padding. Kernels are initialized to N(0, 0.02). The paper
uses batch normalization: real and generated batches are separate, and statistics are always those
of the batch. With a gradient penalty, which applies to single images, layer normalization takes its
place (Gulrajani et al., 2017, section 4).
"""

import keras

from tfflowgan.critics import _layers

__all__ = ["PENALIZED_NORM", "bias_shape", "build", "scores"]

PENALIZED_NORM = "layer"


def build(
    image_shape: tuple[int, int, int], width: int = 64, norm: str = "batch", dtype: str = "float32"
) -> keras.Model:
    """Builds the critic.

    Args:
      image_shape: `(H, W, C)`, any size.
      width: channels of the first convolution.
      norm: "batch", "layer" or "none".
      dtype: dtype or dtype policy of the layers.
    """
    images = keras.Input(image_shape, dtype=_layers.weights_dtype(dtype))
    return keras.Model(images, scores(images, width, norm, dtype), name="dcgan_critic")


def bias_shape(image_shape: tuple[int, int, int], width: int) -> tuple[int, int, int, int]:
    """The shape of what `scores` adds: `[1, H / 4, W / 4, 2 width]`, or of the only convolution."""
    count = min(2, _layers.halvings(image_shape))
    height, width_there = (-(-side // 2**count) for side in image_shape[:2])
    return 1, height, width_there, width * 2 ** (count - 1)


def scores(
    images: keras.KerasTensor,
    width: int,
    norm: str,
    dtype: str,
    bias: keras.KerasTensor | None = None,
) -> keras.KerasTensor:
    """Applies the critic's layers to images.

    Args:
      images: a Keras tensor `[B, H, W, C]` in [0, 1].
      width: as in `build`.
      norm: as in `build`.
      dtype: as in `build`.
      bias: a Keras tensor `[1, H / 4, W / 4, 2 width]` to add after the normalization of the second
        convolution (after the first convolution if there is only one), or None.

    Returns:
      A Keras tensor of scores `[B]`.
    """
    start = keras.initializers.RandomNormal(0.0, 0.02)
    full = _layers.weights_dtype(dtype)
    features = keras.layers.Rescaling(2.0, -1.0, dtype=full, name="rescale")(images)
    count = _layers.halvings(images.shape[1:])
    for i in range(count):
        features = _layers.conv(width * 2**i, 4, 2, dtype, f"conv_{i}", False, start)(features)
        if i:
            features = _layers.normalize(norm, dtype, f"norm_{i}")(features)
        if bias is not None and i == min(1, count - 1):
            # Added before the normalization, most of the bias would be removed by it.
            features = keras.layers.Add(dtype=dtype, name="biased")([features, bias])
        features = _layers.LeakyReLU(dtype, f"relu_{i}")(features)
    last = _layers.conv(1, features.shape[1:3], 1, full, "last", False, start, "valid")
    return _layers.score(last(features), dtype)
