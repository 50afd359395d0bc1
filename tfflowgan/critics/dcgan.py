"""The DCGAN critic of Danihelka et al. (2017, section 2.2), after the original WGAN's.

    2 x - 1 -> [conv 4x4 stride 2 -> norm (not the first) -> leaky ReLU 0.2] until 4x4 are left -> conv of what is left -> 1

Without biases; channels start at 64 and double: 32 -> 16 -> 8 -> 4 with "same" padding, and 28 -> 14 -> 7 -> 4. Kernels start at
N(0, 0.02). Batch normalisation is the paper's (real and generated batches separate, statistics of the batch always);
layer normalisation is its partner for a gradient penalty, which looks at single images (Gulrajani et al., 2017, section 4).
"""

import keras

from tfflowgan.critics import _layers

__all__ = ["PENALISED_NORM", "build"]

PENALISED_NORM = "layer"


def build(image_shape: tuple[int, int, int], width: int = 64, norm: str = "batch", dtype="float32") -> keras.Model:
    """Builds the critic.

    Args:
      image_shape: `(H, W, C)`, any size.
      width: channels of the first convolution.
      norm: "batch", "layer" or "none".
      dtype: of its weights.
    """
    start = keras.initializers.RandomNormal(0.0, 0.02)
    images = keras.Input(image_shape, dtype=dtype)
    features = keras.layers.Rescaling(2.0, -1.0, dtype=dtype, name="rescale")(images)
    for i in range(_layers.halvings(image_shape)):
        features = _layers.conv(width * 2**i, 4, 2, dtype, f"conv_{i}", False, start)(features)
        if i:
            features = _layers.normalise(norm, dtype, f"norm_{i}")(features)
        features = _layers.LeakyReLU(dtype, f"relu_{i}")(features)
    features = _layers.conv(1, features.shape[1:3], 1, dtype, "last", False, start, "valid")(features)
    return keras.Model(images, _layers.score(features, dtype), name="dcgan_critic")
