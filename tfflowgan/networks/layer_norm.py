"""Layer normalization of images' features: every position by itself, over its channels.

    n = (x - mean) / sqrt(variance + epsilon)            y = gamma n + beta
    dL/dx = (g - mean(g) - n mean(g n)) / sqrt(variance + epsilon),    g = gamma dL/dy

(Ba et al., 2016, at each position, as Ho et al., 2019, in Flow++.) It depends neither on other
images nor on other positions. `keras.layers.LayerNormalization` gives the same values and first
derivatives, but its second derivatives leave out how the variance depends on the mean.
"""

from typing import Any

import keras
import tensorflow as tf

from tfflowgan.keras_models import serializable

__all__ = ["LayerNorm"]


@serializable
class LayerNorm(keras.layers.Layer):
    """Normalizes features `[..., C]`; statistics are computed in the weights' precision."""

    def __init__(self, epsilon: float = 1e-5, **kwargs: Any):
        """Creates the layer.

        Args:
          epsilon: added to the variance.
          **kwargs: `name` and `dtype`.
        """
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return super().get_config() | {"epsilon": self.epsilon}

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Adds gamma and beta, both `[C]`."""
        channels = input_shape[-1]
        self.gamma = self.add_weight(
            shape=(channels,), initializer="ones", name="gamma", autocast=False
        )
        self.beta = self.add_weight(
            shape=(channels,), initializer="zeros", name="beta", autocast=False
        )

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Maps features to normalized ones of the same shape and dtype."""
        gamma, beta = (tf.convert_to_tensor(weight.value) for weight in (self.gamma, self.beta))
        return _layer_norm(inputs, gamma, beta, self.epsilon)


def _layer_norm(features, gamma, beta, epsilon):
    @tf.custom_gradient
    def normalize(features, gamma, beta):
        def gradient(upstream):
            normal, inverse_deviation = _normal(features, gamma.dtype, epsilon)
            upstream = tf.reshape(tf.cast(upstream, gamma.dtype), tf.shape(normal))
            by_gamma, by_normal = upstream * normal, upstream * gamma
            along = tf.reduce_mean(by_gamma * gamma, axis=1, keepdims=True)
            centred = by_normal - tf.reduce_mean(by_normal, axis=1, keepdims=True)
            by_features = inverse_deviation * (centred - along * normal)
            return (
                tf.cast(tf.reshape(by_features, tf.shape(features)), features.dtype),
                tf.reduce_sum(by_gamma, axis=0),
                tf.reduce_sum(upstream, axis=0),
            )

        normal, _ = _normal(features, gamma.dtype, epsilon)
        outputs = tf.reshape(normal * gamma + beta, tf.shape(features))
        return tf.cast(tf.ensure_shape(outputs, features.shape), features.dtype), gradient

    return normalize(features, gamma, beta)


def _normal(features, dtype, epsilon):
    """Features as rows `[N, C]` with mean 0 and variance 1, and 1 / their deviations `[N, 1]`."""
    rows = tf.cast(tf.reshape(features, [-1, features.shape[-1]]), dtype)
    centred = rows - tf.reduce_mean(rows, axis=1, keepdims=True)
    variance = tf.reduce_mean(tf.square(centred), axis=1, keepdims=True)
    inverse_deviation = tf.math.rsqrt(variance + epsilon)
    return centred * inverse_deviation, inverse_deviation
