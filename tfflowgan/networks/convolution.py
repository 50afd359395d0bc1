"""Convolutions and sums in the form in which TensorFlow merges convolution, bias, ReLU or sum into one operation of oneDNN.

`keras.layers.Conv2D` reshapes its bias on the way, which hides it from the merging. And where a sum goes both into a ReLU and
on to the next block, TensorFlow 2.21 tries to merge sum and ReLU, fails ("fanout exist for missing node") and then merges nothing
in the whole graph; a check of the shape between the two keeps it from trying.
"""

import keras
import tensorflow as tf

__all__ = ["Add", "Conv2D"]


class Conv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` with a bias and without an activation, the same numbers."""

    def call(self, inputs):
        """Maps features `[B, H, W, C]` to `[B, H', W', filters]`."""
        return tf.nn.bias_add(self.convolution_op(inputs, self.kernel_in_use()), keras.ops.convert_to_tensor(self.bias))

    def kernel_in_use(self) -> tf.Tensor:
        """The kernel `[height, width, C, filters]` to convolve with."""
        return keras.ops.convert_to_tensor(self.kernel)


class Add(keras.layers.Add):
    """`keras.layers.Add`, whose sum can go into a ReLU and elsewhere."""

    def call(self, inputs):
        """Sums tensors of one shape."""
        total = super().call(inputs)
        return tf.ensure_shape(total, total.shape)
