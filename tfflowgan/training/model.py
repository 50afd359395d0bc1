"""The training model: a generator, an objective, a critic where the objective has an adversary, and the only training loop.

    a step:  K updates of the critic on fresh images, then one of the generator

Under a distribution strategy each replica sees its share of the global batch; losses are means over it, and
`tfflowgan.training.gradients` alone scales.
"""

import keras
import tensorflow as tf

from tfflowgan import units
from tfflowgan.generators import Generator
from tfflowgan.objectives import Objective
from tfflowgan.training import gradients
from tfflowgan.training.critic_trainer import CriticTrainer

__all__ = ["FlowGAN"]


class FlowGAN(keras.Model):
    """Trains a generator by an objective with `fit`; evaluates its NLL with `evaluate`.

    Attributes:
      generator: a `Flow`, or a `Generator` where the objective asks for no likelihood.
      objective: see `tfflowgan.objectives`.
      critic_trainer: the objective's critic in training, or None.
    """

    def __init__(
        self,
        generator: Generator,
        objective: Objective,
        critic_trainer: CriticTrainer | None = None,
        clip_norm: float | None = None,
    ):
        """Makes the model.

        Args:
          generator: what to train.
          objective: what to train it for.
          critic_trainer: the critic, where the objective has an adversary.
          clip_norm: the generator's gradient over all replicas is scaled to at most this global norm; None leaves it.
        """
        super().__init__(name="flow_gan")
        self.generator = generator
        self.objective = objective
        self.critic_trainer = critic_trainer
        self._clip_norm = clip_norm
        self.built = True
        names = ["loss", *objective.reports, "gradient_norm"]
        names += ["critic_loss", "distance", "critic_gradient_norm"] if critic_trainer else []
        self._means = {name: keras.metrics.Mean(name=name) for name in names}
        self._nll = keras.metrics.Mean(name="evaluated_nll")

    def call(self, inputs):
        """What the generator gives."""
        return self.generator(inputs)

    def build_optimizer(self) -> None:
        """Makes the optimizer's variables now, so that a checkpoint finds them."""
        self.optimizer.build(self.generator.trainable_variables)

    @property
    def step(self) -> int:
        """Generator steps taken so far."""
        return int(keras.ops.convert_to_numpy(self.optimizer.iterations))

    @property
    def means(self) -> list[keras.metrics.Metric]:
        """The running means of a period of training, part of a run's state."""
        return list(self._means.values())

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """What Keras resets at the start of a period and of an evaluation."""
        return [*self.means, self._nll]

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Keras 3.15 would average a batch over workers to build the model from it, and fails on nested batches; all is built."""

    def train_step(self, batch):
        """One round on this replica's share; returns the period's means so far.

        Args:
          batch: "images" `[B, H, W, C]`; with an adversary "latents" `[B, D]` and "critic", see `CriticTrainer.update`; with a
            conditional critic "extra" `[B, D]`.
        """
        batch = tf.nest.map_structure(lambda tensor: tf.cast(tensor, self.generator.dtype), batch)
        weights = self.generator.trainable_variables
        reports = self.critic_trainer.update(self.generator, batch["critic"]) if self.critic_trainer else {}
        critic = self.critic_trainer.conditioned(self.generator, batch.get("extra")) if self.critic_trainer else None
        with tf.GradientTape() as tape:
            loss, parts = self.objective.generator_loss(self.generator, critic, batch)
            scaled = loss / gradients.replicas()
        norm = gradients.apply(self.optimizer, tape.gradient(scaled, weights), weights, self._clip_norm)
        for name, value in {**reports, "loss": loss, **parts, "gradient_norm": norm}.items():
            self._means[name].update_state(value)
        return _as_keras_reduces({name: mean.result() for name, mean in self._means.items()})

    def test_step(self, data):
        """Adds a batch (images `[B, H, W, C]`, weights `[B]`) to the mean NLL; padding has weight 0."""
        images, weights = data
        nll = -self.generator.distribution().log_prob(tf.cast(images, self.generator.dtype))
        nll = tf.where(weights > 0, nll, tf.zeros_like(nll))
        # Shares may differ in how much of them is padding, so replicas exchange sums and not means.
        total, count = gradients.sum_over_replicas([tf.reduce_sum(nll), tf.reduce_sum(tf.cast(weights, nll.dtype))])
        self._nll.update_state(total / count, sample_weight=count)
        result = self._nll.result()
        return _as_keras_reduces({"nll": result, "bits_per_dim": units.bits_per_dim(-result, self.generator.dims)})


def _as_keras_reduces(results):
    """Keras 3.15 takes the mean over the first axis under several workers, which scalars do not have."""
    if isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy):
        return {name: tf.reshape(value, [1]) for name, value in results.items()}
    return results
