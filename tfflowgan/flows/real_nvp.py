"""Real NVP as Dinh et al. (2017) and Flow-GAN train it on CIFAR-10.

    3 checkerboard, squeeze, 3 channel-wise, half factored out, 4 checkerboard

Networks of 64 channels with 8 residual blocks, a 1x1 convolution at either end, weight normalisation (section 3.7 and 4.1); the
bound of each coupling's log-scale is learned. Flow-GAN's code also passes the shift through tanh, which we leave out:
it would bound how far a coupling can move a logit. Batch normalisation in the networks is off by default, because then
an image's training density depends on its neighbours.
"""

from tfflowgan.errors import UserError
from tfflowgan.flows._multi_scale import Level, MultiScaleFlow
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
) -> MultiScaleFlow:
    """Builds a real NVP.

    Args:
      image_shape: `(H, W, C)` with H and W even.
      width: channels of the networks.
      blocks: residual blocks of each network.
      weight_norm: normalise the convolutions' kernels.
      batch_norm: Keras' batch normalisation in the networks.
      prior: "normal" or "logistic".
      logit_alpha: alpha of the logit (0.05 in Dinh et al., 1e-7 in Flow-GAN), or None.
      dtype: "float32" or "float64".
      network_dtype: a Keras policy for the networks, such as "mixed_bfloat16"; None is `dtype`.
      recompute: train with less memory and more time: networks run again for their gradients.
    """
    if recompute and batch_norm:
        raise UserError("--recompute would count each batch twice in the running means of --batch_norm; leave one of them out.")

    def make_network(inputs, outputs, level, name):
        return resnet(inputs, outputs, width, blocks, weight_norm, batch_norm, 1, network_dtype or dtype, name)

    plan = [Level(3, 3), Level(4)]
    return MultiScaleFlow(
        image_shape, plan, make_network, prior, logit_alpha, dtype, "real_nvp", recompute, limit=1.0, learned_limit=True
    )
