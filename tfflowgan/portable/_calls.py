"""How many steps a call of a program takes."""

__all__ = ["CallLength"]

_SECONDS = 1.0  # per call, so that a run can be stopped and shows its progress


class CallLength:
    """A fixed number of steps per call, or as many as take about a second."""

    def __init__(self, most: int, fixed: int | None = None) -> None:
        """Creates the rule.

        Args:
          most: steps that the program can take.
          fixed: the number asked for; None for about a second's worth.
        """
        self._most, self._steps, self._fixed = most, fixed or 1, fixed is not None
        self._step_seconds = 0.0

    def __call__(self, left: int) -> int:
        """The steps of the next call, of which `left` are left until it has to end."""
        return min(self._steps, self._most, left)

    @property
    def seconds(self) -> float:
        """What the next call takes, as far as is known."""
        return self._steps * self._step_seconds

    def observe(self, steps: int, seconds: float) -> None:
        """Takes note of how long a call took."""
        self._step_seconds = seconds / steps
        if not self._fixed and steps == self._steps:
            fitting = int(_SECONDS * steps / max(seconds, 1e-9))
            self._steps = max(1, min(2 * self._steps, fitting, self._most))
