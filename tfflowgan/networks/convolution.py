"""Convolution and sum, written so that TensorFlow can fuse them with bias and ReLU (oneDNN).

`keras.layers.Conv2D` reshapes its bias, which prevents the fusion. If a sum feeds both a ReLU and
the next block, TensorFlow 2.21 tries to fuse the sum with the ReLU, fails ("fanout exist for
missing node") and then fuses nothing in the whole graph. A shape check between sum and ReLU
prevents the attempt.
"""

import keras
import tensorflow as tf

from tfflowgan.keras_models import serializable

__all__ = ["Add", "Conv2D"]


@serializable
class Conv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` with a bias and without an activation; same results, but fusible."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Maps features `[B, H, W, C]` to `[B, H', W', filters]`."""
        features = self.convolution_op(inputs, self.kernel_in_use())
        return tf.nn.bias_add(features, keras.ops.convert_to_tensor(self.bias))

    def kernel_in_use(self) -> tf.Tensor:
        """Returns the kernel to convolve with, `[height, width, C, filters]`."""
        return keras.ops.convert_to_tensor(self.kernel)


@serializable
class Add(keras.layers.Add):
    """`keras.layers.Add` whose sum may feed a ReLU and another layer without preventing fusion."""

    def call(self, inputs: list[tf.Tensor]) -> tf.Tensor:
        """Returns the sum of tensors of the same shape."""
        total = super().call(inputs)
        return tf.ensure_shape(total, total.shape)
