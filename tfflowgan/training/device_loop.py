"""Training by a program that takes many steps per call, with Keras' callbacks around each call.

A call ends where something has to happen on the host: at the end of a period and of the run, and at
snapshots. Otherwise it takes as many steps as fit into about a second, up to the program's most.
"""

import math
import time
from collections.abc import Callable, Iterable

import keras

from tfflowgan.portable import CallLength
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.program import NO_UPDATE, StepsProgram

__all__ = ["fit_by_program"]


def fit_by_program(
    model: FlowGAN,
    program: StepsProgram,
    length: CallLength,
    periods: range,
    steps: int,
    ends: Iterable[int],
    callbacks: list[keras.callbacks.Callback],
    check: Callable[[int, int, float], None] | None,
) -> None:
    """Trains from the model's step on, as Keras' `fit` does with one step per call.

    Args:
      model: what the program trains.
      program: takes the steps.
      length: of the calls.
      periods: the numbers of the periods.
      steps: generator steps per period.
      ends: generator steps at which a call has to end.
      callbacks: called before and after each call as if it were one batch.
      check: called with the step, a burst's update that is not finite, and NaN; expected to raise.
    """
    around = keras.callbacks.CallbackList(
        callbacks, model=model, epochs=periods.stop, steps=steps, verbose=0
    )
    ends = sorted(ends)
    model.stop_training = False
    around.on_train_begin()
    for period in periods:
        model.reset_metrics()
        around.on_epoch_begin(period)
        logs, done, calls = {}, 0, 0
        while done < steps and not model.stop_training:
            step = model.step
            stop = min([step + steps - done, *(end for end in ends if end > step)])
            count = length(stop - step)
            around.on_train_batch_begin(calls)
            begin = time.monotonic()
            logs, update = program(step, count)
            length.observe(count, time.monotonic() - begin)
            if check and update != NO_UPDATE:
                check(model.step - 1, update, math.nan)
            calls, done = calls + 1, done + model.step - step
            around.on_train_batch_end(calls - 1, logs)
        around.on_epoch_end(period, logs)
        if model.stop_training:
            break
    around.on_train_end()
