"""One logit of the image and all of its latents: T(x, z)."""

import keras

from tfflowgan.avb.discriminators._discriminator import Discriminator
from tfflowgan.networks import relu_layers

__all__ = ["Joint", "build"]


class Joint(Discriminator):
    """Two layers for the image, then two for its features and the latents with their squares."""

    def __init__(self, dims: int, latents: int, width: int, dtype: str):
        """Makes the network."""
        super().__init__(name="joint", dtype=dtype)
        images, values = keras.Input((dims,), dtype=dtype), keras.Input((latents,), dtype=dtype)
        hidden = relu_layers(images, width, 2, dtype, "image")
        hidden = keras.layers.Concatenate(dtype=dtype, name="joined")([hidden, values, keras.ops.square(values)])
        hidden = relu_layers(hidden, width, 2, dtype, "both")
        logit = keras.layers.Dense(1, kernel_initializer="zeros", dtype=dtype, name="logit")(hidden)
        self.network = keras.Model([images, values], logit, name="network")
        self.built = True

    def logits(self, images, context, values):
        return self.network([images, values])


def build(dims: int, latents: int, width: int, dtype: str) -> Joint:
    """Builds the discriminator."""
    return Joint(dims, latents, width, dtype)
