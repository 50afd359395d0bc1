"""The DCGAN generator, with as many latents as an image has values.

    z [D] -> dense, norm, ReLU
    -> [transposed conv 5x5 stride 2, norm, ReLU] ...
    -> transposed conv 5x5 stride 2 -> sigmoid

(Radford et al., 2015; Grover et al., 2018, section 5.1.) Resolution grows from about 4x4 to that of
the image: 4 -> 7 -> 14 -> 28 or 4 -> 8 -> 16 -> 32, with 64 channels before the last layer and
twice as many at each lower resolution. Flow-GAN compares the Jacobian spectra of this generator
with those of its flows. G has no known inverse: if dG/dz is rank-deficient, the images have no
density, and otherwise it cannot be computed. `log_prob` and `encode` therefore raise an error.
"""

from typing import Any, NoReturn

import keras
import tensorflow as tf

from tfflowgan import keras_models
from tfflowgan.errors import UserError
from tfflowgan.generators._generator import Generator

__all__ = ["DCGAN", "build"]


@keras_models.serializable
class DCGAN(Generator):
    """Maps latents to images in [0, 1] by transposed convolutions."""

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        width: int,
        batch_norm: bool,
        prior: str,
        dtype: str,
    ):
        """Creates the network; the arguments are those of `build`."""
        super().__init__(image_shape, prior, dtype, name="dcgan")
        self.network = _network(self.image_shape, self.dims, width, batch_norm, dtype)

    def generate(self, latents: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self.network(latents, training=training)

    def log_prob(self, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Raises `UserError`: this generator has no density."""
        raise UserError(
            "--generator=dcgan has no density because it is not invertible; log_prob and encode "
            "need a flow, such as --flow=nvp."
        )

    encode = sample_and_log_prob = distribution = log_prob

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Maps latents `[B, D]` to images `[B, H, W, C]`; makes this a Keras model.

        Args:
          inputs: latents.
          training: whether batch normalization uses and updates the statistics of the batch.
        """
        return self.generate(inputs, training=True) if training else self.decode(inputs)


def _network(image_shape, dims, width, batch_norm, dtype):
    height, width_px, channels = image_shape
    sides = [(height, width_px)]
    while max(sides[-1]) > 4:
        sides.append(tuple(-(-side // 2) for side in sides[-1]))
    start = keras.initializers.RandomNormal(0.0, 0.02)

    def activate(features, label):
        if batch_norm:
            features = keras.layers.BatchNormalization(
                momentum=0.9, epsilon=1e-5, synchronized=True, dtype=dtype, name=f"norm_{label}"
            )(features)
        return keras.layers.ReLU(dtype=dtype, name=f"relu_{label}")(features)

    steps = len(sides) - 1
    features = latents = keras.Input((dims,), dtype=dtype)
    top = width * 2 ** max(0, steps - 1)
    features = keras.layers.Dense(
        sides[-1][0] * sides[-1][1] * top, kernel_initializer=start, dtype=dtype, name="dense"
    )(features)
    features = activate(
        keras.layers.Reshape((*sides[-1], top), dtype=dtype, name="grid")(features), "dense"
    )
    for i, side in enumerate(reversed(sides[:-1])):
        last = i == steps - 1
        out = channels if last else top // 2 ** (i + 1)
        conv = keras.layers.Conv2DTranspose(
            out, 5, 2, "same", kernel_initializer=start, dtype=dtype, name=f"conv_{i}"
        )
        features = conv(features)
        surplus = [(0, features.shape[axis + 1] - side[axis]) for axis in (0, 1)]
        features = keras.layers.Cropping2D(surplus, dtype=dtype, name=f"crop_{i}")(features)
        features = features if last else activate(features, str(i))
    if not steps:  # images of at most 4x4
        features = keras.layers.Conv2D(
            channels, 5, 1, "same", kernel_initializer=start, dtype=dtype, name="conv"
        )(features)
    return keras.Model(
        latents,
        keras.layers.Activation("sigmoid", dtype=dtype, name="pixels")(features),
        name="network",
    )


def build(
    image_shape: tuple[int, int, int],
    width: int = 64,
    batch_norm: bool = True,
    prior: str = "normal",
    dtype: str = "float32",
) -> DCGAN:
    """Builds the DCGAN generator.

    Args:
      image_shape: `(H, W, C)`, any size.
      width: channels before the last layer; each lower resolution has twice as many.
      batch_norm: apply batch normalization, as DCGAN does.
      prior: "normal" or "logistic".
      dtype: "float32" or "float64".
    """
    return DCGAN(image_shape, width, batch_norm, prior, dtype)
