"""The work of steps, in updates of one network, by which times of few steps become those of many.

    work(N) = N (1 + critic_steps + independent_steps) + updates that bursts add

A burst of the independent critic is as much longer as that of the training critic.
"""

from tfflowgan.config import Config
from tfflowgan.training.schedule import CriticSchedule

__all__ = ["burst_updates", "steps_within", "updates_per_step", "work"]


def updates_per_step(config: Config) -> int:
    """Updates of a usual step: the generator's, and those of both critics.

    Args:
      config: resolved.
    """
    return 1 + (config.critic_steps or 0) + (config.independent_steps or 0)


def burst_updates(config: Config, steps: int) -> int:
    """Updates that bursts add before the first `steps` generator steps."""
    if not config.burst_steps:
        return 0
    return CriticSchedule.of(config).total_burst_updates(steps) * (
        2 if config.independent_steps else 1
    )


def work(config: Config, steps: int) -> int:
    """Updates of the first `steps` generator steps."""
    return steps * updates_per_step(config) + burst_updates(config, steps)


def steps_within(config: Config, updates: float) -> int:
    """The most generator steps that take no more than so many updates."""
    low, high = 0, 1
    while work(config, high) <= updates:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if work(config, middle) <= updates else (low, middle)
    return low
