"""The callbacks of a run, in the order in which Keras calls them."""

import dataclasses
from collections.abc import Callable

import keras

from tfflowgan import datasets
from tfflowgan.config import Config, parse_steps
from tfflowgan.datasets import BURST, Splits, prior_draws
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.run import Run
from tfflowgan.training.build import Components
from tfflowgan.training.callbacks import Checkpointing, MetricsLogger, SampleGrid, Snapshots
from tfflowgan.training.critic_updates import CriticUpdates, IndependentCritic
from tfflowgan.training.given import NOTHING, Given
from tfflowgan.training.monitor import Monitor
from tfflowgan.training.nonfinite import NonFiniteStop, check_finite
from tfflowgan.training.schedule import CriticSchedule
from tfflowgan.training.stopping import Clock, StoppingRule, StopTraining
from tfflowgan.training.user_callbacks import UserCallbacks

__all__ = ["build_callbacks"]


def build_callbacks(
    run: Run,
    config: Config,
    splits: Splits,
    components: Components,
    checkpoints: Checkpoints,
    rule: StoppingRule,
    batch: Callable[[int], dict],
    broadcast: Callable[[float], float],
    given: Given = NOTHING,
) -> list[keras.callbacks.Callback]:
    """Builds the callbacks of a run in the scope of the current strategy.

    Args:
      run: where their files go.
      config: resolved.
      splits: the images.
      components: everything that is trained.
      checkpoints: saves the training state.
      rule: decides when the run is over.
      batch: maps a generator step to its batch.
      broadcast: see `tfflowgan.training.strategy.chief_broadcast`.
      given: holds the user's callbacks, and says whether files are kept.
    """
    model, progress = components.model, components.progress
    schedule = CriticSchedule(
        config.critic_steps or 0,
        config.burst_steps or 0,
        config.burst_first or 0,
        config.burst_every or 0,
    )
    weights = Checkpoints(run.checkpoints, generator=model.generator)
    callbacks, measurements = [], []
    if config.burst_steps:
        callbacks.append(_bursts(run, config, splits, components, schedule, batch))
    callbacks.append(NonFiniteStop(run, batch))
    if components.independent:
        independent = IndependentCritic(
            components.independent,
            model.generator,
            splits,
            config.batch_size,
            config.seed,
            dataclasses.replace(schedule, steps=config.independent_steps),
        )
        callbacks.append(independent.updates)
        measurements.append(lambda: independent.measure(model.step))
    monitor = Monitor(model.generator, config, splits, rule.epoch_steps, measurements)
    logger = MetricsLogger(run, f"{splits.name}, {splits.source}", progress, monitor, weights)
    users = UserCallbacks(given.callbacks, lambda: logger.row)
    callbacks.append(Clock(progress, broadcast))
    if not given.keeps_files:
        return [*callbacks, logger, StopTraining(rule), users]
    return [
        *callbacks,
        Snapshots(run, weights, parse_steps(config.snapshots)),
        logger,
        StopTraining(rule),
        SampleGrid(run, logger.writer, config.seed),
        Checkpointing(checkpoints, config.checkpoint_minutes, rule.period, progress),
        users,
    ]


def _bursts(run, config, splits, components, schedule, batch):
    """The updates that bursts of the training critic add before a generator step."""
    model = components.model
    draw = datasets.critic_draws(
        splits.train,
        prior_draws(model.generator),
        config.batch_size,
        config.seed,
        config.flips,
        BURST,
        model.critic_trainer.conditional,
    )

    def check(logs, update):
        check_finite(model, logs, run, batch(model.step) | {"critic": update}, model.step)

    return CriticUpdates(
        model.critic_trainer,
        model.generator,
        draw,
        schedule.burst_updates,
        after=False,
        first=config.critic_steps,
        end_step=schedule.burst_end,
        check=check,
    )
