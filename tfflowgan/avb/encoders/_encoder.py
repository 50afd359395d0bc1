"""An encoder: a distribution q(z | x) over latent vectors, given features of an image, with its exact density.

    z = b_x(eps),  eps ~ N(0, I),       log q(z | x) = log N(eps; 0, I) - log |det db_x / deps|

A Keras model owns the networks and assembles them into a `tfd.TransformedDistribution`, as `Flow` does.
"""

import keras
import tensorflow as tf
import tensorflow_probability as tfp

__all__ = ["Encoder"]

tfb, tfd = tfp.bijectors, tfp.distributions


class Encoder(keras.Model):
    """Draws latent vectors. Subclasses give `bijector`.

    Attributes:
      latents: L, values in a latent vector.
      has_terms: whether log q(z_i | x, z_1, ..., z_{i-1}) are known one by one: where the bijector scales noise value by value.
    """

    has_terms = False

    def __init__(self, latents: int, dtype: str, name: str):
        """Takes the number of latents, "float32" or "float64", and a prefix of the variables' names."""
        super().__init__(name=name, dtype=dtype)
        self.latents = latents
        self.built = True

    def bijector(self, features: tf.Tensor) -> tfb.Bijector:
        """A new bijector from noise `[B, L]` to latents `[B, L]`, given features `[B, F]`."""
        raise NotImplementedError

    def distribution(self, features: tf.Tensor) -> tfd.TransformedDistribution:
        """Q(z | x) for features `[B, F]`: a batch of B distributions over latents `[L]`."""
        noise = tfd.Normal(tf.zeros([tf.shape(features)[0], self.latents], self.dtype), 1.0)
        return tfd.TransformedDistribution(tfd.Independent(noise, reinterpreted_batch_ndims=1), self.bijector(features))

    def prior(self) -> tfd.Distribution:
        """P(z) = N(0, I) over latents `[L]`, which is the noise's distribution too."""
        return tfd.Independent(tfd.Normal(tf.zeros([self.latents], self.dtype), 1.0), reinterpreted_batch_ndims=1)

    def draw(self, features: tf.Tensor, noise: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor | None]:
        """Latents from noise, in one pass.

        Args:
          features: `[B, F]`.
          noise: draws of N(0, I), `[B, L]`.

        Returns:
          z `[B, L]`; log q(z | x) `[B]`; log q(z_i | x, z_1, ..., z_{i-1}) `[B, L]`, or None where these are not known.
        """
        bijector = self.bijector(features)
        latents = bijector.forward(noise)
        log_q = self.prior().log_prob(noise) - bijector.forward_log_det_jacobian(noise, event_ndims=1)
        terms = log_normal(noise) - bijector.log_scale if self.has_terms else None
        return latents, log_q, terms


def log_normal(values: tf.Tensor) -> tf.Tensor:
    """The standard normal log-density of each value."""
    return tfd.Normal(tf.zeros([], values.dtype), 1.0).log_prob(values)
