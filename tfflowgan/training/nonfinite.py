"""Stopping a run at the first loss or gradient that is not finite."""

import math
from collections.abc import Callable

import keras
import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.runs.checkpoints import describe_latest
from tfflowgan.runs.run import Run
from tfflowgan.training.diagnosis import first_non_finite
from tfflowgan.training.model import FlowGAN

__all__ = ["NonFiniteStop", "check_finite"]

_NAMES = {
    "loss": "the loss",
    "gradient_norm": "the gradient's norm",
    "critic_loss": "the critic's loss",
    "critic_gradient_norm": "the norm of the critic's gradient",
}


class NonFiniteStop(keras.callbacks.Callback):
    """Raises at the first loss or gradient that is not finite, and names the layer behind it."""

    def __init__(self, run: Run, batch: Callable[[int], dict]) -> None:
        """Creates the callback.

        Args:
          run: for the error message.
          batch: maps a step to its batch, so that a failed step can be repeated.
        """
        super().__init__()
        self._run, self._batch = run, batch

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        logs = logs or {}
        if any(not math.isfinite(_value(logs, name)) for name in _NAMES):
            step = self.model.step - 1
            check_finite(self.model, logs, self._run, self._batch(step), step)


def check_finite(model: FlowGAN, logs: dict, run: Run, batch: dict, step: int) -> None:
    """Checks the losses and gradient norms of a step.

    Args:
      model: the model that is trained.
      logs: losses and norms by name.
      run: for the error message.
      batch: the argument of `FlowGAN.train_step` at this step.
      step: generator step, counted from 0.

    Raises:
      UserError: a value is not finite. The message names the first layer, weight or input that is
        not.
    """
    for name, what in _NAMES.items():
        value = _value(logs, name)
        if not math.isfinite(value):
            critic = model.critic_trainer.critic if model.critic_trainer else None
            culprit = first_non_finite(model.generator, critic, model.objective, batch)
            raise UserError(
                f"training stopped at step {step}: {what} is {value}; the first thing that is not "
                f"finite is {culprit}. A lower --learning_rate, more --warmup_steps or a "
                f"--clip_norm may help; {describe_latest(run.checkpoints)}"
            )


def _value(logs, name):
    return float(np.ravel(logs[name])[0]) if name in logs else 0.0
