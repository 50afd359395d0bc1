"""A discriminator between latents of an encoder and of the prior, whose logit estimates their KL divergence.

    T(x, z) = logit P(z is of q | x, z),     trained by   -E_q log sigmoid(T) - E_p log(1 - sigmoid(T))

Latents of the encoder have label 1. The best T is log q(z | x) - log p(z), so that E_q T is the KL divergence of q from p
(Mescheder et al., 2017, Eq. 3.3 and Prop. 1). Danihelka et al. (2017, appendix A) label the other way round and have -KL.
"""

import keras
import tensorflow as tf

__all__ = ["Discriminator"]


class Discriminator(keras.Model):
    """Logits, one or one a latent. Subclasses give `logits`.

    Attributes:
      has_terms: whether there is one logit a latent.
    """

    has_terms = False

    def logits(self, images: tf.Tensor, context: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
        """T, `[B, K]`.

        Args:
          images: x, binary, `[B, D]`.
          context: latents of q, `[B, L]`; those before a term's own.
          values: latents of q or of p, `[B, L]`; what is judged.
        """
        raise NotImplementedError

    def estimate(self, images: tf.Tensor, latents: tf.Tensor) -> tf.Tensor:
        """The terms of the estimate of log q(z | x) - log p(z) for latents of q, `[B, K]`."""
        return self.logits(images, latents, latents)

    def logistic_loss(self, images: tf.Tensor, encoded: tf.Tensor, prior: tf.Tensor) -> tf.Tensor:
        """The logistic loss of each image, summed over terms, `[B]`.

        Args:
          images: `[B, D]`.
          encoded: latents of q given the images, `[B, L]`.
          prior: latents of p, `[B, L]`.
        """
        of_q, of_p = self.logits(images, encoded, encoded), self.logits(images, encoded, prior)
        return tf.reduce_sum(tf.math.softplus(-of_q) + tf.math.softplus(of_p), axis=-1)
