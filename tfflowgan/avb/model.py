"""A variational auto-encoder, trained by the exact ELBO or by a discriminator's estimate of its KL divergence.

    ELBO = E_q [log p(x | z)] - E_q [log q(z | x) - log p(z)],     z ~ q(z | x),  p(z) = N(0, I)

    none                the second part exactly, from the encoder's density
    a discriminator     E_q [T(x, z)] in its place, T held fixed (Mescheder et al., 2017, Eq. 3.7): adversarial variational Bayes

Images are binary; p(x | z) is Bernoulli for each value. Discriminators that only watch are trained alongside and change nothing.
While it settles, the discriminators alone go on learning: what they then still miss is not for lack of time.
"""

import keras
import tensorflow as tf

from tfflowgan.avb.discriminators import Discriminator
from tfflowgan.avb.encoders import Encoder
from tfflowgan.training import gradients

__all__ = ["AVB"]


class AVB(keras.Model):
    """Features of images, an encoder, a decoder, and discriminators with their optimizers; trains with `fit`.

    Attributes:
      encoder: q(z | x), given features.
      discriminators: by name.
      settles: whether encoder and decoder stay as they are; to be set before `fit`.
    """

    settles = False

    def __init__(
        self,
        features: keras.Model,
        encoder: Encoder,
        decoder: keras.Model,
        discriminators: dict[str, Discriminator],
        adversary: str | None,
        make_optimizer,
    ):
        """Puts the parts together and makes all optimizers' variables.

        Args:
          features: from binary images `[B, D]` to features `[B, F]`.
          encoder: from features to latents.
          decoder: from latents `[B, L]` to logits of the values `[B, D]`.
          discriminators: by name; all are trained.
          adversary: the name of the one that trains the encoder, or None for the exact ELBO.
          make_optimizer: makes an optimizer of ours (see `tfflowgan.training.optimizer`).
        """
        super().__init__(name="avb")
        self.features, self.encoder, self.decoder = features, encoder, decoder
        self.discriminators, self._adversary = discriminators, adversary
        self.built = True
        self._own = [*features.trainable_variables, *encoder.trainable_variables, *decoder.trainable_variables]
        self.compile(optimizer=make_optimizer(), jit_compile=False)
        self.optimizer.build(self._own)
        self.critics_optimizers = {name: make_optimizer() for name in discriminators}
        for name, optimizer in self.critics_optimizers.items():
            optimizer.build(discriminators[name].trainable_variables)
        self._loss = keras.metrics.Mean(name="loss")
        self._counter = _Counter()

    @property
    def step(self) -> int:
        """Steps taken so far, those of settling with them."""
        return int(self._counter.steps.numpy())

    @property
    def parts(self) -> dict:
        """All that a checkpoint must keep, by name."""
        parts = {"features": self.features, "encoder": self.encoder, "decoder": self.decoder, "optimizer": self.optimizer}
        parts["counter"] = self._counter
        for name, discriminator in self.discriminators.items():
            parts |= {f"{name}_discriminator": discriminator, f"{name}_optimizer": self.critics_optimizers[name]}
        return parts

    @property
    def metrics(self):
        """What Keras resets at the start of a period."""
        return [self._loss]

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """All is built."""

    def call(self, images):
        """Logits of the values `[B, D]` of binary images `[B, D]`, each from the middle of its noise."""
        features = self.features(images)
        noise = tf.zeros([tf.shape(images)[0], self.encoder.latents], features.dtype)
        return self.decoder(self.encoder.draw(features, noise)[0])

    def train_step(self, batch):
        """Updates the discriminators, then encoder and decoder, on this replica's share.

        "loss" is that of the latter; while it settles, the discriminators'.

        Args:
          batch: "images" binary `[B, D]`, "noise" `[B, L]`, and of the discriminators' K updates "encoder_noise" and "prior"
            `[B, K, L]`.
        """
        batch = tf.nest.map_structure(lambda tensor: tf.cast(tensor, self.encoder.dtype), batch)
        images = batch["images"]
        for i in range(batch["prior"].shape[1] if self.discriminators else 0):
            encoded = tf.stop_gradient(self.encoder.draw(self.features(images), batch["encoder_noise"][:, i])[0])
            loss = tf.add_n([self._update(name, images, encoded, batch["prior"][:, i]) for name in self.discriminators])
        self._counter.steps.assign_add(1)
        if self.settles:
            self._loss.update_state(loss)
            return {"loss": self._loss.result()}
        with tf.GradientTape() as tape:
            parts = self.parts_of_elbo(images, batch["noise"])
            kl = tf.reduce_sum(self.estimate(self._adversary, images, parts["latents"]), -1) if self._adversary else parts["kl"]
            loss = tf.reduce_mean(kl - parts["reconstruction"])
            scaled = loss / gradients.replicas()
        gradients.apply(self.optimizer, tape.gradient(scaled, self._own), self._own)
        self._loss.update_state(loss)
        return {"loss": self._loss.result()}

    def parts_of_elbo(self, images: tf.Tensor, noise: tf.Tensor) -> dict[str, tf.Tensor | None]:
        """What the ELBO is made of, from one draw an image.

        Args:
          images: binary, `[B, D]`.
          noise: draws of N(0, I), `[B, L]`.

        Returns:
          "latents" `[B, L]`; "reconstruction" log p(x | z) and "kl" log q(z | x) - log p(z), `[B]`; "kl_terms" `[B, L]`, or None
          where the encoder does not know them.
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
        """A discriminator's terms of log q(z | x) - log p(z), `[B, K]`."""
        return self.discriminators[name].estimate(images, latents)

    def _update(self, name, images, encoded, prior):
        discriminator = self.discriminators[name]
        weights = discriminator.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(discriminator.logistic_loss(images, encoded, prior))
            scaled = loss / gradients.replicas()
        gradients.apply(self.critics_optimizers[name], tape.gradient(scaled, weights), weights)
        return loss


class _Counter(tf.Module):
    """Steps taken, on any number of devices."""

    def __init__(self):
        super().__init__(name="counter")
        once = tf.VariableAggregation.ONLY_FIRST_REPLICA
        self.steps = tf.Variable(0, trainable=False, dtype=tf.int64, aggregation=once)
