"""Flow-GAN's critic for MNIST (Grover et al., 2018; its published code).

    conv 5x5 stride 2 C -> C, leaky ReLU
    -> conv 5x5 stride 2 -> 64, norm, leaky ReLU
    -> dense 1024, norm, leaky ReLU -> dense 1

3.2 million parameters for 28x28 images. The published code uses no normalization for WGAN-GP and
batch normalization for other divergences.
"""

import keras

from tfflowgan.critics import _layers

__all__ = ["PENALIZED_NORM", "build"]

PENALIZED_NORM = "none"


def build(
    image_shape: tuple[int, int, int], width: int = 64, norm: str = "batch", dtype: str = "float32"
) -> keras.Model:
    """Builds the critic.

    Args:
      image_shape: `(H, W, C)`, any size.
      width: channels of the second convolution; the dense layer has 16 times as many units.
      norm: "batch", "layer" or "none".
      dtype: dtype or dtype policy of the layers.
    """
    start = keras.initializers.TruncatedNormal(0.0, 0.02)
    features = images = keras.Input(image_shape, dtype=_layers.weights_dtype(dtype))
    features = _layers.conv(image_shape[-1], 5, 2, dtype, "conv_0", True, start)(features)
    features = _layers.LeakyReLU(dtype, "relu_0")(features)
    features = _layers.conv(width, 5, 2, dtype, "conv_1", True, start)(features)
    features = _layers.normalize(norm, dtype, "norm_1")(features)
    features = _layers.LeakyReLU(dtype, "relu_1")(features)
    features = keras.layers.Flatten(dtype=dtype, name="flat")(features)
    features = _layers.dense(16 * width, dtype, "dense_0", start)(features)
    features = _layers.normalize(norm, dtype, "norm_2")(features)
    features = _layers.LeakyReLU(dtype, "relu_2")(features)
    features = _layers.dense(1, _layers.weights_dtype(dtype), "last", start)(features)
    return keras.Model(images, _layers.score(features, dtype), name="flowgan_mnist_critic")
