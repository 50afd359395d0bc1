"""Base class of the flows: a Keras model owns the networks and composes them into a distribution.

    sample      x = G(z),  z ~ prior
    log_prob    log p(x) = log prior(z) - log |det dG/dz|
                (Danihelka et al., 2017, Eq. 1; Grover et al., 2018, Eq. 3)

TFP does not track the variables of Keras 3 networks, so the model owns them and the bijectors only
refer to them. TFP's cache is keyed by tensor and outlives weight updates, so every call composes a
new chain and never reads a value computed with old weights. The public methods are traced; inside a
traced function, composing the chain costs nothing.
"""

import functools

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.bijectors import sharding
from tfflowgan.bijectors.logit import Logit
from tfflowgan.bijectors.sharded import Sharded
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, image_seeds

__all__ = ["Flow"]

tfb, tfd = tfp.bijectors, tfp.distributions


class Flow(Generator):
    """An invertible generator with an exact density. Subclasses implement `image_bijector`.

    The attributes are those of `Generator` and one more.

    Attributes:
      shards_batches: whether sharding batches over CPU cores makes this flow faster.
    """

    has_density = True
    shards_batches = True

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        prior: str,
        logit_alpha: float | None,
        dtype: str,
        name: str,
    ):
        """Creates what all flows have in common.

        Args:
          image_shape: `(H, W, C)`.
          prior: "normal" or "logistic": the standard distribution, independent for each of the D
            latents.
          logit_alpha: alpha of the `Logit` preprocessing; None for no preprocessing.
          dtype: "float32" or "float64".
          name: name of the model, a prefix of its variables' names.

        Raises:
          UserError: there is no such prior, or `logit_alpha` is out of range.
        """
        super().__init__(image_shape, prior, dtype, name)
        if logit_alpha and not 1e-9 <= logit_alpha < 0.5:
            raise UserError(
                f"--logit_alpha={logit_alpha} must be at least 1e-9 and less than 0.5, or 0 (None "
                "in Python) for no logit."
            )
        self.logit_alpha = logit_alpha or None
        trace = functools.partial(tf.function, autograph=False, reduce_retracing=True)
        self._log_prob_function = trace(lambda x: self.distribution().log_prob(x))
        self._encode_function = trace(lambda x: self.sharded_bijector().inverse(x))
        self._decode_function = trace(self.generate_with_log_prob)

    def image_bijector(self, training: bool) -> tfp.bijectors.Bijector:
        """Returns a new bijector from latents `[B, D]` to `[B, H, W, C]`, without the logit."""
        raise NotImplementedError

    def bijector(self, training: bool = False) -> tfp.bijectors.Bijector:
        """Returns a new bijector from flat latents `[B, D]` to images `[B, H, W, C]`."""
        inner = self.image_bijector(training)
        if self.logit_alpha is None:
            return inner
        return tfb.Chain([Logit(self.logit_alpha, self.dtype), inner], name="flow")

    def sharded_bijector(self, training: bool = False) -> tfp.bijectors.Bijector:
        """Returns `bijector(training)`, sharded over cores if that is enabled and makes it faster.

        See `tfflowgan.bijectors.sharding`. A network with batch statistics is never sharded in
        training, because the statistics must be those of the whole batch.
        """
        count = sharding.num_shards()
        batch_statistics = training and self.non_trainable_variables
        if count == 1 or not self.shards_batches or batch_statistics:
            return self.bijector(training)
        return Sharded([self.bijector(training) for _ in range(count)], self.dtype)

    def distribution(self, training: bool = False) -> tfp.distributions.TransformedDistribution:
        """Returns a new distribution over images `[H, W, C]`, valid until weights are updated."""
        bijector = self.sharded_bijector(training)
        return tfd.TransformedDistribution(self.prior(), bijector, name="density")

    def log_prob(self, images: tf.Tensor | np.ndarray) -> tf.Tensor:
        """Returns the exact log-density on [0, 1]^D; traced.

        Args:
          images: dequantized, in [0, 1], shape `[B, H, W, C]` (see `tfflowgan.units.dequantize`).

        Returns:
          Nats per image, shape `[B]`.
        """
        return self._log_prob_function(self._checked(images, self.image_shape, "images"))

    def sample_and_log_prob(
        self, n: int, seed: int, temperature: float = 1.0
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Draws images and computes their log-densities in one pass.

        Args:
          n: number of images.
          seed: 0 to 2^31 - 1.
          temperature: factor for the latents; densities are always those of temperature 1.

        Returns:
          Images `[n, H, W, C]` and nats per image `[n]`.
        """
        return self.sample_from_seeds(image_seeds(seed, n), temperature)

    def sample_from_seeds(
        self, seeds: tf.Tensor | np.ndarray, temperature: float | tf.Tensor = 1.0
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Draws one image per seed.

        Args:
          seeds: int64, shape `[B]`.
          temperature: one number, or one per image, shape `[B]`.

        Returns:
          Images `[B, H, W, C]` and nats per image `[B]`; row i depends only on `seeds[i]` and its
            temperature.
        """
        return self._decode_function(self.latents(seeds, temperature))

    def encode(self, images: tf.Tensor | np.ndarray) -> tf.Tensor:
        """Maps images `[B, H, W, C]` in [0, 1] to their latents `[B, D]`; traced."""
        return self._encode_function(self._checked(images, self.image_shape, "images"))

    def decode(self, latents: tf.Tensor | np.ndarray) -> tf.Tensor:
        """Maps latents `[B, D]` to images `[B, H, W, C]`; traced."""
        return self.decode_with_log_prob(latents)[0]

    def decode_with_log_prob(self, latents: tf.Tensor | np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
        """Maps latents `[B, D]` to images `[B, H, W, C]` and their log-densities `[B]` in one pass.

        This method is public and traced; inside graphs use `generate_with_log_prob`.
        """
        return self._decode_function(self._checked(latents, (self.dims,), "latents"))

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Does the same as `log_prob`; makes this a Keras model from images to nats."""
        return self.log_prob(images)

    def generate(self, latents: tf.Tensor, training: bool = False) -> tf.Tensor:
        return self.sharded_bijector(training).forward(latents)

    def generate_with_log_prob(self, latents: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Maps latents `[B, D]` to images `[B, H, W, C]` and their log-densities `[B]` in one pass.

        This method is not traced and does not check its argument: it is for use inside graphs.
        Elsewhere use `decode_with_log_prob`.
        """
        bijector = self.sharded_bijector()
        images = bijector.forward(latents)
        log_det = bijector.forward_log_det_jacobian(latents, event_ndims=1)
        return images, self.prior().log_prob(latents) - log_det
