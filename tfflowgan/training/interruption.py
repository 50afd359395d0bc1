"""Ctrl-C and SIGTERM while a command trains.

    before the first step    the command ends at once: there is nothing to lose
    while it takes steps     it ends after the current one, with a checkpoint
    asked a second time      it ends at once

TensorFlow compiles a step in C++ for seconds to minutes, where Python's handlers do not run. So a
thread hears of signals through a pipe. It ends the process if the main thread does not, while a
step is compiled and where the user insists.
"""

import contextlib
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator

import keras

from tfflowgan.errors import Interrupted
from tfflowgan.runs.checkpoints import Checkpoints

__all__ = ["Interruption", "StopWhenAsked"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_PATIENCE = 1.5  # seconds that the main thread has to end by itself
_NOTICE = b"Ending after this step, with a checkpoint. A second time ends at once.\n"


class Interruption:
    """Whether the process has been asked to end.

    Attributes:
      stepping: whether the training state may be saved after the current step. A request waits for
        that only while this is true.
      asked: the number of the signal that asked, or 0.
    """

    def __init__(self, name: str) -> None:
        """Creates the object; nothing listens before `listening`.

        Args:
          name: of the command, for its last message.
        """
        self.stepping, self.asked = False, 0
        self._name, self._compiling, self._left = name, False, threading.Event()

    def begin_compiling(self) -> None:
        """Lets a request end the process, from now until the first step has ended."""
        self._compiling = True

    def begin_steps(self) -> None:
        """Makes requests wait for the end of a step from now on."""
        self.stepping, self._compiling = True, False

    @contextlib.contextmanager
    def listening(self) -> Iterator["Interruption"]:
        """Listens to both signals inside. Outside the main thread it does not."""
        if threading.current_thread() is not threading.main_thread():
            yield self
            return
        heard, told = socket.socketpair()
        told.setblocking(False)
        before = {number: signal.signal(number, self._handle) for number in _SIGNALS}
        old = signal.set_wakeup_fd(told.fileno(), warn_on_full_buffer=False)
        threading.Thread(target=self._watch, args=(heard,), daemon=True).start()
        try:
            yield self
        finally:
            self._left.set()
            signal.set_wakeup_fd(old)
            for number, handler in before.items():
                signal.signal(number, handler)
            told.close()

    def _handle(self, number, frame):
        if self.stepping and not self.asked:
            self.asked = number
            os.write(2, _NOTICE)
        else:
            raise Interrupted(number)

    def _watch(self, heard):
        """Ends the process if it may and the main thread does not."""
        requests = 0
        with heard:
            while numbers := heard.recv(16):
                for number in [number for number in numbers if number in _SIGNALS]:
                    requests += 1
                    if self._may_exit(requests) and not self._left.wait(_PATIENCE):
                        if self._may_exit(requests):  # no step has ended meanwhile
                            end = Interrupted(number)
                            os.write(2, f"{self._name}: {end}\n".encode())
                            os._exit(end.code)

    def _may_exit(self, requests):
        return self._compiling or requests > 1


class StopWhenAsked(keras.callbacks.Callback):
    """Saves the training state after the step in which the process was asked to end, and ends it.

    The last step of a period waits for its evaluation, as in `Checkpointing`. With several workers
    the chief's request counts. Must come after `Checkpointing`.
    """

    def __init__(
        self,
        interruption: Interruption,
        checkpoints: Checkpoints,
        period: int,
        broadcast: Callable[[float], float],
    ) -> None:
        """Creates the callback.

        Args:
          interruption: knows whether the process has been asked.
          checkpoints: saves the training state.
          period: generator steps between two evaluations.
          broadcast: see `tfflowgan.training.strategy.chief_broadcast`.
        """
        super().__init__()
        self._interruption, self._checkpoints = interruption, checkpoints
        self._period, self._broadcast = period, broadcast

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._interruption.begin_steps()
        number = int(self._broadcast(float(self._interruption.asked)))
        evaluated_next = self.model.stop_training or not self.model.step % self._period
        if number and not evaluated_next:
            self._checkpoints.save(self.model.step)
            self._end(number)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        if number := int(self._broadcast(float(self._interruption.asked))):
            self._end(number)

    def _end(self, number):
        raise Interrupted(
            number,
            f"stopped after step {self.model.step}, whose checkpoint is written; the same command "
            "continues from there.",
        )
