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

from tfflowgan import units
from tfflowgan.bijectors import sharding
from tfflowgan.bijectors.flow_bijector import FlowBijector
from tfflowgan.bijectors.logit import Logit, support
from tfflowgan.errors import UserError, in_python_words
from tfflowgan.flows._density import Density
from tfflowgan.flows._fitting import LikelihoodTraining
from tfflowgan.flows._inputs import check_images
from tfflowgan.flows._noise import dequantized_draws
from tfflowgan.generators import Generator, check_shape, checked_seeds, image_seeds

__all__ = ["Flow"]

tfb = tfp.bijectors


class Flow(LikelihoodTraining, Generator):
    """An invertible generator with an exact density. Subclasses implement `image_bijector`.

    As a Keras model it maps images to log-densities; `compile("adam")` and `fit(images)` maximize
    the likelihood.

    The attributes are those of `Generator` and one more.

    Attributes:
      shards_batches: whether sharding batches over CPU cores makes this flow faster.
    """

    has_density = True
    shards_batches = True

    def _input_shape(self):
        return self.image_shape

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
        if logit_alpha and np.dtype(dtype).type(1.0 - 2.0 * logit_alpha) == 1.0:
            raise UserError(
                f"--logit_alpha={logit_alpha} is lost in --dtype={dtype}, in which 1 - 2 alpha is "
                "1; give at least 1e-7, or --dtype=float64."
            )
        self.logit_alpha = logit_alpha or None
        trace = functools.partial(tf.function, autograph=False, reduce_retracing=True)
        self._log_prob_function = trace(lambda x: self.distribution().log_prob(x))
        self._encode_function = trace(lambda x: self.sharded_bijector().inverse(x))
        self._decode_function = trace(self.generate_with_log_prob)

    def image_bijector(self, training: bool) -> tfp.bijectors.Bijector:
        """Returns a new bijector from latents `[B, D]` to `[B, H, W, C]`, without the logit."""
        raise NotImplementedError

    def bijector(self, training: bool = False) -> FlowBijector:
        """Returns a new bijector from flat latents `[..., D]` to images `[..., H, W, C]`."""
        return self._whole(training, 1)

    def _whole(self, training, shards):
        parts = []
        for _ in range(shards):
            inner = self.image_bijector(training)
            if self.logit_alpha is not None:
                inner = tfb.Chain([Logit(self.logit_alpha, self.dtype), inner], name="with_logit")
            parts.append(inner)
        return FlowBijector(parts, self.image_shape, self.dtype, self._support())

    def sharded_bijector(self, training: bool = False) -> FlowBijector:
        """Returns `bijector(training)`, sharded over cores if that is enabled and makes it faster.

        See `tfflowgan.bijectors.sharding`. A network with batch statistics is never sharded in
        training, because the statistics must be those of the whole batch.
        """
        batch_statistics = training and self.non_trainable_weights
        whole = batch_statistics or not self.shards_batches
        return self._whole(training, 1 if whole else sharding.num_shards())

    def distribution(self, training: bool = False) -> Density:
        """Returns a new distribution over images `[H, W, C]`, valid until weights are updated.

        It takes any leading axes, and its log_prob is -inf outside the support.
        """
        return Density(self.prior(), self.sharded_bijector(training))

    def log_prob(self, images: tf.Tensor | np.ndarray, check: bool = True) -> tf.Tensor:
        """Returns the exact log-density on [0, 1]^D; traced.

        Args:
          images: dequantized, in [0, 1], shape `[B, H, W, C]` (see `tfflowgan.units.dequantize`).
          check: whether to check values; without, the log-density is -inf outside the support and
            NaN for NaN.

        Returns:
          Nats per image, shape `[B]`.

        Raises:
          TypeError: images have an integer dtype.
          ValueError: images have another shape, there are none, or one has values that are not
            finite or lie outside the flow's support ([-1, 2] for a flow without a logit, apart
            from its own samples). While a graph is traced, values are unknown and not checked.

        Warns:
          UserWarning: all values are multiples of 1/255 or 1/256, as of pixels without noise.
        """
        return self._log_prob_function(self.check_images(images, check))

    def bits_per_dim(
        self, images: tf.Tensor | np.ndarray, seed: int = 0, draws: int = 1
    ) -> tf.Tensor:
        """Returns the bits per dimension of pixels: dequantizes them and computes `log_prob`.

        Args:
          images: uint8, shape `[B, H, W, C]`.
          seed: of the noise, 0 to 2^31 - 1; the noise of image i depends only on `seed` and i.
          draws: noise draws per image, whose log-densities are averaged.

        Returns:
          Bits per dimension, shape `[B]`.

        Raises:
          TypeError: images are not uint8.
          ValueError: images have another shape, or there are none.
        """
        images = tf.convert_to_tensor(images)
        if images.dtype != tf.uint8:
            raise TypeError(
                f"images has dtype {images.dtype.name} but must be uint8; log_prob takes "
                "dequantized images."
            )
        if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 1:
            raise ValueError(f"draws={draws!r} must be a whole number, at least 1.")
        check_shape(images, self.image_shape, "images")
        count = tf.shape(images)[0] if images.shape[0] is None else images.shape[0]
        if images.shape[0] == 0:
            raise ValueError(
                f"images has shape {tuple(images.shape)}, but must have at least one image."
            )
        with in_python_words():
            seeds = image_seeds(seed, count)
        noisy = dequantized_draws(images, seeds, int(draws), self.dtype)
        log_prob = tf.reduce_mean(tf.reshape(self._log_prob_function(noisy), [-1, draws]), axis=1)
        return units.bits_per_dim(log_prob, self.dims)

    def check_images(self, images: tf.Tensor | np.ndarray, values: bool = True) -> tf.Tensor:
        """Returns images as a tensor in the flow's dtype, after the checks of `log_prob`.

        Args:
          images: `[B, H, W, C]`.
          values: whether to check values too, not only dtype and shape.
        """
        images = self._checked(images, self.image_shape, "images")
        if values:
            check_images(images, self._support(), self._spread)
        return images

    def _support(self):
        if self.logit_alpha is None:
            return None
        low, high = support(self.logit_alpha, np.dtype(self.dtype).type)
        return float(low), float(high)

    def _spread(self, images):
        latents = self._encode_function(images)
        deviation = self.prior().distribution.stddev()[0]
        return tf.sqrt(tf.reduce_mean(tf.square(latents), axis=-1)) / deviation

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
        return self.sample_from_seeds(checked_seeds(n, seed, temperature), temperature)

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

    def encode(self, images: tf.Tensor | np.ndarray, check: bool = True) -> tf.Tensor:
        """Maps images `[B, H, W, C]` in [0, 1] to their latents `[B, D]`; traced.

        Args:
          images: dequantized, in [0, 1].
          check: whether to check values; without, latents are NaN outside the support.

        Raises:
          TypeError, ValueError: as `log_prob`.
        """
        return self._encode_function(self.check_images(images, check))

    def decode_with_log_prob(self, latents: tf.Tensor | np.ndarray) -> tuple[tf.Tensor, tf.Tensor]:
        """Maps latents `[B, D]` to images `[B, H, W, C]` and their log-densities `[B]` in one pass.

        This method is public and traced; inside graphs use `generate_with_log_prob`.
        """
        return self._decode_function(self._checked(latents, (self.dims,), "latents"))

    def call(self, inputs: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Maps images `[B, H, W, C]` to nats per image `[B]`; makes this a Keras model.

        Args:
          inputs: dequantized images, as for `log_prob`.
          training: whether batch normalization uses and updates the statistics of the batch.
        """
        if not training:
            return self.log_prob(inputs)
        return self.distribution(training=True).log_prob(self.check_images(inputs))

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
