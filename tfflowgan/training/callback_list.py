"""The callbacks of a run, in the order in which Keras calls them.

steps      updates of critics beside the training step, and the check that all is finite
records    the clock, then what an evaluation writes, then the checkpoint
watchers   the user's callbacks, the progress line, and the end that a signal asks for
"""

import dataclasses
import sys
from collections.abc import Callable

import keras

from tfflowgan import datasets
from tfflowgan.config import Config, parse_steps
from tfflowgan.datasets import BURST, Splits, prior_draws
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.run import Run
from tfflowgan.training.build import Components
from tfflowgan.training.callbacks import Checkpointing, MetricsLogger, Snapshots
from tfflowgan.training.critic_updates import CriticUpdates, IndependentCritic
from tfflowgan.training.given import NOTHING, Given
from tfflowgan.training.hparams import HParams
from tfflowgan.training.interruption import StopWhenAsked
from tfflowgan.training.monitor import Monitor
from tfflowgan.training.nonfinite import NonFiniteStop, check_finite
from tfflowgan.training.pictures import SampleGrid
from tfflowgan.training.progress_line import ProgressLine
from tfflowgan.training.schedule import CriticSchedule
from tfflowgan.training.stopping import Clock, StoppingRule, StopTraining
from tfflowgan.training.user_callbacks import UserCallbacks

__all__ = ["StepCallbacks", "build_callbacks", "step_callbacks"]


@dataclasses.dataclass(frozen=True)
class StepCallbacks:
    """What belongs to a step, whether it is timed or counts.

    Attributes:
      callbacks: in their order.
      measurements: what these critics add to an evaluation.
      bursts: the updates of bursts, or None; in `callbacks` too unless a program takes them.
    """

    callbacks: list[keras.callbacks.Callback]
    measurements: list[Callable[[], dict]]
    bursts: CriticUpdates | None


def step_callbacks(
    run: Run,
    config: Config,
    splits: Splits,
    components: Components,
    batch: Callable[[int], dict],
    program: bool = False,
) -> StepCallbacks:
    """Builds the callbacks that are part of a step, in the scope of the current strategy.

    Args:
      run: for error messages.
      config: resolved.
      splits: the images.
      components: everything that is trained.
      batch: maps a generator step to its batch.
      program: whether a program takes the steps, with all updates of critics.
    """
    model = components.model
    callbacks, measurements = [], []
    bursts = _bursts(run, config, splits, components, batch) if config.burst_steps else None
    if bursts and not program:
        callbacks.append(bursts)
    callbacks.append(NonFiniteStop(run, batch))
    if components.independent:
        independent = IndependentCritic(
            components.independent,
            model.generator,
            splits,
            config.images_per_step,
            config.seed,
            CriticSchedule.of(config, independent=True),
        )
        if not program:
            callbacks.append(independent.updates)
        measurements.append(lambda: independent.measure(model.step))
    return StepCallbacks(callbacks, measurements, bursts)


def build_callbacks(
    run: Run,
    config: Config,
    splits: Splits,
    components: Components,
    checkpoints: Checkpoints,
    rule: StoppingRule,
    steps: StepCallbacks,
    broadcast: Callable[[float], float],
    given: Given = NOTHING,
) -> list[keras.callbacks.Callback]:
    """Builds all callbacks of a run in the scope of the current strategy.

    Args:
      run: where their files go.
      config: settled.
      splits: the images.
      components: everything that is trained.
      checkpoints: saves the training state.
      rule: decides when the run is over.
      steps: of `step_callbacks`.
      broadcast: see `tfflowgan.training.strategy.chief_broadcast`.
      given: holds the user's callbacks and says how to show progress, what asks the run to end,
        and whether files are kept.
    """
    model, progress = components.model, components.progress
    weights = Checkpoints(run.checkpoints, generator=model.generator)
    monitor = Monitor(model.generator, config, splits, rule.epoch_steps, steps.measurements)
    logger = MetricsLogger(run, f"{splits.name}, {splits.source}", progress, monitor, weights)
    records = [Clock(progress, broadcast), logger, StopTraining(rule)]
    if given.keeps_files:
        records.insert(1, Snapshots(run, weights, parse_steps(config.snapshots)))
        records += [
            HParams(logger.writer, config, progress, rule, monitor.score),
            SampleGrid(run, logger.writer, config.seed, rule.period),
            Checkpointing(checkpoints, config.checkpoint_minutes, rule.period, progress),
        ]
    watchers: list[keras.callbacks.Callback] = [UserCallbacks(given.callbacks, lambda: logger.row)]
    verbose = given.verbose if given.verbose is not None else 1 if sys.stdout.isatty() else 2
    if verbose:
        watchers.append(
            ProgressLine(rule, config.images_per_step, lambda: logger.row, verbose == 1)
        )
    if given.interruption:
        watchers.append(StopWhenAsked(given.interruption, checkpoints, rule.period, broadcast))
    return [*steps.callbacks, *records, *watchers]


def _bursts(run, config, splits, components, batch):
    """The updates that bursts of the training critic add before a generator step."""
    model, schedule = components.model, CriticSchedule.of(config)
    draw = datasets.critic_draws(
        splits.train,
        prior_draws(model.generator),
        config.images_per_step,
        config.seed,
        config.flips,
        BURST,
        model.critic_trainer.conditional,
    )

    def check(logs, step, update):
        check_finite(model, logs, run, batch(step) | {"critic": update}, step)

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
