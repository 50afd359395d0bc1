"""Stopping at the first number that is not finite, with the name of what made it."""

import math
from collections.abc import Callable

import keras
import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.runs.checkpoints import describe_latest
from tfflowgan.runs.run import Run
from tfflowgan.training.diagnosis import first_non_finite

__all__ = ["NonFiniteStop", "check_finite"]

_WHAT = {
    "loss": "the loss",
    "gradient_norm": "the gradient's norm",
    "critic_loss": "the critic's loss",
    "critic_gradient_norm": "the norm of the critic's gradient",
}


class NonFiniteStop(keras.callbacks.Callback):
    """StopTraining the run at the first loss or gradient that is not finite and names the layer."""

    def __init__(self, run: Run, batch: Callable[[int], dict]):
        """Takes the run, and a function from a step to its batch, to make the offending one again."""
        super().__init__()
        self._run, self._batch = run, batch

    def on_train_batch_end(self, batch, logs=None):
        if any(not math.isfinite(_value(logs, name)) for name in _WHAT):
            step = self.model.step - 1
            check_finite(self.model, logs, self._run, self._batch(step), step)


def check_finite(model, logs: dict, run: Run, batch: dict, step: int) -> None:
    """Looks through the losses and norms of a step.

    Args:
      model: a `FlowGAN`.
      logs: its numbers by name.
      run: for the message.
      batch: what `FlowGAN.train_step` was given, or would be.
      step: of the generator, counted from 0.

    Raises:
      UserError: one of them is not finite; the sentence names the first thing that is not.
    """
    for name, what in _WHAT.items():
        value = _value(logs, name)
        if not math.isfinite(value):
            critic = model.critic_trainer.critic if model.critic_trainer else None
            culprit = first_non_finite(model.generator, critic, model.objective, batch)
            raise UserError(
                f"training stopped at step {step}: {what} is {value}; the first thing that is not finite is {culprit}. A lower "
                f"--learning_rate, more --warmup_steps or a --clip_norm may help; {describe_latest(run.checkpoints)}"
            )


def _value(logs, name):
    return float(np.ravel(logs[name])[0]) if name in logs else 0.0
