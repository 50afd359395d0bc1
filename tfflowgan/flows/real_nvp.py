"""The real NVP that Dinh et al. (2017) and Flow-GAN train on CIFAR-10.

    3 checkerboard couplings, squeeze, 3 channel-wise couplings, half of the channels factored out,
    4 checkerboard couplings

The networks have 64 channels, 8 residual blocks, a 1x1 convolution at either end and weight
normalization (sections 3.7 and 4.1). The bound of each coupling layer's log-scale is learned.
Flow-GAN's code also applies tanh to the shift; we do not, because that would bound how far a
coupling layer can move a logit. Batch normalization in the networks is off by default, because with
it the density of an image in training depends on the rest of the batch.
"""

from collections.abc import Callable

import keras

from tfflowgan.errors import UserError
from tfflowgan.flows._multi_scale import Level, MultiScaleFlow
from tfflowgan.networks.own import own_network
from tfflowgan.networks.resnet import resnet

__all__ = ["SHARDS_BATCHES", "build"]

SHARDS_BATCHES = MultiScaleFlow.shards_batches


def build(
    image_shape: tuple[int, int, int],
    width: int = 64,
    blocks: int = 8,
    weight_norm: bool = True,
    batch_norm: bool = False,
    prior: str = "normal",
    logit_alpha: float | None = 0.05,
    dtype: str = "float32",
    network_dtype: str | None = None,
    recompute: bool = False,
    network: Callable[..., keras.Model] | None = None,
) -> MultiScaleFlow:
    """Builds a real NVP.

    Args:
      image_shape: `(H, W, C)` with H and W even.
      width: channels of the networks.
      blocks: residual blocks per network.
      weight_norm: apply weight normalization to the convolutions' kernels.
      batch_norm: apply Keras' batch normalization in the networks.
      prior: "normal" or "logistic".
      logit_alpha: alpha of the logit (0.05 in Dinh et al., 1e-7 in Flow-GAN); None for no logit.
      dtype: "float32" or "float64".
      network_dtype: Keras dtype policy of the networks, such as "mixed_bfloat16"; None means
        `dtype`.
      recompute: train with less memory but more time, by computing features again in the backward
        pass; excludes `batch_norm`.
      network: makes the networks in place of our own, a function of (input channels, output
        channels, level, name) that returns a Keras model over images. It also gets `width`,
        `blocks`, `weight_norm`, `batch_norm` and `dtype`, if it takes them. None means our
        residual networks.

    Raises:
      UserError: the image shape or another argument is out of range, or `recompute` and
        `batch_norm` are both set.
    """
    if recompute and batch_norm:
        raise UserError(
            "--recompute cannot be combined with --batch_norm, whose running statistics would "
            "count each batch twice; drop one of the two flags."
        )

    def make_network(inputs, outputs, level, name):
        policy = network_dtype or dtype
        return resnet(inputs, outputs, width, blocks, weight_norm, batch_norm, 1, policy, name)

    make = make_network
    if network is not None:
        make = own_network(
            network,
            "real_nvp",
            (None, None),
            network_dtype or dtype,
            width=width,
            blocks=blocks,
            weight_norm=weight_norm,
            batch_norm=batch_norm,
            network_dtype=network_dtype,
        )
    plan = [Level(3, 3), Level(4)]
    return MultiScaleFlow(
        image_shape,
        plan,
        make,
        prior,
        logit_alpha,
        dtype,
        "real_nvp",
        recompute,
        limit=1.0,
        learned_limit=True,
    )
