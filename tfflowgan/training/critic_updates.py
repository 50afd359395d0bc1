"""Critic updates outside the training step: bursts, and the independent critic.

The independent critic (Danihelka et al., 2017, section 3.5, Eq. 6-8) always has the architecture
(DCGAN), weight clipping and optimizer (RMSprop) of the paper, whatever the run trains with. It
learns to tell validation images from generated ones, and the generator never sees its gradients.
Its distances on training, validation and test images are comparable between runs. A smaller
distance on training images than on test images indicates overfitting.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tfflowgan import critics, datasets
from tfflowgan.datasets import INDEPENDENT, READING, Splits, prior_draws
from tfflowgan.generators import Generator
from tfflowgan.objectives.wgan import ClippedWasserstein
from tfflowgan.training.critic_trainer import CriticTrainer, Opponent
from tfflowgan.training.optimizer import RMSprop
from tfflowgan.training.schedule import CriticSchedule

__all__ = ["CriticUpdates", "IndependentCritic", "build_independent_critic"]

_BATCHES = 16  # per split and measurement; their mean is reported


class CriticUpdates(keras.callbacks.Callback):
    """Updates a critic before or after each generator step, one batch at a time."""

    def __init__(
        self,
        trainer: CriticTrainer,
        generator: Generator,
        draw: Callable,
        count: Callable,
        after: bool,
        first: int = 0,
        end_step: int | None = None,
        check: Callable[[dict, int, dict], None] = lambda logs, step, batch: None,
    ) -> None:
        """Creates the callback under the current strategy.

        Args:
          trainer: the critic.
          generator: its opponent.
          draw: made by `tfflowgan.datasets.critic_draws`.
          count: maps a generator step to the number of its updates.
          after: whether the updates follow the generator step; otherwise they precede it.
          first: index of the first update of a step. Earlier indices belong to the training step.
          end_step: from this step on there are no updates; None if they never end.
          check: called with the logs, the generator step and the batch of an update whose loss or
            gradient is not finite; expected to raise.
        """
        super().__init__()
        self._trainer, self._draw, self._count, self._check = trainer, draw, count, check
        self._after, self._first, self._end_step = after, first, end_step
        strategy = tf.distribute.get_strategy()

        def update(batch):
            return trainer.update(generator, _cast(batch, generator.dtype))

        self._strategy = strategy
        self._update = tf.function(
            lambda batch: strategy.run(update, args=(batch,)),
            reduce_retracing=True,
            autograph=False,
        )

    def on_train_begin(self, logs: dict | None = None) -> None:
        updates = datasets.critic_updates(
            self._draw, self.model.step, self._count, self._first, self._end_step
        )
        self._batches = iter(self._strategy.experimental_distribute_dataset(updates))

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        if not self._after:
            self._run(self.model.step)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if self._after:
            self._run(self.model.step - 1)

    def _run(self, step):
        losses = []
        for _ in range(int(self._count(step))):
            loss = self._update(next(self._batches))["critic_loss"]
            losses.append(self._strategy.experimental_local_results(loss)[0])
        finite = np.isfinite(losses)
        if not finite.all():
            i = int(np.argmin(finite))
            self.check(step, self._first + i, losses[i])

    def check(self, step: int, update: int, loss: float) -> None:
        """Checks an update whose loss or gradient is not finite.

        Args:
          step: of the generator.
          update: its number in the step.
          loss: of the critic.
        """
        self._check({"critic_loss": loss}, step, self._draw(step, update, 1))


def build_independent_critic(generator: Opponent) -> CriticTrainer:
    """Builds the independent critic of the paper: DCGAN, weights clipped to 0.01, RMSprop 5e-5."""
    critic = critics.build("dcgan", generator.image_shape, dtype=generator.dtype)
    optimizer = RMSprop(5e-5, rho=0.99, epsilon=1e-8)
    return CriticTrainer(critic, ClippedWasserstein(0.01), optimizer)


class IndependentCritic:
    """The independent critic of a run, with its updates and its measurements.

    Attributes:
      updates: a callback that updates the critic on validation images after each generator step.
    """

    def __init__(
        self,
        trainer: CriticTrainer,
        generator: Generator,
        splits: Splits,
        batch_size: int,
        seed: int,
        schedule: CriticSchedule,
    ) -> None:
        """Prepares updates and measurements under the current strategy.

        Args:
          trainer: the critic.
          generator: its opponent.
          splits: the images.
          batch_size: images of each kind per update and per measured batch.
          seed: of all images and latents drawn.
          schedule: how many updates follow each generator step.
        """
        draws = prior_draws(generator)
        self._generator, self._trainer = generator, trainer
        self._strategy = tf.distribute.get_strategy()
        self.updates = CriticUpdates(
            trainer,
            generator,
            datasets.critic_draws(splits.validation, draws, batch_size, seed, False, INDEPENDENT),
            lambda step: schedule.steps + schedule.burst_updates(step),
            after=True,
        )
        self._measured = {
            name: datasets.critic_draws(
                getattr(splits, name), draws, batch_size, seed, False, READING
            )
            for name in ("train", "validation", "test")
        }
        self._distance = tf.function(
            lambda batch: self._strategy.run(self._replica_distance, args=(batch,)),
            reduce_retracing=True,
            autograph=False,
        )

    def measure(self, step: int) -> dict[str, float]:
        """Measures the critic's distance on every split, averaged over 16 batches.

        The generated images are the same for all splits.

        Args:
          step: of the generator; it determines the images and latents drawn.

        Returns:
          "independent_train", "independent_validation" and "independent_test".
        """
        results = {}
        for name, draw in self._measured.items():
            batches = datasets.critic_updates(draw, step, lambda step: _BATCHES).take(_BATCHES)
            values = [
                self._strategy.reduce(tf.distribute.ReduceOp.MEAN, self._distance(batch), axis=None)
                for batch in self._strategy.experimental_distribute_dataset(batches)
            ]
            results[f"independent_{name}"] = float(tf.reduce_mean(tf.stack(values)))
        return results

    def _replica_distance(self, batch):
        return self._trainer.distance(self._generator, _cast(batch, self._generator.dtype))


def _cast(batch, dtype):
    return tf.nest.map_structure(lambda tensor: tf.cast(tensor, dtype), batch)
