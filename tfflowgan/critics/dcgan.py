"""The DCGAN critic of Danihelka et al. (2017, section 2.2), after the original WGAN's.

    2 x - 1 -> [conv 4x4 stride 2 -> norm (not the first) -> leaky ReLU 0.2] until 4x4 are left -> conv of what is left -> 1

Without biases; channels start at 64 and double: 32 -> 16 -> 8 -> 4 with "same" padding, and 28 -> 14 -> 7 -> 4. Kernels start at
N(0, 0.02). Batch normalisation is the paper's (real and generated batches separate, statistics of the batch always);
layer normalisation is its partner for a gradient penalty, which looks at single images (Gulrajani et al., 2017, section 4).
"""

import keras

from tfflowgan.critics import _layers

__all__ = ["PENALISED_NORM", "build", "scores"]

PENALISED_NORM = "layer"


def build(image_shape: tuple[int, int, int], width: int = 64, norm: str = "batch", dtype="float32") -> keras.Model:
    """Builds the critic.

    Args:
      image_shape: `(H, W, C)`, any size.
      width: channels of the first convolution.
      norm: "batch", "layer" or "none".
      dtype: of its weights.
    """
    images = keras.Input(image_shape, dtype=dtype)
    return keras.Model(images, scores(images, width, norm, dtype), name="dcgan_critic")


def scores(images, width: int, norm: str, dtype, bias=None):
    """The critic's layers, applied to a Keras tensor of images `[B, H, W, C]`.

    Args:
      images: in [0, 1].
      width: as in `build`.
      norm: as in `build`.
      dtype: as in `build`.
      bias: added to what the second convolution and its normalisation give (the first's where there is no second),
        `[1, H / 4, W / 4, 2 width]`; or None.

    Returns:
      A Keras tensor of scores `[B]`.
    """
    start = keras.initializers.RandomNormal(0.0, 0.02)
    features = keras.layers.Rescaling(2.0, -1.0, dtype=dtype, name="rescale")(images)
    count = _layers.halvings(images.shape[1:])
    for i in range(count):
        features = _layers.conv(width * 2**i, 4, 2, dtype, f"conv_{i}", False, start)(features)
        if i:
            features = _layers.normalise(norm, dtype, f"norm_{i}")(features)
        if bias is not None and i == min(1, count - 1):  # after the normalisation, which would take most of it away again
            features = keras.layers.Add(dtype=dtype, name="biased")([features, bias])
        features = _layers.LeakyReLU(dtype, f"relu_{i}")(features)
    features = _layers.conv(1, features.shape[1:3], 1, dtype, "last", False, start, "valid")(features)
    return _layers.score(features, dtype)
