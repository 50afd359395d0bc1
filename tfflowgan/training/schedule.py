"""How many updates a critic gets per generator step.

    usual    `steps` updates before every generator step
    burst    `burst_steps` updates instead, before each of the first `burst_first` generator steps
             and before every `burst_every`-th one
             (Danihelka et al., 2017, section 2.2: 5; 100, 25, 500)

The usual updates are part of the training step. The additional updates of a burst run before that
step, one at a time.
"""

import dataclasses

import tensorflow as tf

from tfflowgan.config import Config

__all__ = ["CriticSchedule"]


@dataclasses.dataclass(frozen=True)
class CriticSchedule:
    """The number of critic updates per generator step.

    Attributes:
      steps: usual updates per generator step.
      burst_steps: updates per generator step in a burst; at most `steps` means no bursts.
      burst_first: there is a burst before each of the first `burst_first` generator steps.
      burst_every: there is also one before every `burst_every`-th generator step; 0 for none.
    """

    steps: int
    burst_steps: int = 0
    burst_first: int = 0
    burst_every: int = 0

    @classmethod
    def of(cls, config: Config, independent: bool = False) -> "CriticSchedule":
        """The schedule of the training critic, or of the independent critic."""
        steps = config.independent_steps if independent else config.critic_steps
        bursts = (config.burst_steps, config.burst_first, config.burst_every)
        return cls(steps or 0, *(number or 0 for number in bursts))

    @property
    def burst_end(self) -> int | None:
        """The first generator step from which on there are no bursts; None if they never end."""
        return None if self.burst_every else self.burst_first

    def burst_updates(self, step: tf.Tensor | int) -> tf.Tensor:
        """The updates that a burst adds before a generator step (from 0); an int64 scalar."""
        step = tf.cast(step, tf.int64)
        burst = step < self.burst_first
        if self.burst_every:
            burst |= step % self.burst_every == 0
        return tf.where(burst, tf.constant(max(0, self.burst_steps - self.steps), tf.int64), 0)

    def total_burst_updates(self, steps: int) -> int:
        """The updates that bursts add in total before the first `steps` generator steps."""
        first = min(self.burst_first, steps)
        later = 0
        if self.burst_every:
            later = -(-steps // self.burst_every) - -(-first // self.burst_every)
        return (first + later) * max(0, self.burst_steps - self.steps)
