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

    The gain starts at the norm of the initial kernel, so a new layer equals the plain convolution.
    With `zero_start` the gain starts at zero, so the output of a new layer is the bias alone.
    """

    def __init__(self, filters: int, kernel_size: int, zero_start: bool = False, **kwargs: Any):
        """Creates the layer.

        Args:
          filters: number of output channels.
          kernel_size: height and width of the kernel.
          zero_start: initialize the gain to zero.
          **kwargs: further arguments of `keras.layers.Conv2D`.
        """
        super().__init__(filters, kernel_size, **kwargs)
        self._zero_start = zero_start

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return super().get_config() | {"zero_start": self._zero_start}

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Adds the gain `[filters]` to the convolution's weights."""
        super().build(input_shape)
        start = ops.zeros((self.filters,)) if self._zero_start else self._norm(self.kernel)
        self.gain = self.add_weight(shape=(self.filters,), initializer="zeros", name="gain")
        self.gain.assign(ops.cast(start, self.gain.dtype))

    def kernel_in_use(self) -> tf.Tensor:
        kernel = super().kernel_in_use()
        return kernel * (ops.convert_to_tensor(self.gain) / self._norm(kernel))

    def _norm(self, kernel):
        kernel = ops.convert_to_tensor(kernel)
        return ops.sqrt(ops.sum(ops.square(kernel), axis=(0, 1, 2)) + keras.config.epsilon() ** 2)
