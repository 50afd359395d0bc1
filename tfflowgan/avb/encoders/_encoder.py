"""Base class of encoders: a distribution q(z | x) over latent vectors with an exact density.

    z = b_x(eps),  eps ~ N(0, I),       log q(z | x) = log N(eps; 0, I) - log |det db_x / deps|

The Keras model owns the networks and composes them into a `tfd.TransformedDistribution`, as `Flow`
does.
"""

import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.keras_models import ArgumentsModel

__all__ = ["Encoder"]

tfd = tfp.distributions


class Encoder(ArgumentsModel):
    """Samples latent vectors given features of an image. Subclasses implement `bijector`.

    Attributes:
      latents: L, the length of a latent vector.
      has_terms: whether each log q(z_i | x, z_1, ..., z_{i-1}) is known, as it is if the bijector
        scales the noise elementwise.
    """

    has_terms = False

    def __init__(self, latents: int, dtype: str, name: str):
        """Creates what all encoders have in common.

        Args:
          latents: L, the length of a latent vector.
          dtype: "float32" or "float64".
          name: name of the model, a prefix of its variables' names.
        """
        super().__init__(name=name, dtype=dtype)
        self.latents = latents
        self.built = True

    def bijector(self, features: tf.Tensor) -> tfp.bijectors.Bijector:
        """Returns a new bijector from noise `[B, L]` to latents `[B, L]` for features `[B, F]`."""
        raise NotImplementedError

    def distribution(self, features: tf.Tensor) -> tfp.distributions.TransformedDistribution:
        """Returns q(z | x) for features `[B, F]`: a batch of B distributions over latents `[L]`."""
        values = tfd.Normal(tf.zeros([tf.shape(features)[0], self.latents], self.dtype), 1.0)
        noise = tfd.Independent(values, reinterpreted_batch_ndims=1)
        return tfd.TransformedDistribution(noise, self.bijector(features))

    def prior(self) -> tfp.distributions.Distribution:
        """Returns p(z) = N(0, I) over latents `[L]`; the noise has the same distribution."""
        values = tfd.Normal(tf.zeros([self.latents], self.dtype), 1.0)
        return tfd.Independent(values, reinterpreted_batch_ndims=1)

    def draw(
        self, features: tf.Tensor, noise: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None]:
        """Computes latents and their log-densities from noise in one pass.

        Args:
          features: `[B, F]`.
          noise: samples of N(0, I), `[B, L]`.

        Returns:
          z `[B, L]`; log q(z | x) `[B]`; log q(z_i | x, z_1, ..., z_{i-1}) `[B, L]`, or None if
            `has_terms` is False.
        """
        bijector = self.bijector(features)
        latents = bijector.forward(noise)
        log_q = self.prior().log_prob(noise) - bijector.forward_log_det_jacobian(
            noise, event_ndims=1
        )
        terms = log_normal(noise) - bijector.log_scale if self.has_terms else None
        return latents, log_q, terms


def log_normal(values: tf.Tensor) -> tf.Tensor:
    """Returns the standard normal log-density of each value, in the shape of `values`."""
    return tfd.Normal(tf.zeros([], values.dtype), 1.0).log_prob(values)
