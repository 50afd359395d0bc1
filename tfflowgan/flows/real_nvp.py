"""The real NVP of Dinh et al. (2017) and Flow-GAN, normalized without the rest of the batch.

Every level but the last has 6 coupling layers and factors out half of the channels; the last level
has 4 checkerboard couplings. With `mixing`, the 6 are channel-wise couplings behind the squeeze,
each after a learned linear map of the channels (Kingma & Dhariwal, 2018). Without, they are those
of Dinh et al. (section 3.6): 3 checkerboard couplings, the squeeze, 3 channel-wise couplings.

    as published      width=64, blocks=8, levels=2, weight_norm=True, batch_norm=True,
                      zero_start="none", mixing=False        (sections 3.7 and 4.1; Flow-GAN's code)

The networks have a 1x1 convolution at either end. The bound of each coupling layer's log-scale is
learned. Two things always differ from Flow-GAN's code. It also applies tanh to the shift, which
would bound how far a coupling layer can move a logit; and its log-scale is a tanh(r) + b with two
learned numbers, where ours is a tanh(r / a).

Batch normalization is off by default, because with it the density of an image in training depends
on the rest of the batch. docs/results/real_nvp.md measures what each part is worth.
"""

from collections.abc import Callable

import keras

from tfflowgan.errors import UserError
from tfflowgan.flows._multi_scale import Level, MultiScaleFlow
from tfflowgan.networks.own import own_network
from tfflowgan.networks.resnet import ZeroStart, resnet

__all__ = ["SHARDS_BATCHES", "build"]

SHARDS_BATCHES = MultiScaleFlow.shards_batches
TRAINING = {"learning_rate": 2e-3, "batch_size": 32, "clip_norm": 0.0}
TUNED = ("weight_norm", "batch_norm", "layer_norm", "zero_start")
FORMER = {
    3: {
        "levels": 2,
        "blocks": 8,
        "weight_norm": True,
        "layer_norm": False,
        "zero_start": "blocks",
        "mixing": False,
    }
}


def build(
    image_shape: tuple[int, int, int],
    levels: int = 3,
    width: int = 64,
    blocks: int = 3,
    weight_norm: bool = False,
    batch_norm: bool = False,
    layer_norm: bool = True,
    zero_start: ZeroStart = "blocks",
    mixing: bool = True,
    prior: str = "normal",
    logit_alpha: float | None = 0.05,
    dtype: str = "float32",
    network_dtype: str | None = None,
    recompute: bool = False,
    network: Callable[..., keras.Model] | None = None,
) -> MultiScaleFlow:
    """Builds a real NVP.

    Args:
      image_shape: `(H, W, C)`; H and W must be divisible by 2^(levels - 1).
      levels: L, the number of levels; there are 6 L - 2 coupling layers.
      width: channels of the networks.
      blocks: residual blocks per network.
      weight_norm: apply weight normalization to the convolutions' kernels.
      batch_norm: apply Keras' batch normalization in the networks.
      layer_norm: normalize the networks' features at each position, before any batch normalization.
      zero_start: which layers of a new network are zero: "last", "blocks" or "none" (see
        `tfflowgan.networks.resnet`).
      mixing: only channel-wise couplings before the last level, with learned linear maps of the
        channels between them; see the module.
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
    if levels < 1:
        raise UserError(f"--levels={levels} must be at least 1.")
    if recompute and batch_norm:
        raise UserError(
            "--recompute cannot be combined with --batch_norm, whose running statistics would "
            "count each batch twice; drop one of the two flags."
        )

    def make_network(inputs, outputs, level, name):
        policy = network_dtype or dtype
        return resnet(
            inputs,
            outputs,
            width,
            blocks,
            weight_norm=weight_norm,
            batch_norm=batch_norm,
            layer_norm=layer_norm,
            zero_start=zero_start,
            first_kernel=1,
            dtype=policy,
            name=name,
        )

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
            layer_norm=layer_norm,
            zero_start=zero_start,
            network_dtype=network_dtype,
        )
    before = Level(0, 6) if mixing else Level(3, 3)
    plan = [before] * (levels - 1) + [Level(4)]
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
        mixing=mixing,
    )
