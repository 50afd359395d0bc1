"""Training a run from its newest checkpoint to its end, and timing its first steps."""

import dataclasses
import logging

import keras
import tensorflow as tf

from tfflowgan.config import Config
from tfflowgan.datasets import Splits, rounds
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.run import Run
from tfflowgan.training import minutes
from tfflowgan.training.build import build_components
from tfflowgan.training.callback_list import build_callbacks, step_callbacks
from tfflowgan.training.callbacks import RestoredMeans
from tfflowgan.training.continuation import Superseding, check_end, describe
from tfflowgan.training.given import NOTHING, Given
from tfflowgan.training.length import check, out_of_reach, planned_steps, settle
from tfflowgan.training.optimizer import set_length
from tfflowgan.training.progress_line import ProgressLine
from tfflowgan.training.resume import restore, start_from_weights
from tfflowgan.training.stopping import StepTimer, StoppingRule, summarize_end
from tfflowgan.training.strategy import chief_broadcast

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
    fitting = check(config, splits, strategy)
    return _Training(run, fitting, splits, strategy, given).run(config.batch_size)


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
    return _Training(run, config, splits, strategy, Given(verbose=0)).time(steps)


class _Training:
    """A run with everything it trains, ready to start or to resume."""

    def __init__(self, run, config, splits, strategy, given):
        self._given, self._compiled = given, False
        self._run, self._open, self._splits, self._strategy = run, config, splits, strategy
        self._broadcast = chief_broadcast(strategy)
        self._epoch_steps = len(splits.train) // config.batch_size
        self._planned = planned_steps(config, self._epoch_steps)
        with strategy.scope():
            components = build_components(
                config, splits.image_shape, self._planned, given.generator, given.own
            )
        model, critics = components.model, {}
        if model.critic_trainer:
            critics["critic"] = model.critic_trainer
        if components.independent:
            critics["independent"] = components.independent
        self._components, self._model = components, model
        self._checkpoints = Checkpoints(
            run.checkpoints,
            generator=model.generator,
            optimizer=model.optimizer,
            means=model.means,
            progress=components.progress,
            **critics,
        )
        with strategy.scope():  # critics are updated and measured on every device
            self._steps = step_callbacks(
                run, config, splits, components, lambda step: next(iter(self._rounds(step)))
            )
        self._settle(None)

    def run(self, batch_size):
        """Trains to the end; returns how the run ended.

        `batch_size` is the one that was asked for, and recorded.
        """
        run, model = self._run, self._model
        restored = restore(run, self._open, self._checkpoints, self._strategy, self._broadcast)
        if not restored and self._open.init_from:
            start_from_weights(run, self._open, model, self._strategy)
        before = run.config() if run.started() else self._open
        known = minutes.kept(run, before, model.step)
        before_steps = planned_steps(before, self._epoch_steps)
        means = [keras.ops.convert_to_numpy(v) for m in model.means for v in m.variables]
        fitting, rate = self._fix_length(restored)
        config, rule = self._config, self._rule
        if restored:
            totals = (min(before_steps, known or before_steps), rule.total_steps)
            changed = describe(before, config, model.step, self._epoch_steps, totals)
            _log.info("Continuing %s from %s.%s", run.path, restored.name, changed)

        def record():
            if rate:
                minutes.keep(run, config, fitting, rate)
            run.record(dataclasses.replace(config, batch_size=batch_size), self._splits)

        between = [Superseding(run, record)] if run.finished() else []
        if not between:
            record()
            run.truncate_metrics(model.step)
        self._log_start()
        callbacks = self._callbacks()
        first = len(self._steps.callbacks)
        callbacks[first:first] = between
        self._train(callbacks, means)
        return summarize_end(config, self._components.progress, rule, model.step)

    def time(self, steps):
        """Trains for two periods; returns the times of the second and the parameter counts."""
        timer, critic = StepTimer(), self._model.critic_trainer
        self._fit(0, 2, steps, [*self._callbacks(), timer])
        parameters = {
            "generator": self._model.generator.count_params(),
            "critic": critic.critic.count_params() if critic else None,
        }
        return timer.times(steps) | {"parameters": parameters}

    def _fix_length(self, restored):
        """Settles the number of steps; returns that of `--minutes`, and its rate if timed."""
        run, config, step = self._run, self._open, self._model.step
        left, fitting, rate = 0.0, None, None
        if config.minutes is not None:
            seconds = float(self._components.progress.seconds.numpy())
            left = minutes.seconds_left(run, config, step, seconds)
            fitting = minutes.kept(run, config, step) or (step if left <= 0.0 else None)
        self._settle(fitting)
        if restored:
            spent = (config.minutes or 0.0) - left / 60.0
            check_end(run, self._config, self._rule, step, spent)
        if config.minutes is not None and fitting is None:
            rate = self._try(left)
            fitting = minutes.fitting(config, step, left, rate)
            self._settle(fitting)
            _log.info("%s", minutes.describe(config, rate, fitting, self._rule.total_steps))
        return fitting, rate

    def _settle(self, fitting):
        """Fixes what depends on the number of steps.

        `fitting` of them fit into `--minutes`; None if all that are planned are to be taken.
        """
        config, planned = self._open, self._planned
        total, length = planned, "epochs" if config.steps is None else "steps"
        if fitting is not None and fitting < planned:
            total, length = fitting, "minutes"
        self._config = settle(config, self._epoch_steps, total)
        set_length(self._model.optimizer, total, self._config.warmup_steps)
        if self._model.critic_optimizer is not None:
            set_length(self._model.critic_optimizer, total, 0)
        progress = self._components.progress
        self._rule = StoppingRule(self._config, progress, self._epoch_steps, total, length)

    def _try(self, seconds):
        """Times a few steps from here, and takes them back."""
        step = self._model.step
        trial = minutes.Trial(seconds, self._planned - step, self._broadcast)
        with self._checkpoints.taken_back():
            self._fit(0, 1, minutes.UNBOUNDED, [*self._steps.callbacks, trial])
        self._model.stop_training = False
        return trial.rate(self._open, step)

    def _train(self, callbacks, means):
        """Takes all steps that are left; `means` are those of an interrupted period."""
        model, rule, period = self._model, self._rule, self._rule.period
        first, done = divmod(model.step, period)
        try:
            if done and not rule.reason(model.step):
                # Complete the interrupted period first, with the running means of its beginning.
                self._fit(first, first + 1, period - done, [RestoredMeans(means), *callbacks])
                first += 1
            if not model.stop_training and not rule.reason(model.step):
                self._fit(first, -(-rule.total_steps // period), period, callbacks)
        finally:
            if self._given.interruption:
                self._given.interruption.stepping = False
            for callback in callbacks:
                if isinstance(callback, ProgressLine):
                    callback.close()

    def _callbacks(self):
        with self._strategy.scope():
            return build_callbacks(
                self._run,
                self._config,
                self._splits,
                self._components,
                self._checkpoints,
                self._rule,
                self._steps,
                self._broadcast,
                self._given,
            )

    def _rounds(self, step):
        """The batches of all generator steps from `step` on."""
        config, trainer = self._open, self._model.critic_trainer
        return rounds(
            self._splits.train,
            self._model.generator,
            config.batch_size,
            config.seed,
            step,
            config.flips,
            config.critic_steps or 0,
            bool(config.reuse_batch),
            bool(trainer and trainer.conditional),
        )

    def _fit(self, first, last, steps, callbacks):
        """Trains the periods `first` to `last - 1`, of `steps` steps each."""
        if not self._compiled:
            _log.info("Compiling the first step, which takes a while.")
            self._compiled = True
        self._model.fit(
            self._rounds(self._model.step),
            initial_epoch=first,
            epochs=last,
            steps_per_epoch=steps,
            callbacks=callbacks,
            shuffle=False,
            verbose=0,  # `ProgressLine` shows more
        )

    def _log_start(self):
        config, generator, rule = self._config, self._model.generator, self._rule
        objective, critic = config.objective, ""
        if objective == "hybrid":
            objective = f"{config.adversary} + {config.nll_weight:g} NLL"
        if trainer := self._model.critic_trainer:
            critic = f" against {config.critic} ({trainer.critic.count_params():,} parameters)"
        _log.info(
            "Training %s (%s parameters) by %s%s on %s images of %s: "
            "%s steps, %s per epoch; an evaluation every %s; %d device(s).",
            generator.name,
            f"{generator.count_params():,}",
            objective,
            critic,
            f"{len(self._splits.train):,}",
            self._splits.name,
            f"{rule.total_steps:,}",
            f"{rule.epoch_steps:,}",
            f"{rule.period:,}",
            self._strategy.num_replicas_in_sync,
        )
        for sentence in out_of_reach(config, self._epoch_steps, rule.total_steps):
            _log.warning("%s", sentence)
