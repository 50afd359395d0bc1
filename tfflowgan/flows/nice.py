"""NICE: additive couplings between even and odd pixels, then a diagonal scaling.

      inverse:  x [H, W, C] -> flat, even pixels then odd -> coupling even->odd, odd->even, ... -> h exp(s) = z

(Dinh et al., 2015; as Flow-GAN uses it on MNIST: four couplings, six ReLU layers of 1,000 units in each, logistic prior, logit
with alpha 1e-7.) Additive couplings keep volume, so log |det dz/dx| = sum s is one number for all images.
"""

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.bijectors.scaling import Scaling
from tfflowgan.bijectors.split_coupling import SplitCoupling
from tfflowgan.errors import UserError
from tfflowgan.flows._flow import Flow
from tfflowgan.networks.mlp import mlp

__all__ = ["SHARDS_BATCHES", "Nice", "build"]

tfb = tfp.bijectors


class Nice(Flow):
    """Additive couplings on the D values of an image, D even."""

    shards_batches = False  # its matrices are large: each is better read once, by all cores, than by each core

    def __init__(self, image_shape, couplings, layers, width, batch_norm, prior, logit_alpha, dtype, network_dtype):
        """Takes what `build` takes."""
        super().__init__(image_shape, prior, logit_alpha, dtype, name="nice")
        if self.dims % 2:
            height, width, _ = self.image_shape
            raise UserError(
                f"--flow=nice splits an image's values into two halves, and {height}x{width} has {self.dims}, an odd "
                f"number; {height - 1}x{width - 1} or {height + 1}x{width + 1} would do."
            )
        half = self.dims // 2
        self.networks = [
            mlp(half, half, width, layers, batch_norm, network_dtype or dtype, name=f"coupling_{i}") for i in range(couplings)
        ]
        self.log_scale = self.add_weight(shape=(self.dims,), initializer="zeros", name="log_scale")

    def image_bijector(self, training):
        couplings = [
            SplitCoupling(self._shift(network, training), 1, flip=i % 2 == 1, dtype=self.dtype, name=network.name)
            for i, network in enumerate(self.networks)
        ]
        even_then_odd = np.concatenate([np.arange(0, self.dims, 2), np.arange(1, self.dims, 2)])
        return tfb.Chain(
            [
                tfb.Reshape(self.image_shape, [self.dims]),
                tfb.Permute(np.argsort(even_then_odd)),
                *couplings,
                Scaling(keras.ops.convert_to_tensor(self.log_scale)),
            ],
            name="nice",
        )

    def _shift(self, network, training):
        return lambda half: (tf.cast(network(half, training=training), self.dtype), None)


SHARDS_BATCHES = Nice.shards_batches


def build(
    image_shape: tuple[int, int, int],
    couplings: int = 4,
    layers: int = 6,
    width: int = 1000,
    batch_norm: bool = False,
    prior: str = "logistic",
    logit_alpha: float | None = 1e-7,
    dtype: str = "float32",
    network_dtype: str | None = None,
) -> Nice:
    """Builds NICE.

    Args:
      image_shape: `(H, W, C)`, with an even number of values.
      couplings: additive couplings, alternately even->odd and odd->even.
      layers: hidden layers of each network.
      width: their units.
      batch_norm: Flow-GAN's scalar batch normalisation before every layer.
      prior: "logistic" or "normal".
      logit_alpha: alpha of the logit, or None.
      dtype: "float32" or "float64".
      network_dtype: a Keras policy for the networks, such as "mixed_bfloat16"; None is `dtype`.
    """
    return Nice(image_shape, couplings, layers, width, batch_norm, prior, logit_alpha, dtype, network_dtype)
