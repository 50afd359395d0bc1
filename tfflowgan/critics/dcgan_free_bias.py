"""A control for the fast learning critic: its bias without the extra images that it depends on.

    f(x) = the DCGAN critic of x, with b added after its second convolution and normalization
    b    = a parameter, [1, H / 4, W / 4, 2 width], zero at first and not clipped

The fast learning critic of Danihelka et al. (2017, section 4) differs from DCGAN's in two ways: it
sees extra images of the generator, and it has weights that are not clipped. This one has the second
alone. b takes the place of the embedding e and can be whatever e can be for a generator that stays
as it is, but it changes by gradient descent only. What the fast learning critic does better than
this one is due to the extra images.
"""

import keras
import tensorflow as tf

from tfflowgan.critics import _layers, dcgan
from tfflowgan.keras_models import serializable

__all__ = ["PENALIZED_NORM", "build"]

PENALIZED_NORM = dcgan.PENALIZED_NORM


def build(
    image_shape: tuple[int, int, int], width: int = 64, norm: str = "batch", dtype: str = "float32"
) -> keras.Model:
    """Builds the critic.

    Args:
      image_shape: `(H, W, C)`, any size.
      width: channels of the first convolution.
      norm: "batch", "layer" or "none".
      dtype: dtype or dtype policy of the layers.
    """
    images = keras.Input(image_shape, dtype=_layers.weights_dtype(dtype))
    bias = _FreeBias(dcgan.bias_shape(image_shape, width), dtype=dtype, name="free_bias")(images)
    score = dcgan.scores(images, width, norm, dtype, bias)
    return keras.Model(images, score, name="dcgan_free_bias_critic")


@serializable
class _FreeBias(keras.layers.Layer):
    """A parameter `[1, h, w, c]`, whatever the input."""

    unclipped = True  # see `CriticTrainer`

    def __init__(self, shape, **options):
        super().__init__(**options)
        self._bias_shape = tuple(shape)
        self.bias = self.add_weight(shape=self._bias_shape, initializer="zeros", name="bias")
        self.built = True

    def call(self, images):
        del images
        return tf.cast(self.bias.value, self.compute_dtype)

    def compute_output_spec(self, images):
        return keras.KerasTensor(self._bias_shape, self.compute_dtype)

    def get_config(self):
        return super().get_config() | {"shape": list(self._bias_shape)}
