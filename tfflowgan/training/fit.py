"""The training of a run: its parts put together, and where it begins."""

import dataclasses
import hashlib
import json
import logging
import pathlib
import sys

import keras
import tensorflow as tf

from tfflowgan import datasets
from tfflowgan.config import Config, parse_steps
from tfflowgan.datasets import BURST, Splits, prior_draws, rounds
from tfflowgan.errors import UserError
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.load import read_weights
from tfflowgan.runs.names import score_name
from tfflowgan.runs.run import Run
from tfflowgan.training.build import build_components
from tfflowgan.training.callbacks import Checkpointing, MetricsLogger, RestoredMeans, SampleGrid, Snapshots
from tfflowgan.training.critic_updates import IndependentCritic, Updates
from tfflowgan.training.monitor import Monitor
from tfflowgan.training.nonfinite import NonFiniteStop, check_finite
from tfflowgan.training.schedule import CriticSchedule
from tfflowgan.training.stopping import Clock, StepTimer, StoppingRule, StopTraining
from tfflowgan.training.strategy import agreement, worker_name

__all__ = ["check", "fit", "time_steps"]

_log = logging.getLogger(__name__)


def fit(run: Run, config: Config, splits: Splits, strategy: tf.distribute.Strategy) -> dict:
    """Trains from the newest checkpoint, or from the start, to the end.

    Args:
      run: where state and records go.
      config: resolved.
      splits: the images.
      strategy: where to compute.

    Returns:
      {"reason", "epoch", "step", "seconds", "select", and for what is known "best_epoch", "best_validation_nll", "best_score",
      "best_score_epoch", "score": which it is}.

    Raises:
      UserError: the batch size does not fit the images or devices, or something is not finite.
    """
    check(config, splits, strategy)
    epoch_steps = len(splits.train) // config.batch_size
    with strategy.scope():
        parts = build_components(config, splits.image_shape, epoch_steps)
        training = _Training(run, config, splits, parts, epoch_steps, strategy)
    return training.run()


def check(config: Config, splits: Splits, strategy: tf.distribute.Strategy) -> None:
    """Checks that the settings fit the images and devices.

    Raises:
      UserError: the batch size or the snapshots do not.
    """
    epoch_steps = len(splits.train) // config.batch_size
    devices = strategy.num_replicas_in_sync
    if not epoch_steps:
        raise UserError(f"--batch_size={config.batch_size} is more than the {len(splits.train)} training images.")
    if beyond := [step for step in parse_steps(config.snapshots) if step > epoch_steps * config.epochs]:
        raise UserError(f"--snapshots={config.snapshots} lists step {beyond[0]}, and the run has {epoch_steps * config.epochs}.")
    if config.batch_size % devices:
        raise UserError(f"--batch_size={config.batch_size} must be a multiple of {devices} devices.")


def time_steps(run: Run, config: Config, splits: Splits, strategy: tf.distribute.Strategy, steps: int = 4) -> dict:
    """Takes the first steps of a run and times them.

    Args:
      run: a temporary place for what training writes; not a run to be continued.
      config: resolved and checked; bursts of the critic, weights to start from and what ends a run
        early are left out.
      splits: the images.
      strategy: where to compute.
      steps: in each of two periods; the times are of the second.

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
    with strategy.scope():
        parts = build_components(config, splits.image_shape, epoch_steps)
        training = _Training(run, config, splits, parts, epoch_steps, strategy)
    return training.time(steps)


class _Training:
    """A run with all its parts, ready to go on from where it is."""

    def __init__(self, run, config, splits, parts, epoch_steps, strategy):
        self._run, self._config, self._parts, self._epoch_steps = run, config, parts, epoch_steps
        self._period = config.monitor_steps or epoch_steps
        self._agree = agreement(strategy)
        self._strategy = strategy
        self._splits = splits
        model = parts.model
        self._model = model
        extra = {"critic": model.critic_trainer} if model.critic_trainer else {}
        extra |= {"independent": parts.independent} if parts.independent else {}
        self._state = Checkpoints(
            run.checkpoints,
            generator=model.generator,
            optimizer=model.optimizer,
            means=model.means,
            progress=parts.progress,
            **extra,
        )
        self._weights = Checkpoints(run.checkpoints, generator=model.generator)
        self._ending = StoppingRule(config, parts.progress, epoch_steps, self._period)
        self._schedule = CriticSchedule(
            config.critic_steps or 0, config.burst_steps or 0, config.burst_first or 0, config.burst_every or 0
        )
        self._data = f"{splits.name}, {splits.source}"

    def run(self):
        """Trains to the end; returns how it ended."""
        model, period = self._model, self._period
        self._restore()
        self._describe()
        with self._strategy.scope():  # critics update, and are read, on every device
            callbacks = self._callbacks()
        begun, done = divmod(model.step, period)
        if done and not self._ending.reason(model.step):
            # the rest of an interrupted period first, on means that hold its beginning
            means = [keras.ops.convert_to_numpy(v) for m in model.means for v in m.variables]
            self._fit(begun, begun + 1, period - done, [RestoredMeans(means), *callbacks])
            begun += 1
        if not self._ending.reason(model.step):
            self._fit(begun, -(-self._ending.total_steps // period), period, callbacks)
        return self._end()

    def time(self, steps):
        """Trains for two periods; returns the times of the second, and how many parameters there are."""
        timer, critic = StepTimer(), self._model.critic_trainer
        with self._strategy.scope():
            callbacks = self._callbacks()
        self._fit(0, 2, steps, [*callbacks, timer], verbose=0)
        parameters = {
            "generator": self._model.generator.count_params(),
            "critic": critic.critic.count_params() if critic else None,
        }
        return timer.times(steps) | {"parameters": parameters}

    def _restore(self):
        run, config, model = self._run, self._config, self._model
        restored = self._state.restore(run.saved)
        newest = int(restored.name[5:]) if restored else -1
        if int(self._agree(newest)) != newest:
            raise UserError(
                f"{worker_name(self._strategy)} does not find the chief's checkpoint in {run.saved}: the run's directory must be "
                "one that all workers share."
            )
        if restored:
            _log.info("Continuing %s from %s.", run.path, restored.name)
        elif config.init_from:
            self._start_from(Run.open(pathlib.Path(config.init_from), "init_from"))
        run.record(config, self._splits)
        run.truncate_metrics(model.step)

    def _start_from(self, source):
        path = source.weights(source.config().select or "nll")
        if not path.with_name(path.name + ".index").exists():
            raise UserError(f"--init_from={source.path} has no checkpoint {path.name} yet; let it train for an epoch.")
        read_weights(self._model.generator, path, "the run that --init_from is to start (are the images of the same shape?)")
        digest = hashlib.sha256(path.with_name(path.name + ".index").read_bytes()).hexdigest()
        self._run.write("init_from.json", json.dumps({"weights": str(path), "index_sha256": digest}, indent=2) + "\n")
        _log.info("Starting from the weights %s.", path)

    def _describe(self):
        model, config = self._model, self._config
        against = (
            f" against {config.critic} ({model.critic_trainer.critic.count_params():,} parameters)"
            if model.critic_trainer
            else ""
        )
        _log.info(
            "Training %s (%s parameters) by %s%s on %s images of %s, %d steps an epoch, %d epochs, %s.",
            config.flow or config.generator,
            f"{model.generator.count_params():,}",
            config.objective if config.objective != "hybrid" else f"{config.adversary} + {config.nll_weight:g} NLL",
            against,
            f"{len(self._splits.train):,}",
            self._splits.name,
            self._epoch_steps,
            config.epochs,
            f"{self._strategy.num_replicas_in_sync} device(s)",
        )

    def _callbacks(self):
        run, config, model, progress = self._run, self._config, self._model, self._parts.progress
        generator, callbacks, more = model.generator, [], []

        def batch(step):
            return next(iter(self._rounds(step)))

        if config.burst_steps:
            draw = datasets.critic_draws(
                self._splits.train,
                prior_draws(generator),
                config.batch_size,
                config.seed,
                config.flips,
                BURST,
                model.critic_trainer.conditional,
            )
            callbacks.append(
                Updates(
                    model.critic_trainer,
                    generator,
                    draw,
                    self._schedule.extra,
                    after=False,
                    first=config.critic_steps,
                    end_step=self._schedule.end,
                    check=lambda logs, update: check_finite(model, logs, run, batch(model.step) | {"critic": update}, model.step),
                )
            )
        callbacks.append(NonFiniteStop(run, batch))
        if self._parts.independent:
            schedule = dataclasses.replace(self._schedule, steps=config.independent_steps)
            independent = IndependentCritic(
                self._parts.independent, generator, self._splits, config.batch_size, config.seed, schedule
            )
            callbacks.append(independent.updates)
            more.append(lambda: independent.measure(model.step))
        monitor = Monitor(generator, config, self._splits, self._epoch_steps, more)
        recorder = MetricsLogger(run, self._data, progress, monitor, self._weights)
        return [
            *callbacks,
            Clock(progress, self._agree),
            Snapshots(run, self._weights, parse_steps(config.snapshots)),
            recorder,
            StopTraining(self._ending),
            SampleGrid(run, recorder.writer, config.seed),
            Checkpointing(self._state, config.checkpoint_minutes, self._period, progress),
        ]

    def _rounds(self, step):
        config = self._config
        return rounds(
            self._splits.train,
            self._model.generator,
            config.batch_size,
            config.seed,
            step,
            config.flips,
            config.critic_steps or 0,
            bool(config.reuse_batch),
            bool(self._model.critic_trainer and self._model.critic_trainer.conditional),
        )

    def _fit(self, first, last, steps, callbacks, verbose=None):
        self._model.fit(
            self._rounds(self._model.step),
            initial_epoch=first,
            epochs=last,
            steps_per_epoch=steps,
            callbacks=callbacks,
            shuffle=False,
            verbose=verbose if verbose is not None else 1 if sys.stdout.isatty() else 2,
        )

    def _end(self):
        step, progress = self._model.step, self._parts.progress

        def epoch(step):
            epochs = float(step) / self._epoch_steps
            return int(epochs) if epochs.is_integer() else round(epochs, 4)

        end = {
            "reason": self._ending.reason(step),
            "epoch": epoch(step),
            "step": step,
            "seconds": round(float(progress.seconds.numpy()), 1),
            "select": self._config.select,
        }
        if progress.best_nll_step.numpy():
            end |= {"best_epoch": epoch(progress.best_nll_step.numpy()), "best_validation_nll": float(progress.best_nll.numpy())}
        if progress.best_score_step.numpy():
            end |= {"best_score_epoch": epoch(progress.best_score_step.numpy()), "best_score": float(progress.best_score.numpy())}
            end["score"] = score_name(self._config.dataset)
        return end
