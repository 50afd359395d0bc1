"""Building everything that a run trains from its configuration."""

import contextlib
import dataclasses
import random

import keras

from tfflowgan import critics, objectives
from tfflowgan.config import Config
from tfflowgan.generators import Generator, build_spec
from tfflowgan.runs.load import build_generator
from tfflowgan.runs.parts import critic_part, objective_part
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.critic_updates import build_independent_critic
from tfflowgan.training.loss_scale import LossScale
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.optimizer import build_critic_optimizer, build_optimizer
from tfflowgan.training.own_parts import NO_PARTS, OwnParts
from tfflowgan.training.stopping import Progress

__all__ = ["Components", "build_components"]


@dataclasses.dataclass
class Components:
    """Everything that a run trains, with all variables created.

    Attributes:
      model: generator, objective and training critic, compiled.
      independent: the independent critic, or None.
      progress: the run's counters.
    """

    model: FlowGAN
    independent: CriticTrainer | None
    progress: Progress


def build_components(
    config: Config,
    image_shape: tuple[int, int, int],
    total_steps: int,
    built: Generator | None = None,
    given: Generator | None = None,
    own: OwnParts = NO_PARTS,
) -> Components:
    """Builds everything that a run trains, in the scope of the current strategy.

    Args:
      config: resolved.
      image_shape: `(H, W, C)`.
      total_steps: generator steps of the run, for the learning rate schedules.
      built: the generator of `config`, if it has just been built; None to build it.
      given: a generator to be trained as it is, in place of the one of `config`. The weights of
        critics are a function of `config.seed`, and the same in both cases.
      own: parts that take the place of those of `config`.
    """
    if given is not None:
        with _seeds_after_building(given, config):
            return _components(config, image_shape, total_steps, given, own)
    generator = built or build_generator(config, image_shape)
    return _components(config, image_shape, total_steps, generator, own)


def _components(config, image_shape, total_steps, generator, own):
    objective = own.objective or objectives.build_part(objective_part(config))
    optimizer = build_optimizer(config, total_steps)
    trainer = None
    if objective.adversary:
        critic, dtype = own.critic, config.critic_dtype or generator.dtype
        if critic is None:
            part = critic_part(config, objective.adversary)
            critic = critics.build_part(part, image_shape, dtype)
        elif not isinstance(critic, keras.Model):
            critic = critics.build(critic, image_shape, dtype=dtype)
        critic_optimizer = build_critic_optimizer(config, total_steps)
        trainer = CriticTrainer(critic, objective.adversary, critic_optimizer)
    scale = LossScale() if config.network_dtype == "mixed_float16" else None
    model = FlowGAN(generator, objective, trainer, config.clip_norm or None, scale)
    # XLA compiles what `--jit` says (`tfflowgan.training.jit`), and nothing else.
    model.compile(optimizer=optimizer, jit_compile=False)
    model.build_optimizer()
    independent = build_independent_critic(generator) if config.independent_critic else None
    return Components(model, independent, Progress())


@contextlib.contextmanager
def _seeds_after_building(generator, config):
    """Keras' seeds as they are after `bin/train` has built the generator; then as they were.

    Keras takes the seed of every new weight from Python's `random`. So a copy of the generator is
    built, and dropped, if critics follow.
    """
    before = random.getstate()
    random.seed(config.seed)
    try:
        if (config.critic or config.independent_critic) and generator.built_by_name:
            build_spec(generator.spec)
        yield
    finally:
        random.setstate(before)
