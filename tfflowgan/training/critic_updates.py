"""Updates of critics beside the training step: bursts of the training critic, and the independent critic.

The independent critic (Danihelka et al., 2017, section 3.5, Eq. 6-8) has the DCGAN architecture, weight clipping and RMSprop
of the paper whatever the run trains with, learns to tell validation images from generated ones, and gives the generator nothing.
Its distance on training, validation and test images compares runs with each other; training < test is overfitting.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tfflowgan import critics, datasets, objectives
from tfflowgan.datasets import INDEPENDENT, READING, Splits, prior_draws
from tfflowgan.generators import Generator
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.optimizer import RMSprop
from tfflowgan.training.schedule import CriticSchedule

__all__ = ["IndependentCritic", "Updates", "build_independent_critic"]

_BATCHES = 16  # batches a split whose mean is a reading


class Updates(keras.callbacks.Callback):
    """Updates a critic one batch at a time, before or after each generator step."""

    def __init__(
        self,
        trainer: CriticTrainer,
        generator: Generator,
        draw: Callable,
        count: Callable,
        after: bool,
        first: int = 0,
        end_step: int | None = None,
        check: Callable[[dict, dict], None] = lambda logs, batch: None,
    ):
        """Makes the callback.

        Args:
          trainer: the critic.
          generator: its opponent.
          draw: made by `tfflowgan.datasets.critic_draws`.
          count: from a generator step to its number of updates.
          after: update after the generator step, not before it.
          first: the number of a step's first update.
          end_step: from which on there are none; None if they go on.
          check: is given the reports and the batch of an update whose loss or gradient is not finite, to raise.
        """
        super().__init__()
        self._trainer, self._draw, self._count, self._after, self._first, self._check = trainer, draw, count, after, first, check
        self._end_step = end_step
        strategy = tf.distribute.get_strategy()

        def update(batch):
            return trainer.update(generator, _cast(batch, generator.dtype))

        self._strategy = strategy
        self._update = tf.function(lambda batch: strategy.run(update, args=(batch,)), reduce_retracing=True)

    def on_train_begin(self, logs=None):
        updates = datasets.critic_updates(self._draw, self.model.step, self._count, self._first, self._end_step)
        self._batches = iter(self._strategy.experimental_distribute_dataset(updates))

    def on_train_batch_begin(self, batch, logs=None):
        if not self._after:
            self._run(self.model.step)

    def on_train_batch_end(self, batch, logs=None):
        if self._after:
            self._run(self.model.step - 1)

    def _run(self, step):
        losses = []
        for _ in range(int(self._count(step))):
            losses.append(self._strategy.experimental_local_results(self._update(next(self._batches))["critic_loss"])[0])
        finite = np.isfinite(losses)
        if not finite.all():
            i = int(np.argmin(finite))
            self._check({"critic_loss": losses[i]}, self._draw(step, self._first + i, 1))


def build_independent_critic(generator: Generator) -> CriticTrainer:
    """A new evaluation critic for a generator: the paper's architecture, clip 0.01, RMSprop 5e-5."""
    critic = critics.build("dcgan", generator.image_shape, dtype=generator.dtype)
    adversary = objectives.build("wgan").adversary
    return CriticTrainer(critic, adversary, RMSprop(5e-5, rho=0.99, epsilon=1e-8))


class IndependentCritic:
    """The independent critic of a run: its updates, as a callback, and its readings."""

    def __init__(
        self, trainer: CriticTrainer, generator: Generator, splits: Splits, batch_size: int, seed: int, schedule: CriticSchedule
    ):
        """Takes the critic, the generator, the images, and how it is updated."""
        draws = prior_draws(generator)
        self._generator, self._trainer, self._strategy = generator, trainer, tf.distribute.get_strategy()
        self.updates = Updates(
            trainer,
            generator,
            datasets.critic_draws(splits.validation, draws, batch_size, seed, False, INDEPENDENT),
            lambda step: schedule.steps + schedule.extra(step),
            after=True,
        )
        self._readings = {
            name: datasets.critic_draws(getattr(splits, name), draws, batch_size, seed, False, READING)
            for name in ("train", "validation", "test")
        }
        self._distance = tf.function(lambda batch: self._strategy.run(self._reading, args=(batch,)), reduce_retracing=True)

    def measure(self, step: int) -> dict[str, float]:
        """Its distance on every split, means over 16 batches, against the same generated images.

        Args:
          step: of the generator; the images read are a function of it.
        """
        results = {}
        for name, draw in self._readings.items():
            values = []
            for batch in self._strategy.experimental_distribute_dataset(
                datasets.critic_updates(draw, step, lambda step: _BATCHES).take(_BATCHES)
            ):
                values.append(self._strategy.reduce(tf.distribute.ReduceOp.MEAN, self._distance(batch), axis=None))
            results[f"independent_{name}"] = float(tf.reduce_mean(tf.stack(values)))
        return results

    def _reading(self, batch):
        return self._trainer.distance(self._generator, _cast(batch, self._generator.dtype))


def _cast(batch, dtype):
    return tf.nest.map_structure(lambda tensor: tf.cast(tensor, dtype), batch)
