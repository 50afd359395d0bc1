"""The residual network in real NVP's coupling layers; it preserves the height and width of images.

    conv 3x3
    -> blocks x [ + (norm, ReLU, conv 3x3, norm, ReLU, conv 3x3) ]
    -> norm, ReLU -> conv 1x1

(Dinh et al., 2017, section 3.7; He et al., 2016, with pre-activation.)

What starts at zero (`zero_start`):

    last      the last convolution: a new coupling layer is the identity
    blocks    also the second convolution of every block: a new block is the identity too, and
              features do not grow with depth
    none      nothing; gains of weight normalization start at 1 (Salimans & Kingma, 2016)
"""

import functools
from typing import Literal

import keras

from tfflowgan.networks.convolution import Add, Conv2D
from tfflowgan.networks.layer_norm import LayerNorm
from tfflowgan.networks.weight_norm import WeightNormConv2D

__all__ = ["ZeroStart", "resnet"]

ZeroStart = Literal["last", "blocks", "none"]


def resnet(
    inputs: int,
    outputs: int,
    width: int,
    blocks: int,
    *,
    weight_norm: bool = False,
    batch_norm: bool = False,
    layer_norm: bool = False,
    zero_start: ZeroStart = "blocks",
    first_kernel: int = 3,
    dtype: str = "float32",
    name: str = "resnet",
) -> keras.Model:
    """Builds the network.

    Args:
      inputs: number of input channels.
      outputs: number of output channels.
      width: number of hidden channels.
      blocks: number of residual blocks, each with two 3x3 convolutions.
      weight_norm: apply weight normalization to the kernels (see `WeightNormConv2D`).
      batch_norm: apply Keras' batch normalization per channel before each ReLU (momentum 0.9,
        epsilon 1e-5).
      layer_norm: normalize the channels of each position before each ReLU (see `LayerNorm`).
      zero_start: "last", "blocks" or "none"; see the module.
      first_kernel: height and width of the first convolution's kernel.
      dtype: a Keras dtype or dtype policy.
      name: name of the model, a prefix of its variables' names.

    Returns:
      A Keras model from `[B, H, W, inputs]` to `[B, H, W, outputs]`, for any H and W.
    """
    layer = WeightNormConv2D if weight_norm else Conv2D
    conv = functools.partial(layer, padding="same", kernel_initializer="he_normal", dtype=dtype)
    if weight_norm and zero_start == "none":
        conv = functools.partial(conv, gain_start=1.0)
    zero = {"gain_start": 0.0} if weight_norm else {"kernel_initializer": "zeros"}
    second = functools.partial(conv, **(zero if zero_start == "blocks" else {}))
    last = functools.partial(conv, **({} if zero_start == "none" else zero))

    def activate(features, label):
        if layer_norm:
            features = LayerNorm(dtype=dtype, name=f"layer_norm_{label}")(features)
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
        inner = second(width, 3, name=f"conv_{i}b")(activate(inner, f"{i}b"))
        hidden = Add(dtype=dtype, name=f"add_{i}")([hidden, inner])
    final = last(outputs, 1, name="last")(activate(hidden, "last"))
    return keras.Model(start, final, name=name)
