"""A flow: networks owned by a Keras model, assembled on demand into a `tfd.TransformedDistribution`.

    x = G(z),  z ~ prior                     sample
    log p(x) = log prior(z) - log |det dG/dz|        log_prob (Danihelka et al., 2017, Eq. 1; Grover et al., 2018, Eq. 3)

TFP does not see the variables of Keras 3 networks, so the model owns them and bijectors only borrow them. TFP's cache is
keyed by tensor and outlives weight updates, so every call assembles a new chain: a value of yesterday's weights can never
come back. Assembly costs nothing inside a traced function, and the public methods are traced.
"""

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
    """An invertible generator with an exact density. Subclasses give `image_bijector`.

    Attributes: those of `Generator`, and
      spec: what `tfflowgan.flows.build` built it from, with "flow" and "image_shape".
      shards_batches: whether a core is better used on a share of the batch than on a share of each operation.
    """

    has_density = True
    shards_batches = True

    def __init__(self, image_shape, prior: str, logit_alpha: float | None, dtype: str, name: str):
        """Makes the parts that all flows share.

        Args:
          image_shape: `(H, W, C)`.
          prior: "normal" or "logistic", standard and independent over the D latents.
          logit_alpha: the alpha of the `Logit` preprocessing, or None for none.
          dtype: "float32" or "float64".
          name: prefix of the variables' names.
        """
        super().__init__(image_shape, prior, dtype, name)
        if logit_alpha is not None and not 1e-9 <= logit_alpha < 0.5:
            raise UserError(f"--logit_alpha={logit_alpha} must lie in [1e-9, 0.5), or be 0 (None in Python) for no logit.")
        self.logit_alpha = logit_alpha
        self._log_prob_function = tf.function(lambda x: self.distribution().log_prob(x), autograph=False, reduce_retracing=True)
        self._encode_function = tf.function(lambda x: self.sharded_bijector().inverse(x), autograph=False, reduce_retracing=True)
        self._decode_function = tf.function(self.generate_with_log_prob, autograph=False, reduce_retracing=True)

    def image_bijector(self, training: bool) -> tfb.Bijector:
        """A new bijector from flat latents `[B, D]` to images `[B, H, W, C]`, before any logit."""
        raise NotImplementedError

    def bijector(self, training: bool = False) -> tfb.Bijector:
        """A new bijector from flat latents `[B, D]` to images `[B, H, W, C]`."""
        inner = self.image_bijector(training)
        if self.logit_alpha is None:
            return inner
        return tfb.Chain([Logit(self.logit_alpha, self.dtype), inner], name="flow")

    def sharded_bijector(self, training: bool = False) -> tfb.Bijector:
        """The same as `bijector`, in as many shares as cores share a batch (see `tfflowgan.bijectors.sharding`)."""
        count = sharding.num_shards()
        if count == 1 or not self.shards_batches or (training and self.non_trainable_variables):  # statistics of whole batches
            return self.bijector(training)
        return Sharded([self.bijector(training) for _ in range(count)], self.dtype)

    def distribution(self, training: bool = False) -> tfd.TransformedDistribution:
        """A new distribution over images `[H, W, C]`: use it at once, then let it go."""
        return tfd.TransformedDistribution(self.prior(), self.sharded_bijector(training), name="density")

    def log_prob(self, images) -> tf.Tensor:
        """Exact log-density on [0, 1]^D.

        Args:
          images: dequantised, in [0, 1], shape `[B, H, W, C]` (see `tfflowgan.units.dequantize`).

        Returns:
          Nats per image, shape `[B]`.
        """
        return self._log_prob_function(self._checked(images, self.image_shape, "images"))

    def sample_and_log_prob(self, n: int, seed: int, temperature: float = 1.0) -> tuple[tf.Tensor, tf.Tensor]:
        """Draws images and their log-densities in one pass.

        Args:
          n: how many.
          seed: 0 to 2^31 - 1.
          temperature: the latents are multiplied by it; densities stay those of temperature 1.

        Returns:
          Images `[n, H, W, C]` and nats per image `[n]`.
        """
        return self.sample_from_seeds(image_seeds(seed, n), temperature)

    def sample_from_seeds(self, seeds, temperature=1.0) -> tuple[tf.Tensor, tf.Tensor]:
        """Draws one image a seed.

        Args:
          seeds: int64, shape `[B]`.
          temperature: a number, or one an image, shape `[B]`.

        Returns:
          Images `[B, H, W, C]` and nats per image `[B]`; row i is a function of seeds[i] and its temperature alone.
        """
        return self._decode_function(self.latents(seeds, temperature))

    def encode(self, images) -> tf.Tensor:
        """Maps images `[B, H, W, C]` in [0, 1] to their latents `[B, D]`."""
        return self._encode_function(self._checked(images, self.image_shape, "images"))

    def decode(self, latents) -> tf.Tensor:
        """Maps latents `[B, D]` to images `[B, H, W, C]`."""
        return self.decode_with_log_prob(latents)[0]

    def decode_with_log_prob(self, latents) -> tuple[tf.Tensor, tf.Tensor]:
        """Maps latents `[B, D]` to images `[B, H, W, C]` and their log-densities `[B]`, in one pass."""
        return self._decode_function(self._checked(latents, (self.dims,), "latents"))

    def call(self, images):
        """The same as `log_prob`, so that the model is a Keras model from images to nats."""
        return self.log_prob(images)

    def generate(self, latents, training=False):
        return self.sharded_bijector(training).forward(latents)

    def generate_with_log_prob(self, latents) -> tuple[tf.Tensor, tf.Tensor]:
        """The images `[B, H, W, C]` of latents `[B, D]` and their log-densities `[B]`, untraced: for use inside graphs."""
        bijector = self.sharded_bijector()
        images = bijector.forward(latents)
        log_det = bijector.forward_log_det_jacobian(latents, event_ndims=1)
        return images, self.prior().log_prob(latents) - log_det
