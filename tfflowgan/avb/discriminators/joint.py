"""Joint discriminator: a single logit T(x, z) of an image and all latents."""

import keras
import tensorflow as tf

from tfflowgan.avb.discriminators._discriminator import Discriminator
from tfflowgan.keras_models import serializable
from tfflowgan.networks import relu_layers

__all__ = ["Joint", "build"]


@serializable
class Joint(Discriminator):
    """Two layers for the image, then two for its features, the latents and their squares."""

    def __init__(self, dims: int, latents: int, width: int, dtype: str):
        """Creates the network; the arguments are those of `tfflowgan.avb.discriminators.build`."""
        super().__init__(name="joint", dtype=dtype)
        self.arguments = {"dims": dims, "latents": latents, "width": width, "dtype": dtype}
        images, values = keras.Input((dims,), dtype=dtype), keras.Input((latents,), dtype=dtype)
        features = relu_layers(images, width, 2, dtype, "image")
        inputs = [features, values, keras.ops.square(values)]
        hidden = keras.layers.Concatenate(dtype=dtype, name="joined")(inputs)
        hidden = relu_layers(hidden, width, 2, dtype, "both")
        last = keras.layers.Dense(1, kernel_initializer="zeros", dtype=dtype, name="logit")
        self.network = keras.Model([images, values], last(hidden), name="network")
        self.built = True

    def logits(self, images: tf.Tensor, context: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
        return self.network([images, values])


def build(dims: int, latents: int, width: int, dtype: str) -> Joint:
    """Builds the discriminator; see `tfflowgan.avb.discriminators.build`."""
    return Joint(dims, latents, width, dtype)
