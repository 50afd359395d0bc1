"""The training model: a generator, an objective and, if the objective has an adversary, a critic.

    one step:  K updates of the critic on fresh images, then one update of the generator

Under a distribution strategy each replica sees its share of the global batch, and losses are means
over that share. Only `tfflowgan.training.gradients` combines replicas.
"""

from typing import Any

import keras
import tensorflow as tf

from tfflowgan import units
from tfflowgan.generators import Generator
from tfflowgan.keras_models import Model, serializable
from tfflowgan.objectives import Objective
from tfflowgan.training import gradients
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.loss_scale import LossScale
from tfflowgan.training.optimizer import FollowedRate

__all__ = ["FlowGAN"]


@serializable
class FlowGAN(Model):
    """Trains a generator with `fit` and measures its NLL with `evaluate`.

    Attributes:
      generator: a `Flow`, or any `Generator` if the objective has no likelihood term.
      objective: see `tfflowgan.objectives`.
      critic_trainer: trains the critic of the objective; None without an adversary.
      loss_scale: scales the generator's loss; None for networks that need no scaling.
    """

    def __init__(
        self,
        generator: Generator,
        objective: Objective,
        critic_trainer: CriticTrainer | None = None,
        clip_norm: float | None = None,
        loss_scale: LossScale | None = None,
    ) -> None:
        """Creates the model with its running means. It still has to be compiled.

        Args:
          generator: the generator to train.
          objective: the loss to minimize.
          critic_trainer: required if the objective has an adversary.
          clip_norm: upper bound on the global norm of the generator's gradient, summed over
            replicas; None for no clipping.
          loss_scale: for networks in float16.
        """
        super().__init__(name="flow_gan")
        self.generator = generator
        self.objective = objective
        self.critic_trainer = critic_trainer
        # Keras keeps the models and optimizers that it finds among a model's attributes
        self.critic = critic_trainer.critic if critic_trainer else None
        self.critic_optimizer = critic_trainer.optimizer if critic_trainer else None
        self._clip_norm, self.loss_scale = clip_norm, loss_scale
        self._differentiate = self._gradients
        self.built = True
        names = ["loss", *objective.reports, "gradient_norm"]
        names += ["critic_loss", "distance", "critic_gradient_norm"] if critic_trainer else []
        self._means = {name: keras.metrics.Mean(name=name) for name in names}
        self._nll = keras.metrics.Mean(name="evaluated_nll")

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Calls the generator."""
        return self.generator(inputs)

    def get_config(self) -> dict[str, Any]:
        """What `from_config` builds the same model from, with new weights."""
        parts = {"generator": self.generator, "objective": self.objective}
        parts |= {"critic": self.critic, "critic_optimizer": self.critic_optimizer}
        config = {
            name: part and keras.saving.serialize_keras_object(part) for name, part in parts.items()
        }
        return config | {"clip_norm": self._clip_norm, "scales_loss": self.loss_scale is not None}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict | None = None) -> "FlowGAN":
        """Builds the model that `get_config` describes; it still has to be compiled."""
        parts = {
            name: config[name]
            and keras.saving.deserialize_keras_object(config[name], custom_objects)
            for name in ("generator", "objective", "critic", "critic_optimizer")
        }
        trainer, objective = None, parts["objective"]
        if parts["critic"] is not None:
            trainer = CriticTrainer(parts["critic"], objective.adversary, parts["critic_optimizer"])
        scale = LossScale() if config.get("scales_loss") else None
        return cls(parts["generator"], objective, trainer, config["clip_norm"], scale)

    def compile_from_config(self, config: dict[str, Any]) -> None:
        """Compiles with the optimizer that a file names, and creates its variables."""
        self.compile(**keras.saving.deserialize_keras_object(config))
        self.build_optimizer()

    def kept_variables(self) -> list[tf.Variable]:
        """Weights, the states of both optimizers and the scale of the loss."""
        optimizers = [self.optimizer, self.critic_optimizer]
        states = [v.value for o in optimizers if o is not None for v in o.variables]
        scale = [] if self.loss_scale is None else [*self.loss_scale.variables]
        return [*super().kept_variables(), *states, *scale]

    def build_optimizer(self) -> None:
        """Creates the optimizer's variables, so that a checkpoint can restore them.

        A critic's learning rate then follows the optimizer's steps.
        """
        self.optimizer.build(self.generator.trainable_variables)
        rate: Any = getattr(self.critic_optimizer, "_learning_rate", None)
        if isinstance(rate, FollowedRate):
            rate.leader = self.optimizer

    @property
    def step(self) -> int:
        """Generator steps taken so far."""
        return int(keras.ops.convert_to_numpy(self.optimizer.iterations))

    @property
    def means(self) -> list[keras.metrics.Metric]:
        """The running means of the current period. They are part of a run's state."""
        return list(self._means.values())

    @property
    def metrics(self) -> list[keras.metrics.Metric]:
        """The metrics that Keras resets at the start of each period and each evaluation."""
        return [*self.means, self._nll]

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        """Does nothing, since everything is built.

        Keras 3.15 would average a batch over workers to build the model, which fails on nested
        batches.
        """

    def train_step(self, batch: dict) -> dict[str, tf.Tensor]:
        """Updates the critic, if there is one, then the generator, on this replica's share.

        Args:
          batch: "images" `[B, H, W, C]`; with an adversary also "latents" `[B, D]` and "critic"
            (see `CriticTrainer.update`); with a conditional critic also "extra" `[B, D]`.

        Returns:
          The running means of the current period.
        """
        batch = tf.nest.map_structure(lambda tensor: tf.cast(tensor, self.generator.dtype), batch)
        reports, own = {}, dict(batch)
        if self.critic_trainer:
            reports = self.critic_trainer.update(self.generator, own.pop("critic"))
        loss, parts, found = self._differentiate(own)
        weights = self.generator.trainable_variables
        norm = gradients.apply(self.optimizer, found, weights, self._clip_norm, self.loss_scale)
        for name, value in {**reports, "loss": loss, **parts, "gradient_norm": norm}.items():
            self._means[name].update_state(value)
        return _as_keras_reduces({name: mean.result() for name, mean in self._means.items()})

    def compile_gradients(self) -> bool:
        """Lets XLA compile what each replica computes; sums over replicas stay outside.

        Returns:
          Whether that can be: not with a conditional critic or running statistics, which are
          averaged over replicas in between.
        """
        trainer = self.critic_trainer
        networks = [self.generator, *([trainer.critic] if trainer else [])]
        if any(n.non_trainable_weights for n in networks) or (trainer and trainer.conditional):
            return False
        self._differentiate = gradients.compiled(self._gradients)
        if trainer:
            trainer.compile_gradients()
        return True

    def _gradients(self, batch):
        """Loss, its parts and the gradients of this replica's share of the loss."""
        critic = None
        if self.critic_trainer:
            critic = self.critic_trainer.conditioned(self.generator, batch.get("extra"))
        with tf.GradientTape() as tape:
            loss, parts = self.objective.generator_loss(self.generator, critic, batch)
            scaled = gradients.scaled(loss, self.loss_scale)
        return loss, parts, tape.gradient(scaled, self.generator.trainable_variables)

    def test_step(self, data: tuple[tf.Tensor, tf.Tensor]) -> dict[str, tf.Tensor]:
        """Adds a batch to the mean NLL.

        Args:
          data: images `[B, H, W, C]` and weights `[B]`, which are 1, or 0 for padding.

        Returns:
          The mean so far, as "nll" in nats per image and as "bits_per_dim".
        """
        images, weights = data
        nll = -self.generator.distribution().log_prob(tf.cast(images, self.generator.dtype))
        nll = tf.where(weights > 0, nll, tf.zeros_like(nll))
        # The amount of padding may differ between replicas, so they exchange sums, not means.
        total, count = gradients.sum_over_replicas(
            [tf.reduce_sum(nll), tf.reduce_sum(tf.cast(weights, nll.dtype))]
        )
        self._nll.update_state(total / count, sample_weight=count)
        result = self._nll.result()
        bits = units.bits_per_dim(-result, self.generator.dims)
        return _as_keras_reduces({"nll": result, "bits_per_dim": bits})


def _as_keras_reduces(results):
    """Adds an axis with several workers: Keras 3.15 averages over the first axis of each value."""
    if isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy):
        return {name: tf.reshape(value, [1]) for name, value in results.items()}
    return results
