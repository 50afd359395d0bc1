"""Training a run from its newest checkpoint to its end, and timing its first steps."""

import dataclasses
import logging

import keras
import tensorflow as tf

from tfflowgan import devices
from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.runs.load import build_generator
from tfflowgan.runs.run import Run
from tfflowgan.training import minutes
from tfflowgan.training.callbacks import RestoredMeans
from tfflowgan.training.continuation import Superseding, check_end, describe
from tfflowgan.training.given import NOTHING, Given
from tfflowgan.training.length import check, out_of_reach, planned_steps
from tfflowgan.training.progress_line import ProgressLine
from tfflowgan.training.resume import restore, start_from_weights
from tfflowgan.training.session import Session
from tfflowgan.training.stopping import StepTimer, summarize_end

__all__ = ["fit", "time_steps"]

_log = logging.getLogger(__name__)


def fit(
    run: Run,
    config: Config,
    splits: Splits,
    strategy: tf.distribute.Strategy,
    given: Given = NOTHING,
) -> dict:
    """Trains a run to its end, from its newest checkpoint if it has one.

    Args:
      run: where checkpoints and records go. If it has finished, it goes on to another end.
      config: resolved.
      splits: the images.
      strategy: where to compute.
      given: what a program brings along; see there.

    Returns:
      {"reason", "epoch", "step", "seconds", "select"}. If there is a best validation NLL also
      "best_epoch" and "best_validation_nll"; if there is a best score also "best_score_epoch",
      "best_score" and "score", its name.

    Raises:
      UserError: the settings do not fit the images or devices, a finished run would end at once, or
        a value is not finite.
    """
    built = None
    if given.generator is None:
        with strategy.scope():
            built = build_generator(config, splits.image_shape)
    checked = check(config, splits, strategy)
    session = Session(run, checked, splits, strategy, given, built)
    model = session.model
    restored = restore(run, checked, session.checkpoints, strategy, session.broadcast)
    if not restored and checked.init_from:
        start_from_weights(run, checked.init_from, model, strategy)
    means = [keras.ops.convert_to_numpy(v) for m in model.means for v in m.variables]
    before = run.config() if run.started() else checked
    steps_before = _total_steps(run, before, session)
    fitting, rate = _fix_length(run, checked, session, bool(restored))
    if restored:
        totals = (steps_before, session.rule.total_steps)
        changed = describe(before, session.config, model.step, session.epoch_steps, totals)
        _log.info("Continuing %s from %s.%s", run.path, restored.name, changed)

    def record():
        if fitting is not None and rate is not None:
            minutes.keep(run, session.config, fitting, rate)
        asked = dataclasses.replace(session.config, batch_size=config.batch_size)
        run.record(asked, splits)

    first = []
    if run.finished() and given.instead:
        run.supersede_end()
        record()
    elif run.finished():
        first.append(Superseding(run, record))
    else:
        record()
        run.truncate_metrics(model.step)
    if given.instead:
        return given.instead(session)
    _log_start(session, splits, strategy)
    try:
        _take_all(session, first, means)
    finally:
        if given.interruption:
            given.interruption.stepping = False
    return summarize_end(session.config, session.components.progress, session.rule, model.step)


def time_steps(
    run: Run, config: Config, splits: Splits, strategy: tf.distribute.Strategy, steps: int = 4
) -> dict:
    """Takes the first steps of a run and times them.

    Args:
      run: a temporary place for what training writes; not a run to be continued.
      config: resolved and checked. Bursts of the critic, weights to start from and everything that
        ends a run early are left out.
      splits: the images.
      strategy: where to compute.
      steps: in each of two periods; the times are those of the second.

    Returns:
      {"step": seconds per generator step with its critic updates, "evaluation": seconds of what
      follows a period, "parameters": {"generator": count, "critic": count, or None without one}}.
    """
    config = dataclasses.replace(
        config,
        monitor_steps=steps,
        steps=2 * steps,
        **{name: 0 for name in ("burst_steps", "burst_first", "burst_every")},
        **{
            name: None for name in ("epochs", "init_from", "snapshots", "minutes", "early_stopping")
        },
    )
    session = Session(run, config, splits, strategy, Given(verbose=0))
    timer, critic = StepTimer(), session.model.critic_trainer
    session.take(0, 2, steps, [*session.callbacks(), timer])
    parameters = {
        "generator": session.model.generator.count_params(),
        "critic": critic.critic.count_params() if critic else None,
    }
    return timer.times(steps) | {"parameters": parameters}


def _total_steps(run, config, session):
    """The steps of a run as it was configured."""
    planned = planned_steps(config, session.epoch_steps)
    kept = minutes.kept(run, config, session.model.step)
    return planned if kept is None else min(planned, kept)


def _fix_length(run, config, session, restored):
    """Settles the number of steps; returns that of `--minutes`, and its rate if timed."""
    step, left, fitting, rate = session.model.step, 0.0, None, None
    if config.minutes is not None:
        seconds = float(session.components.progress.seconds.numpy())
        left = minutes.seconds_left(run, config, step, seconds)
        fitting = minutes.kept(run, config, step) or (step if left <= 0.0 else None)
    session.settle(fitting)
    if restored:
        spent = (config.minutes or 0.0) - left / 60.0
        check_end(run, session.config, session.rule, step, spent)
    if config.minutes is not None and fitting is None:
        rate = session.try_steps(left)
        fitting = minutes.fitting(config, step, left, rate)
        session.settle(fitting)
        _log.info("%s", minutes.describe(config, rate, fitting, session.rule.total_steps))
    return fitting, rate


def _take_all(session, first_callbacks, means):
    """Takes all steps that are left; `means` are those of an interrupted period."""
    model, rule, period = session.model, session.rule, session.rule.period
    callbacks = session.callbacks()
    place = len(session.steps.callbacks)
    callbacks[place:place] = first_callbacks
    first, done = divmod(model.step, period)
    try:
        if done and not rule.reason(model.step):
            # Complete the interrupted period first, with the running means of its beginning.
            session.take(first, first + 1, period - done, [RestoredMeans(means), *callbacks])
            first += 1
        if not model.stop_training and not rule.reason(model.step):
            session.take(first, -(-rule.total_steps // period), period, callbacks)
    finally:
        for line in [each for each in callbacks if isinstance(each, ProgressLine)]:
            line.close()


def _log_start(session, splits, strategy):
    config, generator, rule = session.config, session.model.generator, session.rule
    objective, critic = config.objective, ""
    if objective == "hybrid":
        objective = f"{config.adversary} + {config.nll_weight:g} NLL"
    if trainer := session.model.critic_trainer:
        critic = f" against {config.critic} ({trainer.critic.count_params():,} parameters)"
    _log.info(
        "Training %s (%s parameters) by %s%s on %s images of %s: "
        "%s steps, %s per epoch; an evaluation every %s; on %s.",
        generator.name,
        f"{generator.count_params():,}",
        objective,
        critic,
        f"{len(splits.train):,}",
        splits.name,
        f"{rule.total_steps:,}",
        f"{rule.epoch_steps:,}",
        f"{rule.period:,}",
        devices.describe(strategy),
    )
    for sentence in out_of_reach(config, rule.epoch_steps, rule.total_steps):
        _log.warning("%s", sentence)
