"""Going on with a run to another end: more epochs or steps, more minutes, more patience.

Batches, noise, bursts and penalties are functions of (seed, step), and the training state holds the
weights, critics, optimizers, means and counters. So the added steps are those that a longer run
would have taken, up to the learning rate:

    constant, exponential    depend on the step alone: nothing changes
    cosine                   reaches zero at the last step, so more steps raise the rate:
                             at step t from learning_rate (1 + cos(pi t / old total)) / 2
                             to             learning_rate (1 + cos(pi t / new total)) / 2
"""

from collections.abc import Callable

import keras

from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.runs import going_on
from tfflowgan.runs.run import Run
from tfflowgan.training.length import planned_steps
from tfflowgan.training.optimizer import LearningRate
from tfflowgan.training.stopping import StoppingRule

__all__ = ["Superseding", "check_end", "describe", "missing_state"]


class Superseding(keras.callbacks.Callback):
    """After the first step of a finished run that goes on, records that it is not finished.

    Until then the run's files are those of its end, so that a continuation which fails before it
    has begun changes nothing. The end goes before the new configuration comes: a run that is killed
    in between is an unfinished one, and continues in either case.
    """

    def __init__(self, run: Run, record: Callable[[], None]) -> None:
        """Creates the callback.

        Args:
          run: has finished.
          record: writes what it goes on with.
        """
        super().__init__()
        self._run, self._record, self._done = run, record, False

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        if not self._done:
            self._run.supersede_end()
            self._record()
            self._run.truncate_metrics(self.model.step - 1)
            self._done = True


def check_end(run: Run, config: Config, rule: StoppingRule, step: int, minutes: float) -> None:
    """Checks that a restored run may end as it is asked to.

    Args:
      run: with its configuration, and its end if it has finished, as they are on disk.
      config: what it goes on with, resolved.
      rule: of `config`, with the restored counters.
      step: generator steps taken so far.
      minutes: of its steps.

    Raises:
      UserError: it has done more epochs already, or it has finished and would end at once.
    """
    done = step if rule.length == "steps" else rule.epochs(step)
    if step > rule.total_steps:
        asked = f"--{rule.length}={getattr(config, rule.length)}"
        raise UserError(
            f"{asked} is fewer than the {done:g} that --run={run.path} has done; "
            "give more to go on with it, or another --run."
        )
    finished, cause = run.finished(), rule.cause(step)
    if finished is None or cause is None:
        return
    changes = going_on.changed_ends(run.config(), config)
    asked = ", ".join(f"--{name}={now} instead of {old}" for name, old, now in changes)
    asked = asked or "the same end"
    more = {
        "epochs": f"more than the {done:g} --epochs that it has done",
        "steps": f"more than the {step} --steps that it has taken",
        "minutes": f"more than the {minutes:.4g} --minutes that it has taken",
        "early_stopping": f"a greater --early_stopping than {config.early_stopping}",
    }
    raise UserError(
        f"--run={run.path}, which ended after {finished['reason']}, does not go on with {asked}; "
        f"give {more[cause]}."
    )


def describe(
    before: Config,
    config: Config,
    step: int,
    epoch_steps: int,
    totals: tuple[int, int] | None = None,
) -> str:
    """Says what ends differently from now on, and what becomes of the learning rate.

    Args:
      before: the run's configuration so far.
      config: what it goes on with, resolved.
      step: generator steps taken so far.
      epoch_steps: generator steps per epoch.
      totals: generator steps of the whole run, before and now; None for those of the epochs or
        steps that are asked for.

    Returns:
      Sentences for the log; empty if the end is the same.
    """
    changes = going_on.changed_ends(before, config)
    if not changes:
        return ""
    asked = ", ".join(f"--{name} was {old}, now {new}" for name, old, new in changes)
    totals = totals or (planned_steps(before, epoch_steps), planned_steps(config, epoch_steps))
    old, new = (_rate(*each, step) for each in zip((before, config), totals, strict=True))
    if config.decay == "cosine" and old != new:
        rate = (
            f"--decay=cosine now ends at step {totals[1]}, so the learning rate "
            f"goes from {old:.3g} to {new:.3g}."
        )
    else:
        rate = f"The learning rate goes on as planned, at {new:.3g} (--decay={config.decay})."
    return f" {asked[0].upper()}{asked[1:]}. {rate}"


def missing_state(run: Run, config: Config) -> UserError:
    """The error for a finished run whose training state is gone.

    Args:
      run: has finished, and has none of the checkpoints step-N that can be read.
      config: what it was to go on with, resolved.
    """
    command = run.init_from_command(config)
    way_out = f"train on from its weights: {command}" if command else "train another --run."
    return UserError(
        f"--run={run.path} cannot go on: its training state, checkpoints/step-N, is gone; {way_out}"
    )


def _rate(config, total_steps, step):
    warmup = config.warmup_steps or 0
    rate = LearningRate(config.learning_rate, config.decay, config.decay_rate, warmup, total_steps)
    return float(rate(step))
