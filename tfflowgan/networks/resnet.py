"""The residual network in real NVP's coupling layers; it preserves the height and width of images.

    conv 3x3
    -> blocks x [ + (norm, ReLU, conv 3x3, norm, ReLU, conv 3x3) ]
    -> norm, ReLU -> conv 1x1

(Dinh et al., 2017, section 3.7; He et al., 2016, with pre-activation.) The last convolution is
initialized to zero, and so is the second one of every block, which makes each block start as the
identity. Features therefore do not grow with depth; if they do, a flow without normalization makes
large jumps early in training from which it does not recover.
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
      first_kernel: height and width of the first convolution's kernel.
      dtype: a Keras dtype or dtype policy.
      name: name of the model, a prefix of its variables' names.

    Returns:
      A Keras model from `[B, H, W, inputs]` to `[B, H, W, outputs]`, for any H and W.
    """
    layer = WeightNormConv2D if weight_norm else Conv2D
    conv = functools.partial(layer, padding="same", kernel_initializer="he_normal", dtype=dtype)
    zero = {"zero_start": True} if weight_norm else {"kernel_initializer": "zeros"}
    zero_conv = functools.partial(conv, **zero)

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
        inner = zero_conv(width, 3, name=f"conv_{i}b")(activate(inner, f"{i}b"))
        hidden = Add(dtype=dtype, name=f"add_{i}")([hidden, inner])
    last = zero_conv(outputs, 1, name="last")
    return keras.Model(start, last(activate(hidden, "last")), name=name)
