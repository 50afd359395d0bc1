"""Convolution with weight normalisation: kernel = g v / ||v||, the norm over all but the output channels.

(Salimans & Kingma, 2016, Eq. 2.) The gain g is a weight of its own, so that the length and the direction of each filter
are learned apart.
"""

import keras
from keras import ops

from tfflowgan.networks.convolution import Conv2D

__all__ = ["WeightNormConv2D"]


class WeightNormConv2D(Conv2D):
    """A `Conv2D` whose kernel is normalised, filter by filter.

    The gain starts at the norm of the initial kernel, which makes the new layer equal to the plain convolution, or at zero
    with `zero_start`, which makes its output the bias alone.
    """

    def __init__(self, filters: int, kernel_size: int, zero_start: bool = False, **kwargs):
        """Takes what `keras.layers.Conv2D` takes, and `zero_start`."""
        super().__init__(filters, kernel_size, **kwargs)
        self._zero_start = zero_start

    def build(self, input_shape):
        """Adds the gain `[filters]` to the convolution's weights."""
        super().build(input_shape)
        start = ops.zeros((self.filters,)) if self._zero_start else self._norm(self.kernel)
        self.gain = self.add_weight(shape=(self.filters,), initializer="zeros", name="gain")
        self.gain.assign(ops.cast(start, self.gain.dtype))

    def kernel_in_use(self):
        kernel = super().kernel_in_use()
        return kernel * (ops.convert_to_tensor(self.gain) / self._norm(kernel))

    def _norm(self, kernel):
        kernel = ops.convert_to_tensor(kernel)
        return ops.sqrt(ops.sum(ops.square(kernel), axis=(0, 1, 2)) + keras.config.epsilon() ** 2)
