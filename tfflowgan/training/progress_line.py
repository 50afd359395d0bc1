"""What a training shows while it runs: one line, renewed on a terminal, else every half minute.

    step 1,200/5,000, 3.214 bits/dim (validation 3.198), rate 0.00048, 512 images/s, 3 min left

Bits/dim of training images are the mean since the last evaluation; without a density, the loss.
Images per second are those of steps alone, and the time left counts evaluations too.
"""

import shutil
import time
from collections.abc import Callable

import keras
import numpy as np

from tfflowgan import units
from tfflowgan.training.stopping import StoppingRule

__all__ = ["ProgressLine"]

_RENEW = 0.5  # seconds, on a terminal
_LINES = 30.0  # seconds, elsewhere


class ProgressLine(keras.callbacks.Callback):
    """Writes the line to standard output. Must come after the measurements of an evaluation."""

    def __init__(
        self,
        rule: StoppingRule,
        batch_size: int,
        row: Callable[[], dict],
        terminal: bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Creates the callback.

        Args:
          rule: knows the length of the run and its periods.
          batch_size: images per step.
          row: gives the newest line of metrics.
          terminal: whether to renew one line instead of writing several.
          clock: gives the time in seconds.
        """
        super().__init__()
        self._rule, self._batch_size, self._row = rule, batch_size, row
        self._terminal, self._clock = terminal, clock
        self._compiled, self._width, self._at = False, 0, 0
        self._steps, self._seconds, self._evaluation = 0, 0.0, 0.0
        self._shown = self._mark = clock()

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._mark, self._at = self._clock(), self.model.step

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        now, step = self._clock(), self.model.step
        if self._compiled:
            self._steps += step - self._at
            self._seconds += now - self._mark
        self._compiled, self._mark, self._at = True, now, step
        if now - self._shown >= (_RENEW if self._terminal else _LINES) and self._steps:
            self._show(logs or {}, last=not self._terminal)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        seconds = self._clock() - self._mark
        self._evaluation = min(seconds, self._evaluation or seconds)  # the first one compiles
        self._show(logs or {}, last=True)

    def close(self) -> None:
        """Ends a line that would have been renewed."""
        if self._width:
            print(flush=True)
            self._width = 0

    def text(self, logs: dict) -> str:
        """The line.

        Args:
          logs: the running means of the period.
        """
        model, rule = self.model, self._rule
        parts = [f"step {model.step:,}/{rule.total_steps:,}", self._quality(logs)]
        parts.append(f"rate {float(keras.ops.convert_to_numpy(model.optimizer.learning_rate)):.2g}")
        if self._steps:
            step = self._seconds / self._steps
            left = max(0, rule.total_steps - model.step)
            evaluations = -(-left // rule.period)
            seconds = left * step + evaluations * self._evaluation
            speed = self._batch_size / max(step, 1e-9)
            parts.append(f"{speed:,.0f} images/s" if speed >= 10 else f"{speed:.2g} images/s")
            if left:
                parts.append(f"{units.duration(seconds)} left")
        return ", ".join(parts)

    def _quality(self, logs):
        values = {name: float(np.ravel(value)[0]) for name, value in logs.items()}
        if "nll" in values:
            dims = self.model.generator.dims
            text = f"{units.bits_per_dim(-values['nll'], dims):.3f} bits/dim"
        else:
            text = f"loss {values.get('loss', float('nan')):.4g}"
        validation = self._row().get("validation_bits_per_dim")
        if validation is not None:
            text += f" (validation {validation:.3f})"
        return text + (f", distance {values['distance']:.3g}" if "distance" in values else "")

    def _show(self, logs, last):
        text = self.text(logs)
        if self._terminal:
            text = text[: shutil.get_terminal_size().columns - 1]
            print("\r" + text.ljust(self._width), end="\n" if last else "", flush=True)
            self._width = 0 if last else len(text)
        else:
            print(text, flush=True)
        self._shown = self._clock()
        if last:
            self._steps, self._seconds = 0, 0.0
