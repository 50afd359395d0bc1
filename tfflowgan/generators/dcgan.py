"""The DCGAN generator with as many latents as pixels (Grover et al., 2018, section 5.1; Radford et al., 2015).

    z [D] -> dense, norm, ReLU -> [conv transposed 5x5 stride 2, norm, ReLU] ... -> conv transposed 5x5 stride 2 -> sigmoid

From 4x4 at 64 channels times a power of two up to the image: 4 -> 7 -> 14 -> 28, and 4 -> 8 -> 16 -> 32. Flow-GAN sets it beside
its flows to compare the Jacobians' spectra. It has no inverse: where dG/dz loses rank its images have no density at all,
and elsewhere none that can be computed, so `log_prob` and `encode` say so.
"""

import keras

from tfflowgan.errors import UserError
from tfflowgan.generators._generator import Generator

__all__ = ["DCGAN", "build"]


class DCGAN(Generator):
    """Images in [0, 1] by transposed convolutions."""

    def __init__(self, image_shape, width, batch_norm, prior, dtype):
        """Takes what `build` takes."""
        super().__init__(image_shape, prior, dtype, name="dcgan")
        self.network = _network(self.image_shape, self.dims, width, batch_norm, dtype)

    def generate(self, latents, training=False):
        return self.network(latents, training=training)

    def log_prob(self, images):
        """Says why there is none."""
        raise UserError(
            "a DCGAN generator has no density: it cannot be inverted, and its images need not fill the space; log_prob and "
            "encode need a flow (--flow=nvp, nice or real_nvp)."
        )

    encode = sample_and_log_prob = distribution = log_prob

    def call(self, latents):
        """The same as `decode`, so that the model is a Keras model from latents to images."""
        return self.decode(latents)


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
    features = keras.layers.Dense(sides[-1][0] * sides[-1][1] * top, kernel_initializer=start, dtype=dtype, name="dense")(
        features
    )
    features = activate(keras.layers.Reshape((*sides[-1], top), dtype=dtype, name="grid")(features), "dense")
    for i, side in enumerate(reversed(sides[:-1])):
        last = i == steps - 1
        out = channels if last else top // 2 ** (i + 1)
        conv = keras.layers.Conv2DTranspose(out, 5, 2, "same", kernel_initializer=start, dtype=dtype, name=f"conv_{i}")
        features = conv(features)
        surplus = [(0, features.shape[axis + 1] - side[axis]) for axis in (0, 1)]
        features = keras.layers.Cropping2D(surplus, dtype=dtype, name=f"crop_{i}")(features)
        features = features if last else activate(features, str(i))
    if not steps:  # images of 4x4 and less
        features = keras.layers.Conv2D(channels, 5, 1, "same", kernel_initializer=start, dtype=dtype, name="conv")(features)
    return keras.Model(latents, keras.layers.Activation("sigmoid", dtype=dtype, name="pixels")(features), name="network")


def build(
    image_shape: tuple[int, int, int], width: int = 64, batch_norm: bool = True, prior: str = "normal", dtype: str = "float32"
) -> DCGAN:
    """Builds the generator.

    Args:
      image_shape: `(H, W, C)`, any size.
      width: channels before the last layer; they double towards the latents.
      batch_norm: normalise batches, as DCGAN does.
      prior: "normal" or "logistic".
      dtype: "float32" or "float64".
    """
    return DCGAN(image_shape, width, batch_norm, prior, dtype)
