"""A residual network over images that keeps their height and width.

    conv 3x3 -> blocks x [ + (norm, ReLU, conv 3x3, norm, ReLU, conv 3x3) ] -> norm, ReLU -> conv 1x1, starting at zero

Every block starts as the identity too (its second convolution at zero), so that features do not grow with depth: without
normalisation, flows otherwise start to train in leaps that they do not recover from.

The network inside real NVP's couplings (Dinh et al., 2017, section 3.7; He et al., 2016, with pre-activations).
"""

import functools

import keras

from tfflowgan.networks.convolution import Add, Conv2D
from tfflowgan.networks.weight_norm import WeightNormConv2D

__all__ = ["resnet"]


def resnet(
    inputs: int,
    outputs: int,
    width: int,
    blocks: int,
    weight_norm: bool = False,
    batch_norm: bool = False,
    first_kernel: int = 3,
    dtype="float32",
    name: str = "resnet",
) -> keras.Model:
    """Makes the network.

    Args:
      inputs: channels in.
      outputs: channels out.
      width: channels in between.
      blocks: residual blocks of two 3x3 convolutions.
      weight_norm: normalise the kernels (see `WeightNormConv2D`).
      batch_norm: Keras' batch normalisation per channel before each ReLU (momentum 0.9, epsilon 1e-5).
      first_kernel: size of the first convolution's kernel.
      dtype: a Keras dtype or policy.
      name: prefix of the variables' names.

    Returns:
      A Keras model from `[B, H, W, inputs]` to `[B, H, W, outputs]`, for any H and W.
    """
    layer = WeightNormConv2D if weight_norm else Conv2D
    conv = functools.partial(layer, padding="same", kernel_initializer="he_normal", dtype=dtype)
    silent = functools.partial(conv, **({"zero_start": True} if weight_norm else {"kernel_initializer": "zeros"}))

    def activate(features, label):
        if batch_norm:
            norm = keras.layers.BatchNormalization(
                momentum=0.9, epsilon=1e-5, synchronized=True, dtype=dtype, name=f"norm_{label}"
            )
            features = norm(features)
        return keras.layers.ReLU(dtype=dtype, name=f"relu_{label}")(features)

    start = keras.Input((None, None, inputs), dtype=keras.dtype_policies.get(dtype).compute_dtype)
    hidden = conv(width, first_kernel, name="first")(start)
    for i in range(blocks):
        inner = conv(width, 3, name=f"conv_{i}a")(activate(hidden, f"{i}a"))
        inner = silent(width, 3, name=f"conv_{i}b")(activate(inner, f"{i}b"))
        hidden = Add(dtype=dtype, name=f"add_{i}")([hidden, inner])
    return keras.Model(start, silent(outputs, 1, name="last")(activate(hidden, "last")), name=name)
