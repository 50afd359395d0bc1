"""The real NVP of Danihelka et al. (2017): affine coupling layers in 1 to 3 levels, no batch norm.

The paper specifies 7, 13 or 19 coupling layers, four residual blocks in each, and no batch
normalization (section 2.1). It does not specify the widths or the layout of the last level. Our
reading: every level but the last has 3 checkerboard couplings, a squeeze and 3 channel-wise
couplings, after which half of the channels are factored out. The last level has 7 checkerboard
couplings and no squeeze. L levels thus have 6 L + 1 coupling layers, and 28 -> 14 -> 7 needs no
padding. Widths double with every level, which keeps the cost per coupling layer constant (our
choice).

The paper mentions neither a logit nor a bound of the log-scales; `logit_alpha=None` follows it to
the letter, and the bounds are learned, as Dinh et al. (2017) learn theirs. Our default of alpha is
1e-3, which in short runs is as good as 1e-5 (docs/results/real_nvp.md).
"""

from collections.abc import Callable

import keras

from tfflowgan.errors import UserError
from tfflowgan.flows._multi_scale import Level, MultiScaleFlow
from tfflowgan.networks.own import own_network
from tfflowgan.networks.resnet import ZeroStart, resnet

__all__ = ["SHARDS_BATCHES", "build"]

SHARDS_BATCHES = MultiScaleFlow.shards_batches
TRAINING = {"learning_rate": 2e-3, "batch_size": 50}
FORMER = {
    3: {
        "layer_norm": False,
        "zero_start": "blocks",
        "learned_bound": False,
        "mixing": False,
        "logit_alpha": 1e-5,
    }
}


def build(
    image_shape: tuple[int, int, int],
    levels: int = 2,
    width: int = 16,
    blocks: int = 4,
    layer_norm: bool = False,
    zero_start: ZeroStart = "blocks",
    learned_bound: bool = True,
    mixing: bool = False,
    prior: str = "normal",
    logit_alpha: float | None = 1e-3,
    dtype: str = "float32",
    network_dtype: str | None = None,
    recompute: bool = False,
    network: Callable[..., keras.Model] | None = None,
) -> MultiScaleFlow:
    """Builds an NVP.

    Args:
      image_shape: `(H, W, C)`; H and W must be divisible by 2^(levels - 1).
      levels: L, the number of levels; there are 6 L + 1 coupling layers.
      width: channels of the networks of the first level; doubles with every level.
      blocks: residual blocks per network.
      layer_norm: normalize the networks' features at each position.
      zero_start: which layers of a new network are zero: "last", "blocks" or "none" (see
        `tfflowgan.networks.resnet`).
      learned_bound: learn a bound of the log-scales per coupling layer, from 2 on, as Dinh et al.
        do; otherwise it stays at 2, as in runs and models of version 0.1.0.
      mixing: only channel-wise couplings before the last level, with learned linear maps of the
        channels between them (see `ChannelMixing`).
      prior: "normal" or "logistic".
      logit_alpha: alpha of the logit; None for no logit.
      dtype: "float32" or "float64".
      network_dtype: Keras dtype policy of the networks, such as "mixed_bfloat16"; None means
        `dtype`.
      recompute: train with less memory but more time, by computing features again in the backward
        pass.
      network: makes the networks in place of our own, a function of (input channels, output
        channels, level, name) that returns a Keras model over images. It also gets `width`,
        `blocks`, `layer_norm`, `zero_start` and `dtype`, if it takes them. None means our residual
        networks.

    Raises:
      UserError: the image shape or another argument is out of range.
    """
    if levels < 1:
        raise UserError(f"--levels={levels} must be at least 1.")

    def make_network(inputs, outputs, level, name):
        policy = network_dtype or dtype
        return resnet(
            inputs,
            outputs,
            width * 2**level,
            blocks,
            layer_norm=layer_norm,
            zero_start=zero_start,
            dtype=policy,
            name=name,
        )

    make = make_network
    if network is not None:
        make = own_network(
            network,
            "nvp",
            (None, None),
            network_dtype or dtype,
            width=width,
            blocks=blocks,
            layer_norm=layer_norm,
            zero_start=zero_start,
            network_dtype=network_dtype,
        )
    before = Level(0, 6) if mixing else Level(3, 3)
    plan = [before] * (levels - 1) + [Level(7)]
    return MultiScaleFlow(
        image_shape,
        plan,
        make,
        prior,
        logit_alpha,
        dtype,
        "nvp",
        recompute,
        limit=2.0,
        learned_limit=learned_bound,
        mixing=mixing,
    )
