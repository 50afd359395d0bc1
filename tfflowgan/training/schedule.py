"""When a critic is updated, and on what.

    usual      `steps` updates before every generator step
    a burst    `burst_steps` instead, before the first `burst_first` generator steps and before every `burst_every`-th
               (Danihelka et al., 2017, section 2.2: 5; 100, 25, 500)

The usual updates are part of the training step; what a burst adds beyond them runs before it, one update at a time.
"""

import dataclasses

import tensorflow as tf

__all__ = ["CriticSchedule"]


@dataclasses.dataclass(frozen=True)
class CriticSchedule:
    """How many updates a generator step gets."""

    steps: int
    burst_steps: int = 0
    burst_first: int = 0
    burst_every: int = 0

    @property
    def end(self) -> int | None:
        """The step from which on there are no bursts, or None if they go on."""
        return None if self.burst_every else self.burst_first

    def extra(self, step) -> tf.Tensor:
        """The updates beyond the usual ones before a generator step, counted from 0."""
        step = tf.cast(step, tf.int64)
        burst = step < self.burst_first
        if self.burst_every:
            burst |= step % self.burst_every == 0
        return tf.where(burst, tf.constant(max(0, self.burst_steps - self.steps), tf.int64), 0)

    def extra_of_all(self, steps: int) -> int:
        """The updates beyond the usual ones before the first `steps` generator steps together."""
        first = min(self.burst_first, steps)
        later = -(-steps // self.burst_every) - -(-first // self.burst_every) if self.burst_every else 0
        return (first + later) * max(0, self.burst_steps - self.steps)
