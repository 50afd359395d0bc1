"""A critic that is told about the generator's distribution by extra images of it (Danihelka et al., 2017, Algorithm 1)."""

import functools
from collections.abc import Callable

import keras
import tensorflow as tf

__all__ = ["ConditionalCritic", "condition_on"]


class ConditionalCritic(keras.Model):
    """f(x, xe); called without xe, its embedding is zero.

    Attributes:
      clipped_weights: those that weight clipping is for; the embedding's are free.
    """

    def __init__(self, features: keras.Model, embedding: keras.Model, scores: keras.Model, dtype: str, name: str):
        """Puts the parts together.

        Args:
          features: from extra images `[E, H, W, C]` to features `[E, h, w, c]`.
          embedding: from their mean `[1, h, w, c]` to the embedding `[1, h, w, c']`.
          scores: from images `[B, H, W, C]` and the embedding to scores `[B]`.
          dtype: of its weights; Keras casts images to it.
          name: of the model.
        """
        super().__init__(name=name, dtype=dtype)
        self.features, self.embedding, self.scores = features, embedding, scores
        self.built = True

    @property
    def clipped_weights(self) -> list:
        """The weights of the scores, all of them."""
        return self.scores.trainable_variables

    def call(self, images, embedding=None, training=True):
        """Scores `[B]` of images `[B, H, W, C]`."""
        if embedding is None:
            embedding = tf.zeros(self.embedding.output_shape, self.compute_dtype)
        return self.scores([images, embedding], training=training)

    def embed(self, extra) -> tf.Tensor:
        """The embedding of extra images `[E, H, W, C]`; under several replicas, of those of all."""
        return self.embedding(self._mean(extra), training=True)

    def parts(self, images, extra) -> list[tuple[keras.Model, tf.Tensor | list]]:
        """The networks that make a score, each with what it is called on."""
        return [(self.features, extra), (self.embedding, self._mean(extra)), (self.scores, [images, self.embed(extra)])]

    def _mean(self, extra):
        mean = tf.reduce_mean(self.features(extra, training=True), axis=0, keepdims=True)
        context = tf.distribute.get_replica_context()
        if context and context.num_replicas_in_sync > 1:
            mean = context.all_reduce(tf.distribute.ReduceOp.MEAN, mean)
        return mean


def condition_on(critic: keras.Model, extra: tf.Tensor | None) -> Callable:
    """A critic that knows extra images of the generator, as a function of images alone.

    Args:
      critic: of any kind.
      extra: `[E, H, W, C]` for a `ConditionalCritic`, which they teach nothing through themselves; else None.
    """
    return critic if extra is None else functools.partial(critic, embedding=critic.embed(tf.stop_gradient(extra)))
