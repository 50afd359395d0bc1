"""Training a run from its newest checkpoint to its end, and timing its first steps."""

import dataclasses
import logging
import sys

import keras
import tensorflow as tf

from tfflowgan.config import Config, parse_steps
from tfflowgan.datasets import Splits, rounds
from tfflowgan.errors import UserError
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.run import Run
from tfflowgan.training.build import build_components
from tfflowgan.training.callback_list import build_callbacks
from tfflowgan.training.callbacks import RestoredMeans
from tfflowgan.training.continuation import Superseding
from tfflowgan.training.given import NOTHING, Given
from tfflowgan.training.resume import resume
from tfflowgan.training.stopping import StepTimer, StoppingRule, summarize_end
from tfflowgan.training.strategy import chief_broadcast

__all__ = ["check", "fit", "time_steps"]

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
    check(config, splits, strategy)
    return _Training(run, config, splits, strategy, given).run()


def check(config: Config, splits: Splits, strategy: tf.distribute.Strategy) -> None:
    """Checks that the settings fit the images and devices.

    Raises:
      UserError: the batch size or the snapshots do not fit.
    """
    epoch_steps = len(splits.train) // config.batch_size
    devices = strategy.num_replicas_in_sync
    if not epoch_steps:
        raise UserError(
            f"--batch_size={config.batch_size} is more than the {len(splits.train)} "
            "training images."
        )
    total_steps = epoch_steps * config.epochs
    if beyond := [step for step in parse_steps(config.snapshots) if step > total_steps]:
        raise UserError(
            f"--snapshots={config.snapshots} lists step {beyond[0]}, and the run has {total_steps}."
        )
    if config.batch_size % devices:
        raise UserError(
            f"--batch_size={config.batch_size} must be a multiple of {devices} devices."
        )


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
    epoch_steps = len(splits.train) // config.batch_size
    config = dataclasses.replace(
        config,
        monitor_steps=steps,
        epochs=-(-2 * steps // epoch_steps),
        **{name: 0 for name in ("burst_steps", "burst_first", "burst_every")},
        **{name: None for name in ("init_from", "snapshots", "minutes", "early_stopping")},
    )
    return _Training(run, config, splits, strategy).time(steps)


class _Training:
    """A run with everything it trains, ready to start or to resume."""

    def __init__(self, run, config, splits, strategy, given=NOTHING):
        self._given = given
        self._run, self._config, self._splits, self._strategy = run, config, splits, strategy
        self._broadcast = chief_broadcast(strategy)
        epoch_steps = len(splits.train) // config.batch_size
        with strategy.scope():
            components = build_components(
                config, splits.image_shape, epoch_steps, given.generator, given.own
            )
        model, critics = components.model, {}
        if model.critic_trainer:
            critics["critic"] = model.critic_trainer
        if components.independent:
            critics["independent"] = components.independent
        self._components, self._model = components, model
        self._rule = StoppingRule(config, components.progress, epoch_steps)
        self._checkpoints = Checkpoints(
            run.checkpoints,
            generator=model.generator,
            optimizer=model.optimizer,
            means=model.means,
            progress=components.progress,
            **critics,
        )

    def run(self):
        """Trains to the end; returns how the run ended."""
        model, period = self._model, self._rule.period
        resume(
            self._run,
            self._config,
            self._splits,
            model,
            self._checkpoints,
            self._strategy,
            self._broadcast,
            self._rule,
        )
        self._log_start()
        callbacks = self._callbacks()
        if self._run.finished():  # it goes on; the last callback writes the training state
            callbacks.insert(-1, Superseding(self._run, self._config, self._splits))
        first, done = divmod(model.step, period)
        if done and not self._rule.reason(model.step):
            # Complete the interrupted period first, with the running means of its beginning.
            means = [keras.ops.convert_to_numpy(v) for m in model.means for v in m.variables]
            self._fit(first, first + 1, period - done, [RestoredMeans(means), *callbacks])
            first += 1
        if not model.stop_training and not self._rule.reason(model.step):
            self._fit(first, -(-self._rule.total_steps // period), period, callbacks)
        return summarize_end(self._config, self._components.progress, self._rule, model.step)

    def time(self, steps):
        """Trains for two periods; returns the times of the second and the parameter counts."""
        timer, critic = StepTimer(), self._model.critic_trainer
        self._fit(0, 2, steps, [*self._callbacks(), timer], verbose=0)
        parameters = {
            "generator": self._model.generator.count_params(),
            "critic": critic.critic.count_params() if critic else None,
        }
        return timer.times(steps) | {"parameters": parameters}

    def _callbacks(self):
        with self._strategy.scope():  # critics are updated and measured on every device
            return build_callbacks(
                self._run,
                self._config,
                self._splits,
                self._components,
                self._checkpoints,
                self._rule,
                lambda step: next(iter(self._rounds(step))),
                self._broadcast,
                self._given,
            )

    def _rounds(self, step):
        """The batches of all generator steps from `step` on."""
        config, trainer = self._config, self._model.critic_trainer
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

    def _fit(self, first, last, steps, callbacks, verbose=None):
        """Trains the periods `first` to `last - 1`, of `steps` steps each."""
        verbose = self._given.verbose if verbose is None else verbose
        self._model.fit(
            self._rounds(self._model.step),
            initial_epoch=first,
            epochs=last,
            steps_per_epoch=steps,
            callbacks=callbacks,
            shuffle=False,
            verbose=verbose if verbose is not None else 1 if sys.stdout.isatty() else 2,
        )

    def _log_start(self):
        config, generator = self._config, self._model.generator
        objective, critic = config.objective, ""
        if objective == "hybrid":
            objective = f"{config.adversary} + {config.nll_weight:g} NLL"
        if trainer := self._model.critic_trainer:
            critic = f" against {config.critic} ({trainer.critic.count_params():,} parameters)"
        _log.info(
            "Training %s (%s parameters) by %s%s on %s images of %s, "
            "%d steps per epoch, %d epochs, %d device(s).",
            generator.name,
            f"{generator.count_params():,}",
            objective,
            critic,
            f"{len(self._splits.train):,}",
            self._splits.name,
            self._rule.epoch_steps,
            config.epochs,
            self._strategy.num_replicas_in_sync,
        )
