"""A masked multi-layer perceptron (MADE): output i depends only on the values before value i.

Each hidden unit has a degree d and is connected to values 1 to d; output i is connected to units of
a degree below i (Germain et al., 2015). The conditioning values are connected to all hidden units,
and directly to the outputs as well: the first outputs are connected to few hidden units.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfflowgan.errors import UserError
from tfflowgan.keras_models import serializable

__all__ = ["masked_mlp"]


@serializable
class MaskedDense(keras.layers.Dense):
    """A dense layer whose kernel is multiplied by a fixed mask of zeros and ones."""

    def __init__(self, mask: np.ndarray | list[list[float]], **options: Any):
        """Creates the layer.

        Args:
          mask: `[inputs, units]`, 0 or False for connections to remove.
          **options: further arguments of `keras.layers.Dense`.
        """
        mask = np.asarray(mask)
        super().__init__(mask.shape[1], **options)
        self._mask = np.asarray(mask, self.compute_dtype)

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        config = super().get_config()
        del config["units"]
        return config | {"mask": self._mask.tolist()}

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Maps `[B, inputs]` to `[B, units]`."""
        return self.activation(keras.ops.matmul(inputs, self.kernel * self._mask) + self.bias)


def masked_mlp(
    dims: int,
    conditions: int,
    outputs: int,
    width: int,
    layers: int = 2,
    dtype: str = "float32",
    name: str = "masked",
) -> keras.Model:
    """Builds the network; its outputs are zero at initialization.

    Args:
      dims: D, values per vector.
      conditions: F, conditioning values, to which all outputs are connected.
      outputs: outputs per value.
      width: units per hidden layer, at least D.
      layers: number of hidden layers, at least 1.
      dtype: a Keras dtype.
      name: name of the model.

    Returns:
      A Keras model from (values `[B, D]`, conditions `[B, F]`) to `[B, D, outputs]`.

    Raises:
      UserError: `width` is less than `dims`.
    """
    if width < dims:
        raise UserError(
            f"--width={width} must be at least --latents={dims}, so that every latent can depend "
            "on all latents before it."
        )
    values = keras.Input((dims,), dtype=dtype)
    condition = keras.Input((conditions,), dtype=dtype)
    previous = np.arange(1, dims + 1)  # degrees of the layer before: value i has degree i
    degrees = np.arange(width) % dims
    hidden = values
    for i in range(layers):
        masked = MaskedDense(
            previous[:, None] <= degrees,
            kernel_initializer="he_normal",
            dtype=dtype,
            name=f"masked_{i}",
        )
        unmasked = keras.layers.Dense(
            width,
            use_bias=False,
            kernel_initializer="he_normal",
            dtype=dtype,
            name=f"given_{i}",
        )
        total = keras.layers.Add(dtype=dtype, name=f"sum_{i}")(
            [masked(hidden), unmasked(condition)]
        )
        hidden = keras.layers.ReLU(dtype=dtype, name=f"relu_{i}")(total)
        previous = degrees
    last = MaskedDense(
        np.repeat(degrees[:, None] <= np.arange(dims), outputs, axis=1),
        kernel_initializer="zeros",
        dtype=dtype,
        name="last",
    )
    directly = keras.layers.Dense(
        dims * outputs, use_bias=False, kernel_initializer="zeros", dtype=dtype, name="given_last"
    )
    both = keras.layers.Add(dtype=dtype, name="sum_last")([last(hidden), directly(condition)])
    shaped = keras.layers.Reshape((dims, outputs), dtype=dtype, name="by_value")(both)
    return keras.Model([values, condition], shaped, name=name)
