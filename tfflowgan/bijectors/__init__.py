"""TFP bijectors, one per file. `forward` maps latents to images; each pass runs a network once."""

from tfflowgan.bijectors._tree import leaves
from tfflowgan.bijectors.affine import Affine
from tfflowgan.bijectors.autoregressive import Autoregressive
from tfflowgan.bijectors.channel_mixing import ChannelMixing
from tfflowgan.bijectors.checkerboard_coupling import CheckerboardCoupling
from tfflowgan.bijectors.flow_bijector import FlowBijector
from tfflowgan.bijectors.logit import Logit
from tfflowgan.bijectors.multi_scale import MultiScale
from tfflowgan.bijectors.one_pass import OnePassBijector
from tfflowgan.bijectors.scaling import Scaling
from tfflowgan.bijectors.split_coupling import SplitCoupling
from tfflowgan.bijectors.squeeze import Squeeze

__all__ = [
    "Affine",
    "Autoregressive",
    "ChannelMixing",
    "CheckerboardCoupling",
    "Logit",
    "MultiScale",
    "OnePassBijector",
    "Scaling",
    "FlowBijector",
    "SplitCoupling",
    "Squeeze",
    "leaves",
]
