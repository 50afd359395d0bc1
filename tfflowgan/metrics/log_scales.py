"""The extreme log-scales of a flow: how far single couplings stretch and squeeze.

Going from latents to images a coupling multiplies by exp(s), NICE's last layer by exp(-s). Under an adversary these
scales run away where the density does (Danihelka et al., 2017, section 3.2); under soft clamping they stop at its limit.
"""

import tensorflow as tf

from tfflowgan.bijectors import leaves
from tfflowgan.flows import Flow

__all__ = ["LogScales"]


class LogScales:
    """Measures a flow's log-scales, traced once."""

    def __init__(self, flow: Flow):
        """Takes the flow."""
        self._function = tf.function(lambda images: _extremes(flow, images), reduce_retracing=True)

    def __call__(self, images: tf.Tensor) -> dict[str, float]:
        """{"min_log_scale", "max_log_scale"} over all elements that are scaled and all images `[B, H, W, C]`."""
        low, high = self._function(images)
        return {"min_log_scale": float(low), "max_log_scale": float(high)}


def _extremes(flow, images):
    chain = flow.bijector()
    chain.inverse(tf.cast(images, flow.dtype))
    scales = [tf.reshape(leaf.log_scale, [-1]) for leaf in leaves(chain) if getattr(leaf, "log_scale", None) is not None]
    scales = tf.concat(scales, axis=0)
    return tf.reduce_min(scales), tf.reduce_max(scales)
