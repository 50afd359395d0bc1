"""Convolution with weight normalization: kernel = g v / ||v||, with one norm per output channel.

(Salimans & Kingma, 2016, Eq. 2.) The gain g is a separate weight, so the length and the direction
of each filter are learned independently.
"""

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from tfflowgan.keras_models import serializable
from tfflowgan.networks.convolution import Conv2D

__all__ = ["WeightNormConv2D"]


@serializable
class WeightNormConv2D(Conv2D):
    """A `Conv2D` whose kernel is normalized, each filter separately.

    The gain starts at the norm of the initial kernel, so a new layer equals the plain convolution,
    or at `gain_start`: 1 as published, or 0, which makes the output of a new layer the bias alone.
    """

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        gain_start: float | None = None,
        zero_start: bool = False,
        **kwargs: Any,
    ):
        """Creates the layer.

        Args:
          filters: number of output channels.
          kernel_size: height and width of the kernel.
          gain_start: the gain of a new layer; None for the norm of its kernel.
          zero_start: what configurations of version 0.1.0 have in place of `gain_start=0`.
          **kwargs: further arguments of `keras.layers.Conv2D`.
        """
        super().__init__(filters, kernel_size, **kwargs)
        self._gain_start = 0.0 if zero_start else gain_start

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return super().get_config() | {"gain_start": self._gain_start}

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Adds the gain `[filters]` to the convolution's weights."""
        super().build(input_shape)
        self.gain = self.add_weight(shape=(self.filters,), initializer="zeros", name="gain")
        start = self._norm(self.kernel) if self._gain_start is None else self._gain_start
        self.gain.assign(tf.broadcast_to(tf.cast(start, self.gain.dtype), (self.filters,)))

    def save_own_variables(self, store: dict) -> None:
        """Keeps kernel, bias and gain; Keras' convolutions keep only their own two."""
        keras.layers.Layer.save_own_variables(self, store)

    def load_own_variables(self, store: dict) -> None:
        """Restores what `save_own_variables` kept."""
        keras.layers.Layer.load_own_variables(self, store)

    def kernel_in_use(self) -> tf.Tensor:
        kernel = super().kernel_in_use()
        return kernel * (ops.convert_to_tensor(self.gain) / self._norm(kernel))

    def _norm(self, kernel):
        kernel = ops.convert_to_tensor(kernel)
        return ops.sqrt(ops.sum(ops.square(kernel), axis=(0, 1, 2)) + keras.config.epsilon() ** 2)
