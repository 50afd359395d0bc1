"""A multi-layer perceptron: ReLU layers of equal width, then a linear layer initialized to zero.

With `batch_norm`, scalar batch normalization precedes every layer: ONE mean and variance over the
batch and all features, and one scalar gain and bias, as in Flow-GAN's code (rate 0.1, epsilon
1e-6).
"""

import keras

from tfflowgan.networks.dense import Dense

__all__ = ["mlp", "relu_layers"]


def mlp(
    inputs: int,
    outputs: int,
    width: int,
    layers: int,
    batch_norm: bool = False,
    dtype: str = "float32",
    name: str = "mlp",
) -> keras.Model:
    """Builds the network.

    Args:
      inputs: number of input features.
      outputs: number of output features.
      width: units per hidden layer.
      layers: number of hidden layers.
      batch_norm: apply scalar batch normalization before every layer.
      dtype: a Keras dtype or dtype policy.
      name: name of the model, a prefix of its variables' names.

    Returns:
      A Keras model from `[B, inputs]` to `[B, outputs]`.
    """
    hidden = start = keras.Input((inputs,), dtype=keras.dtype_policies.get(dtype).compute_dtype)
    for i in range(layers):
        hidden = _scalar_batch_norm(hidden, dtype, f"norm_{i}") if batch_norm else hidden
        dense = Dense(
            width, activation="relu", kernel_initializer="he_normal", dtype=dtype, name=f"dense_{i}"
        )
        hidden = dense(hidden)
    hidden = _scalar_batch_norm(hidden, dtype, f"norm_{layers}") if batch_norm else hidden
    last = Dense(outputs, kernel_initializer="zeros", dtype=dtype, name=f"dense_{layers}")
    return keras.Model(start, last(hidden), name=name)


def relu_layers(
    features: keras.KerasTensor, width: int, count: int, dtype: str, name: str
) -> keras.KerasTensor:
    """Applies `count` dense ReLU layers to a Keras tensor `[B, C]`; returns `[B, width]`."""
    for i in range(count):
        layer = keras.layers.Dense(
            width, "relu", kernel_initializer="he_normal", dtype=dtype, name=f"{name}_{i}"
        )
        features = layer(features)
    return features


def _scalar_batch_norm(features, dtype, name):
    """Applies Keras' batch normalization with all features of all examples as one channel."""
    width = features.shape[-1]
    norm = keras.layers.BatchNormalization(
        momentum=0.9, epsilon=1e-6, synchronized=True, dtype=dtype, name=name
    )
    one_channel = keras.layers.Reshape((width, 1), dtype=dtype, name=f"{name}_in")(features)
    return keras.layers.Reshape((width,), dtype=dtype, name=f"{name}_out")(norm(one_channel))
