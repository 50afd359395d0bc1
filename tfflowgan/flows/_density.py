"""The distribution of a flow's images: zero density outside the support, as TFP's own have it."""

import math

import tensorflow as tf
import tensorflow_probability as tfp

__all__ = ["Density"]


class Density(tfp.distributions.TransformedDistribution):
    """A `tfd.TransformedDistribution` by a `FlowBijector`; log_prob is -inf outside its support."""

    def _log_prob(self, value, **kwargs):
        log_prob = super()._log_prob(value, **kwargs)
        if self.bijector.support is None:
            return log_prob
        low, high = self.bijector.support
        outside = tf.reduce_any((value < low) | (value > high), axis=[-3, -2, -1])
        return tf.where(outside, tf.constant(-math.inf, log_prob.dtype), log_prob)
