"""A network of vectors whose i-th output sees the values before the i-th alone.

Each hidden unit has a degree d and sees values 1 to d; output i sees units of degree below i (Germain et al., 2015, MADE). What
the outputs are conditioned on is seen by all hidden units, and by the outputs directly, so that the first of them, to which few
hidden units are open, know it too.
"""

import keras
import numpy as np

from tfflowgan.errors import UserError

__all__ = ["masked_mlp"]


class MaskedDense(keras.layers.Dense):
    """A dense layer without the weights that a mask `[inputs, units]` has zeros for."""

    def __init__(self, mask, **options):
        """Takes the mask."""
        super().__init__(mask.shape[1], **options)
        self._mask = np.asarray(mask, self.compute_dtype)

    def call(self, inputs, training=None):
        """Maps `[B, inputs]` to `[B, units]`."""
        return self.activation(keras.ops.matmul(inputs, self.kernel * self._mask) + self.bias)


def masked_mlp(
    dims: int, conditions: int, outputs: int, width: int, layers: int = 2, dtype="float32", name: str = "masked"
) -> keras.Model:
    """Makes the network; its outputs start at zero.

    Args:
      dims: D, values in a vector.
      conditions: F, values that all outputs see.
      outputs: numbers for each value.
      width: units of each hidden layer.
      layers: hidden layers, at least 1.
      dtype: a Keras dtype.
      name: of the model.

    Returns:
      A Keras model from ([B, D], [B, F]) to `[B, D, outputs]`.

    Raises:
      UserError: there are fewer units than values.
    """
    if width < dims:
        raise UserError(f"--width={width} must be at least --latents={dims}, so that every latent is seen by those after it.")
    values, given = keras.Input((dims,), dtype=dtype), keras.Input((conditions,), dtype=dtype)
    seen = np.arange(1, dims + 1)  # a value is seen by units of its degree and above
    degrees = np.arange(width) % dims
    hidden = values
    for i in range(layers):
        masked = MaskedDense(seen[:, None] <= degrees, kernel_initializer="he_normal", dtype=dtype, name=f"masked_{i}")(hidden)
        open_to_all = keras.layers.Dense(width, use_bias=False, kernel_initializer="he_normal", dtype=dtype, name=f"given_{i}")
        hidden = keras.layers.ReLU(dtype=dtype, name=f"relu_{i}")(
            keras.layers.Add(dtype=dtype, name=f"sum_{i}")([masked, open_to_all(given)])
        )
        seen = degrees
    last = MaskedDense(
        np.repeat(degrees[:, None] <= np.arange(dims), outputs, axis=1), kernel_initializer="zeros", dtype=dtype, name="last"
    )
    directly = keras.layers.Dense(dims * outputs, use_bias=False, kernel_initializer="zeros", dtype=dtype, name="given_last")
    both = keras.layers.Add(dtype=dtype, name="sum_last")([last(hidden), directly(given)])
    shaped = keras.layers.Reshape((dims, outputs), dtype=dtype, name="by_value")(both)
    return keras.Model([values, given], shaped, name=name)
