"""The extreme log-scales of a flow: how strongly its layers stretch and compress single values.

From latents to images, a coupling layer multiplies by exp(s), and the last layer of NICE by
exp(-s). In adversarial training these scales diverge together with the density (Danihelka et al.,
2017, section 3.2). Those of coupling layers are bounded, by numbers that may be learned.
"""

import tensorflow as tf

from tfflowgan.bijectors import leaves
from tfflowgan.flows import Flow

__all__ = ["LogScales"]


class LogScales:
    """Measures the log-scales of a flow; traced once."""

    def __init__(self, flow: Flow):
        """Creates the metric for a flow."""
        self._function = tf.function(
            lambda images: _extremes(flow, images), reduce_retracing=True, autograph=False
        )

    def __call__(self, images: tf.Tensor) -> dict[str, float]:
        """Computes "min_log_scale" and "max_log_scale" over all layers, values and images.

        Args:
          images: `[B, H, W, C]`.
        """
        low, high = self._function(images)
        return {"min_log_scale": float(low), "max_log_scale": float(high)}


def _extremes(flow, images):
    chain = flow.bijector()
    chain.inverse(tf.cast(images, flow.dtype))
    scales = [getattr(leaf, "log_scale", None) for leaf in leaves(chain)]
    scales = tf.concat([tf.reshape(s, [-1]) for s in scales if s is not None], axis=0)
    return tf.reduce_min(scales), tf.reduce_max(scales)
