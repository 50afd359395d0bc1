"""Ctrl-C and SIGTERM, which wait for the end of a call."""

import signal
import threading
from typing import Any, Self

__all__ = ["Interruption"]


class Interruption:
    """Lets signals wait inside a `with` block, so that a state belongs to its step.

    Attributes:
      asked: whether one came.
    """

    def __enter__(self) -> Self:
        """Takes the signals over, in the main thread."""
        self.asked = False
        self._before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            numbers = (signal.SIGINT, signal.SIGTERM)
            self._before = {n: signal.signal(n, self._ask) for n in numbers}
        return self

    def __exit__(self, *error: object) -> None:
        """Gives them back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, number, frame):
        self.asked = True
