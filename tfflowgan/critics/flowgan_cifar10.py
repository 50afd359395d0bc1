"""Flow-GAN's critic for CIFAR-10 (Grover et al., 2018; its published code).

    [conv 5x5 stride 2, leaky ReLU 0.2, layer norm over the whole image] x 4 -> dense 1
    channels 64, 128, 256, 512

4.3 million parameters for 32x32x3 images. As in the published code, layer normalization (for
WGAN-GP) follows every leaky ReLU, and batch normalization (for other divergences) precedes every
leaky ReLU but the first.
"""

import keras

from tfflowgan.critics import _layers

__all__ = ["PENALIZED_NORM", "build"]

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
    start = keras.initializers.TruncatedNormal(0.0, 0.02)
    features = images = keras.Input(image_shape, dtype=_layers.weights_dtype(dtype))
    for i in range(4):
        features = _layers.conv(width * 2**i, 5, 2, dtype, f"conv_{i}", True, start)(features)
        if norm == "batch" and i:
            features = _layers.normalize(norm, dtype, f"norm_{i}")(features)
        features = _layers.LeakyReLU(dtype, f"relu_{i}")(features)
        if norm == "layer":
            features = _layers.normalize(norm, dtype, f"norm_{i}")(features)
    features = keras.layers.Flatten(dtype=dtype, name="flat")(features)
    features = _layers.dense(1, _layers.weights_dtype(dtype), "last", start)(features)
    return keras.Model(images, _layers.score(features, dtype), name="flowgan_cifar10_critic")
