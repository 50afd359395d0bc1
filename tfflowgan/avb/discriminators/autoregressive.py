"""Autoregressive discriminator: one logit T_i(x, z_1, ..., z_{i-1}, z_i) per latent.

    log q(z | x) / p(z) = sum_i [log q(z_i | x, z_1, ..., z_{i-1}) - log p(z_i)]
    (Danihelka et al., 2017, Eq. 11)

z_1, ..., z_{i-1} come from q in both classes. Each term is a small divergence, which a logit can
estimate; a single large divergence it cannot.
"""

import keras
import tensorflow as tf

from tfflowgan.avb.discriminators._discriminator import Discriminator
from tfflowgan.keras_models import serializable
from tfflowgan.networks import masked_mlp, relu_layers

__all__ = ["AutoregressiveDiscriminator", "build"]

_CONTEXT = 16  # features of x and z_1, ..., z_{i-1} from which T_i is computed
_HIDDEN = 32  # units of the hidden layers of each T_i


@serializable
class AutoregressiveDiscriminator(Discriminator):
    """Computes context features by a masked network, then each logit by its own small network."""

    has_terms = True

    def __init__(self, dims: int, latents: int, width: int, dtype: str):
        """Creates the networks; the arguments are those of `tfflowgan.avb.discriminators.build`."""
        super().__init__(name="autoregressive", dtype=dtype)
        self.arguments = {"dims": dims, "latents": latents, "width": width, "dtype": dtype}
        images = keras.Input((dims,), dtype=dtype)
        features = relu_layers(images, width, 2, dtype, "image")
        self.image_features = keras.Model(images, features, name="image_features")
        self.context = masked_mlp(latents, width, _CONTEXT, width, dtype=dtype, name="context")
        sizes = [(_CONTEXT + 2, _HIDDEN), (_HIDDEN, _HIDDEN), (_HIDDEN, 1)]
        self.kernels, self.biases = [], []
        for i, (inputs, outputs) in enumerate(sizes):
            start = keras.initializers.Zeros()
            if outputs > 1:
                start = keras.initializers.RandomNormal(0.0, (2.0 / inputs) ** 0.5)
            shape = (latents, inputs, outputs)
            self.kernels.append(self.add_weight(shape, start, name=f"kernel_{i}"))
            self.biases.append(self.add_weight((latents, outputs), "zeros", name=f"bias_{i}"))
        self.built = True

    def logits(self, images: tf.Tensor, context: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
        before = self.context([context, self.image_features(images)])
        hidden = tf.concat([before, values[..., None], tf.square(values)[..., None]], axis=-1)
        for i, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
            hidden = tf.nn.relu(hidden) if i else hidden
            kernel, bias = keras.ops.convert_to_tensor(kernel), keras.ops.convert_to_tensor(bias)
            hidden = tf.einsum("bli,lio->blo", hidden, kernel) + bias
        return hidden[..., 0]


def build(dims: int, latents: int, width: int, dtype: str) -> AutoregressiveDiscriminator:
    """Builds the discriminator; see `tfflowgan.avb.discriminators.build`."""
    return AutoregressiveDiscriminator(dims, latents, width, dtype)
