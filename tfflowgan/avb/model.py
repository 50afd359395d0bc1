"""A variational auto-encoder, trained with the exact or an adversarially estimated KL divergence.

    ELBO = E_q [log p(x | z)] - E_q [log q(z | x) - log p(z)],     z ~ q(z | x),  p(z) = N(0, I)

Without an adversary, the second term is computed exactly from the encoder's density. With one, it
is replaced by E_q [T(x, z)], where T is the logit of a discriminator, held fixed (adversarial
variational Bayes; Mescheder et al., 2017, Eq. 3.7).

Images are binary, and p(x | z) is a Bernoulli distribution for each value. Discriminators other
than the adversary are trained alongside without affecting the encoder or the decoder. In a final
phase (`settles`) only the discriminators are trained; an error that remains in their estimates is
then not due to too few updates.
"""

from collections.abc import Callable
from typing import Any, TypedDict

import keras
import tensorflow as tf

from tfflowgan.avb.discriminators import Discriminator
from tfflowgan.avb.encoders import Encoder
from tfflowgan.keras_models import Model
from tfflowgan.training import gradients

__all__ = ["AVB", "ElboParts"]


class ElboParts(TypedDict):
    """The terms of the ELBO for images `[B, D]` and one latent sample each.

    Attributes:
      latents: z, `[B, L]`.
      reconstruction: log p(x | z), `[B]`.
      kl: log q(z | x) - log p(z), `[B]`.
      kl_terms: the terms of `kl` by latent, `[B, L]`; None if the encoder does not know them.
    """

    latents: tf.Tensor
    reconstruction: tf.Tensor
    kl: tf.Tensor
    kl_terms: tf.Tensor | None


class AVB(Model):
    """A variational auto-encoder and its discriminators, with their optimizers; trained by `fit`.

    Attributes:
      encoder: q(z | x) as a function of features.
      discriminators: discriminators by name.
      settles: whether only the discriminators are trained; set it before calling `fit`.
    """

    settles = False

    def __init__(
        self,
        features: keras.Model,
        encoder: Encoder,
        decoder: keras.Model,
        discriminators: dict[str, Discriminator],
        adversary: str | None,
        make_optimizer: Callable[[], keras.optimizers.Optimizer],
    ):
        """Composes the model and creates the variables of all optimizers.

        Args:
          features: maps binary images `[B, D]` to features `[B, F]`.
          encoder: maps features to latents.
          decoder: maps latents `[B, L]` to logits of the values `[B, D]`.
          discriminators: discriminators by name; all are trained.
          adversary: name of the discriminator that trains the encoder; None for the exact ELBO.
          make_optimizer: returns a new optimizer (see `tfflowgan.training.optimizer`).
        """
        super().__init__(name="avb")
        self.features, self.encoder, self.decoder = features, encoder, decoder
        self.discriminators, self._adversary = discriminators, adversary
        self.built = True
        networks = (features, encoder, decoder)
        self._own = [variable for network in networks for variable in network.trainable_variables]
        self.compile(optimizer=make_optimizer(), jit_compile=False)
        self.optimizer.build(self._own)
        self.critics_optimizers = {name: make_optimizer() for name in discriminators}
        for name, optimizer in self.critics_optimizers.items():
            optimizer.build(discriminators[name].trainable_variables)
        self._loss = keras.metrics.Mean(name="loss")
        self._counter = _Counter()

    @property
    def step(self) -> int:
        """Number of training steps so far, including those that train only the discriminators."""
        return int(self._counter.steps.numpy())

    @property
    def parts(self) -> dict[str, Any]:
        """The objects that a checkpoint must contain, by name."""
        parts = {
            "features": self.features,
            "encoder": self.encoder,
            "decoder": self.decoder,
            "optimizer": self.optimizer,
            "counter": self._counter,
        }
        for name, discriminator in self.discriminators.items():
            parts[f"{name}_discriminator"] = discriminator
            parts[f"{name}_optimizer"] = self.critics_optimizers[name]
        return parts

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The metrics that Keras resets at the start of an epoch."""
        return [self._loss]

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Does nothing: the model is already built."""

    def call(self, images: tf.Tensor) -> tf.Tensor:
        """Reconstructs binary images `[B, D]` with zero noise; returns logits `[B, D]`."""
        features = self.features(images)
        noise = tf.zeros([tf.shape(images)[0], self.encoder.latents], features.dtype)
        return self.decoder(self.encoder.draw(features, noise)[0])

    def train_step(self, batch: dict[str, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Updates the discriminators, then encoder and decoder, on one replica's part of the batch.

        Args:
          batch: "images", binary, `[B, D]`; "noise", samples of N(0, I), `[B, L]`; and
            "encoder_noise" and "prior", samples of N(0, I) for the discriminators' K updates,
            `[B, K, L]`.

        Returns:
          "loss", the loss of encoder and decoder, or that of the discriminators if only these are
            trained.
        """
        batch = tf.nest.map_structure(lambda tensor: tf.cast(tensor, self.encoder.dtype), batch)
        images = batch["images"]
        for i in range(batch["prior"].shape[1] if self.discriminators else 0):
            noise, prior = batch["encoder_noise"][:, i], batch["prior"][:, i]
            encoded = tf.stop_gradient(self.encoder.draw(self.features(images), noise)[0])
            losses = [self._update(name, images, encoded, prior) for name in self.discriminators]
            loss = tf.add_n(losses)
        self._counter.steps.assign_add(1)
        if self.settles:
            self._loss.update_state(loss)
            return {"loss": self._loss.result()}
        with tf.GradientTape() as tape:
            parts = self.parts_of_elbo(images, batch["noise"])
            kl = parts["kl"]
            if self._adversary:
                kl = tf.reduce_sum(self.estimate(self._adversary, images, parts["latents"]), -1)
            loss = tf.reduce_mean(kl - parts["reconstruction"])
            scaled = gradients.scaled(loss)
        gradients.apply(self.optimizer, tape.gradient(scaled, self._own), self._own)
        self._loss.update_state(loss)
        return {"loss": self._loss.result()}

    def parts_of_elbo(self, images: tf.Tensor, noise: tf.Tensor) -> ElboParts:
        """Computes the terms of the ELBO from one latent sample per image.

        Args:
          images: binary, `[B, D]`.
          noise: samples of N(0, I), `[B, L]`.
        """
        latents, log_q, terms = self.encoder.draw(self.features(images), noise)
        logits = self.decoder(latents)
        cross_entropy = tf.nn.sigmoid_cross_entropy_with_logits(labels=images, logits=logits)
        prior = self.encoder.prior()
        return {
            "latents": latents,
            "reconstruction": -tf.reduce_sum(cross_entropy, axis=-1),
            "kl": log_q - prior.log_prob(latents),
            "kl_terms": None if terms is None else terms - prior.distribution.log_prob(latents),
        }

    def estimate(self, name: str, images: tf.Tensor, latents: tf.Tensor) -> tf.Tensor:
        """Returns a discriminator's estimate of log q(z | x) - log p(z), as K terms `[B, K]`."""
        return self.discriminators[name].estimate(images, latents)

    def _update(self, name, images, encoded, prior):
        discriminator = self.discriminators[name]
        weights = discriminator.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(discriminator.logistic_loss(images, encoded, prior))
            scaled = gradients.scaled(loss)
        gradients.apply(self.critics_optimizers[name], tape.gradient(scaled, weights), weights)
        return loss


class _Counter(tf.Module):
    """Counts training steps, on any number of devices."""

    def __init__(self):
        super().__init__(name="counter")
        once = tf.VariableAggregation.ONLY_FIRST_REPLICA
        self.steps = tf.Variable(0, trainable=False, dtype=tf.int64, aggregation=once)
