"""A run's settings and best values for TensorBoard, whose HParams page compares runs by them.

`tensorboard --logdir runs` shows one row per run: its settings, and of every column of
`metrics.jsonl` the last value. `best/NAME` is added for what selects weights.
"""

import dataclasses
import math

import keras
import tensorflow as tf
from tensorboard.plugins.hparams import api, summary

from tfflowgan import own_code
from tfflowgan.config import Config
from tfflowgan.training.stopping import Progress, StoppingRule

__all__ = ["HParams"]

_SUCCESS = 1  # api_pb2.STATUS_SUCCESS, which has no type


class HParams(keras.callbacks.Callback):
    """Writes the settings once, the best values at every evaluation, and that the run has ended."""

    def __init__(
        self,
        writer: tf.summary.SummaryWriter,
        config: Config,
        progress: Progress,
        rule: StoppingRule,
        score: str,
    ) -> None:
        """Creates the callback.

        Args:
          writer: of TensorBoard.
          config: settled.
          progress: the run's counters, which hold the best values.
          rule: says whether the run has ended.
          score: the name of the sample score that selects weights.
        """
        super().__init__()
        self._writer, self._config, self._rule = writer, config, rule
        self._best = {"validation_nll": progress.best_nll, score: progress.best_score}
        self._written = False

    def on_train_begin(self, logs: dict | None = None) -> None:
        if self._written:
            return
        self._written = True
        with self._writer.as_default(step=self.model.step):
            api.hparams(_settings(self._config))
        self._writer.flush()

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        with self._writer.as_default(step=self.model.step):
            for name, best in self._best.items():
                if math.isfinite(best.numpy()):
                    tf.summary.scalar(f"best/{name}", best.numpy())
        self._writer.flush()

    def on_train_end(self, logs: dict | None = None) -> None:
        if self._rule.reason(self.model.step):
            end = summary.session_end_pb(_SUCCESS)
            with self._writer.as_default(step=self.model.step):
                tf.summary.experimental.write_raw_pb(end.SerializeToString())
            self._writer.flush()


def _settings(config):
    """The settings that have a value; names of code without its folder."""
    given = {name: value for name, value in dataclasses.asdict(config).items() if value is not None}
    return {n: own_code.label(v) if isinstance(v, str) else v for n, v in given.items()}
