"""A multi-layer perceptron: ReLU layers of one width, then a linear layer that starts at zero.

With `batch_norm`, a batch normalisation stands before every layer that has ONE scalar mean and variance, taken over the
batch and all features, and one scalar gain and bias: the variant in Flow-GAN's code (rate 0.1, epsilon 1e-6).
"""

import keras

from tfflowgan.networks.dense import Dense

__all__ = ["mlp", "relu_layers"]


def mlp(
    inputs: int, outputs: int, width: int, layers: int, batch_norm: bool = False, dtype="float32", name: str = "mlp"
) -> keras.Model:
    """Makes the network.

    Args:
      inputs: features in.
      outputs: features out.
      width: units of each hidden layer.
      layers: hidden layers.
      batch_norm: scalar batch normalisation before every layer.
      dtype: a Keras dtype or policy.
      name: prefix of the variables' names.

    Returns:
      A Keras model from `[B, inputs]` to `[B, outputs]`.
    """
    hidden = start = keras.Input((inputs,), dtype=keras.dtype_policies.get(dtype).compute_dtype)
    for i in range(layers):
        hidden = _scalar_batch_norm(hidden, dtype, f"norm_{i}") if batch_norm else hidden
        dense = Dense(width, activation="relu", kernel_initializer="he_normal", dtype=dtype, name=f"dense_{i}")
        hidden = dense(hidden)
    hidden = _scalar_batch_norm(hidden, dtype, f"norm_{layers}") if batch_norm else hidden
    last = Dense(outputs, kernel_initializer="zeros", dtype=dtype, name=f"dense_{layers}")
    return keras.Model(start, last(hidden), name=name)


def relu_layers(features, width: int, count: int, dtype, name: str):
    """Dense layers with ReLU, applied to a Keras tensor `[B, C]`; gives `[B, width]`."""
    for i in range(count):
        features = keras.layers.Dense(width, "relu", kernel_initializer="he_normal", dtype=dtype, name=f"{name}_{i}")(features)
    return features


def _scalar_batch_norm(features, dtype, name):
    """Keras' batch normalisation over a single channel, which every feature of every example goes through."""
    width = features.shape[-1]
    norm = keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-6, synchronized=True, dtype=dtype, name=name)
    one_channel = keras.layers.Reshape((width, 1), dtype=dtype, name=f"{name}_in")(features)
    return keras.layers.Reshape((width,), dtype=dtype, name=f"{name}_out")(norm(one_channel))
