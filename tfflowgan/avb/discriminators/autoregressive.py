"""One logit a latent: T_i(x, z_1, ..., z_{i-1}, z_i), the latents before the i-th of q in both classes.

    log q(z | x) / p(z) = sum_i [log q(z_i | x, z_1, ..., z_{i-1}) - log p(z_i)]          (Danihelka et al., 2017, Eq. 11)

Each term is a small divergence, which a logit can tell, in place of one large one, which it cannot.
"""

import keras
import tensorflow as tf

from tfflowgan.avb.discriminators._discriminator import Discriminator
from tfflowgan.networks import masked_mlp, relu_layers

__all__ = ["AutoregressiveDiscriminator", "build"]

_CONTEXT, _HIDDEN = 16, 32  # numbers that tell a term of what comes before it; units of each term's own hidden layer


class AutoregressiveDiscriminator(Discriminator):
    """A masked network tells each term of the image and of the latents before; a small network of its own judges the latent."""

    has_terms = True

    def __init__(self, dims: int, latents: int, width: int, dtype: str):
        """Makes the networks."""
        super().__init__(name="autoregressive", dtype=dtype)
        images = keras.Input((dims,), dtype=dtype)
        self.image_features = keras.Model(images, relu_layers(images, width, 2, dtype, "image"), name="image_features")
        self.context = masked_mlp(latents, width, _CONTEXT, width, dtype=dtype, name="context")
        sizes = [(_CONTEXT + 2, _HIDDEN), (_HIDDEN, _HIDDEN), (_HIDDEN, 1)]
        self.kernels, self.biases = [], []
        for i, (inputs, outputs) in enumerate(sizes):
            start = keras.initializers.Zeros() if outputs == 1 else keras.initializers.RandomNormal(0.0, (2.0 / inputs) ** 0.5)
            self.kernels.append(self.add_weight((latents, inputs, outputs), start, name=f"kernel_{i}"))
            self.biases.append(self.add_weight((latents, outputs), "zeros", name=f"bias_{i}"))
        self.built = True

    def logits(self, images, context, values):
        before = self.context([context, self.image_features(images)])
        hidden = tf.concat([before, values[..., None], tf.square(values)[..., None]], axis=-1)
        for i, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
            hidden = tf.nn.relu(hidden) if i else hidden
            hidden = tf.einsum("bli,lio->blo", hidden, keras.ops.convert_to_tensor(kernel)) + keras.ops.convert_to_tensor(bias)
        return hidden[..., 0]


def build(dims: int, latents: int, width: int, dtype: str) -> AutoregressiveDiscriminator:
    """Builds the discriminator."""
    return AutoregressiveDiscriminator(dims, latents, width, dtype)
