"""A critic conditioned on extra samples of the generator (Danihelka et al., 2017, Algorithm 1)."""

import functools
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfflowgan.keras_models import Model, serializable

__all__ = ["ConditionalCritic", "condition_on"]


@serializable
class ConditionalCritic(Model):
    """The critic f(x, xe) of images x and extra samples xe; without xe the embedding is zero."""

    def __init__(
        self,
        features: keras.Model,
        embedding: keras.Model,
        scores: keras.Model,
        dtype: str,
        name: str,
    ):
        """Composes the critic of three networks.

        Args:
          features: maps extra samples `[E, H, W, C]` to features `[E, h, w, c]`.
          embedding: maps the mean of these features, `[1, h, w, c]`, to the embedding
            `[1, h, w, c']`.
          scores: maps images `[B, H, W, C]` and the embedding to scores `[B]`.
          dtype: dtype of the weights; Keras casts images to it.
          name: name of the model.
        """
        super().__init__(name=name, dtype=dtype)
        self.features, self.embedding, self.scores = features, embedding, scores
        self.built = True

    def get_config(self) -> dict[str, Any]:
        """The three networks, the dtype and the name."""
        networks = {"features": self.features, "embedding": self.embedding, "scores": self.scores}
        config = {
            name: keras.saving.serialize_keras_object(part) for name, part in networks.items()
        }
        return config | {"dtype": self.dtype, "name": self.name}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict | None = None
    ) -> "ConditionalCritic":
        """Builds the same critic with new weights."""
        networks = {
            name: keras.saving.deserialize_keras_object(config[name], custom_objects)
            for name in ("features", "embedding", "scores")
        }
        return cls(**(config | networks))

    @property
    def clipped_weights(self) -> list[keras.Variable]:
        """The weights to which weight clipping applies: those of `scores` alone."""
        return self.scores.trainable_variables

    def call(
        self, images: tf.Tensor, embedding: tf.Tensor | None = None, training: bool = True
    ) -> tf.Tensor:
        """Maps images `[B, H, W, C]` to scores `[B]`."""
        if embedding is None:
            embedding = tf.zeros(self.embedding.output_shape, self.compute_dtype)
        return self.scores([images, embedding], training=training)

    def embed(self, extra: tf.Tensor) -> tf.Tensor:
        """Returns the embedding of extra samples `[E, H, W, C]`, averaged over all replicas."""
        return self.embedding(self._mean(extra), training=True)

    def parts(
        self, images: tf.Tensor, extra: tf.Tensor
    ) -> list[tuple[keras.Model, tf.Tensor | list[tf.Tensor]]]:
        """Returns the three networks, each with its inputs for these images and extra samples."""
        return [
            (self.features, extra),
            (self.embedding, self._mean(extra)),
            (self.scores, [images, self.embed(extra)]),
        ]

    def _mean(self, extra):
        features = tf.cast(self.features(extra, training=True), self.compute_dtype)
        mean = tf.reduce_mean(features, axis=0, keepdims=True)
        context = tf.distribute.get_replica_context()
        if context and context.num_replicas_in_sync > 1:
            mean = context.all_reduce(tf.distribute.ReduceOp.MEAN, mean)
        return mean


def condition_on(critic: keras.Model, extra: tf.Tensor | None) -> Callable[..., tf.Tensor]:
    """Returns the critic as a function of images alone, with fixed extra samples.

    Args:
      critic: any critic.
      extra: extra samples of the generator `[E, H, W, C]` for a `ConditionalCritic`, through which
        no gradient flows to the generator; None for other critics.
    """
    if extra is None:
        return critic
    return functools.partial(critic, embedding=critic.embed(tf.stop_gradient(extra)))
