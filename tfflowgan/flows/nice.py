"""NICE: additive coupling layers between even and odd pixels, then a diagonal scaling.

    inverse:  x [H, W, C] -> flatten, even pixels first, then odd ones
              -> h: coupling even->odd, odd->even, ...
              -> z = h exp(s)

(Dinh et al., 2015. The defaults are those of Flow-GAN on MNIST: four coupling layers with six ReLU
layers of 1,000 units each, logistic prior, logit with alpha 1e-7.) Additive coupling layers
preserve volume, so log |det dz/dx| = sum s is the same for all images.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan import keras_models
from tfflowgan.bijectors.scaling import Scaling
from tfflowgan.bijectors.split_coupling import SplitCoupling
from tfflowgan.errors import UserError
from tfflowgan.flows._flow import Flow
from tfflowgan.networks.mlp import mlp
from tfflowgan.networks.own import own_network

__all__ = ["SHARDS_BATCHES", "Nice", "build"]

tfb = tfp.bijectors


@keras_models.serializable
class Nice(Flow):
    """Additive coupling layers on the D values of an image, D even."""

    # Its weight matrices are large: it is faster if all cores read each once than if each core
    # does.
    shards_batches = False

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        couplings: int,
        layers: int,
        width: int,
        batch_norm: bool,
        prior: str,
        logit_alpha: float | None,
        dtype: str,
        network_dtype: str | None,
        network: Callable[..., keras.Model] | None = None,
    ):
        """Creates the networks; the arguments are those of `build`."""
        super().__init__(image_shape, prior, logit_alpha, dtype, name="nice")
        if self.dims % 2:
            rows, columns, _ = self.image_shape
            raise UserError(
                f"--flow=nice needs an even number of values per image, and {rows}x{columns} "
                f"images have {self.dims}; use {rows - 1}x{columns - 1} or "
                f"{rows + 1}x{columns + 1}."
            )
        half = self.dims // 2
        policy = network_dtype or dtype

        def make_network(inputs, outputs, level, name):
            return mlp(inputs, outputs, width, layers, batch_norm, policy, name)

        make = make_network
        if network is not None:
            make = own_network(
                network,
                "nice",
                (),
                network_dtype or dtype,
                width=width,
                layers=layers,
                batch_norm=batch_norm,
                network_dtype=network_dtype,
            )
        self.networks = [make(half, half, i, f"coupling_{i}") for i in range(couplings)]
        self.log_scale = self.add_weight(shape=(self.dims,), initializer="zeros", name="log_scale")

    def image_bijector(self, training: bool) -> tfp.bijectors.Bijector:
        couplings = [
            SplitCoupling(self._shift(network, training), 1, i % 2 == 1, self.dtype, network.name)
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
    network: Callable[..., keras.Model] | None = None,
) -> Nice:
    """Builds NICE.

    Args:
      image_shape: `(H, W, C)` with H W C even.
      couplings: number of additive coupling layers, alternately even->odd and odd->even.
      layers: hidden layers per network.
      width: units per hidden layer.
      batch_norm: apply Flow-GAN's scalar batch normalization before every layer.
      prior: "logistic" or "normal".
      logit_alpha: alpha of the logit; None for no logit.
      dtype: "float32" or "float64".
      network_dtype: Keras dtype policy of the networks, such as "mixed_bfloat16"; None means
        `dtype`.
      network: makes the networks in place of our own, a function of (input features, output
        features, coupling layer, name) that returns a Keras model from `[B, inputs]` to
        `[B, outputs]`. It also gets `width`, `layers`, `batch_norm` and `dtype`, if it takes
        them. None means our ReLU layers.

    Raises:
      UserError: H W C is odd, or another argument is out of range.
    """
    return Nice(
        image_shape,
        couplings,
        layers,
        width,
        batch_norm,
        prior,
        logit_alpha,
        dtype,
        network_dtype,
        network,
    )
