"""Base class of discriminators between latents of the encoder, q(z | x), and of the prior, p(z).

    T(x, z) = logit P(z comes from q | x, z)
    loss    = -E_q log sigmoid(T) - E_p log(1 - sigmoid(T))

Latents of the encoder have label 1. The optimal T is log q(z | x) - log p(z), so E_q T is the KL
divergence KL(q || p) (Mescheder et al., 2017, Eq. 3.3 and Prop. 1). Danihelka et al. (2017,
appendix A) exchange the labels, so their T estimates -KL.
"""

import tensorflow as tf

from tfflowgan.keras_models import ArgumentsModel

__all__ = ["Discriminator"]


class Discriminator(ArgumentsModel):
    """Maps images and latents to K logits, where K is 1 or L. Subclasses implement `logits`.

    Attributes:
      has_terms: whether there is one logit per latent.
    """

    has_terms = False

    def logits(self, images: tf.Tensor, context: tf.Tensor, values: tf.Tensor) -> tf.Tensor:
        """Returns the logits T, `[B, K]`.

        Args:
          images: x, binary, `[B, D]`.
          context: latents of q, `[B, L]`, from which logit i takes z_1, ..., z_{i-1}.
          values: the latents to classify, of q or of p, `[B, L]`.
        """
        raise NotImplementedError

    def estimate(self, images: tf.Tensor, latents: tf.Tensor) -> tf.Tensor:
        """Estimates log q(z | x) - log p(z) for latents of q `[B, L]`, as K terms `[B, K]`."""
        return self.logits(images, latents, latents)

    def logistic_loss(self, images: tf.Tensor, encoded: tf.Tensor, prior: tf.Tensor) -> tf.Tensor:
        """Returns the logistic loss of each image, summed over the K logits, `[B]`.

        Args:
          images: `[B, D]`.
          encoded: latents of q for the images, `[B, L]`.
          prior: latents of p, `[B, L]`.
        """
        of_q, of_p = self.logits(images, encoded, encoded), self.logits(images, encoded, prior)
        return tf.reduce_sum(tf.math.softplus(-of_q) + tf.math.softplus(of_p), axis=-1)
