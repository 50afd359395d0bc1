"""Layer normalization of images' features: every position by itself, over its channels.

    y = gamma (x - mean) / sqrt(variance + epsilon) + beta

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
        features = tf.cast(inputs, self.variable_dtype)
        centred = features - tf.reduce_mean(features, axis=-1, keepdims=True)
        variance = tf.reduce_mean(tf.square(centred), axis=-1, keepdims=True)
        normal = centred * tf.math.rsqrt(variance + self.epsilon)
        return tf.cast(normal * self.gamma.value + self.beta.value, inputs.dtype)
