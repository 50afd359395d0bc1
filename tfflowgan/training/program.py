"""Many generator steps, with all that belongs to them, as one XLA program.

    for step in first, ..., first + count - 1, as long as all is finite:
        the updates of the critic that a burst adds
        FlowGAN.train_step
        the updates of the independent critic

All images are on the device, as uint8. Order, noise, flips and latents are those of the input
pipeline, so a run may go on with the program or without it.
"""

import numpy as np
import tensorflow as tf

from tfflowgan import datasets
from tfflowgan.bijectors import sharding
from tfflowgan.config import Config
from tfflowgan.datasets import BURST, INDEPENDENT, Splits, prior_draws
from tfflowgan.errors import UserError
from tfflowgan.portable import BatchOrder
from tfflowgan.training.build import Components
from tfflowgan.training.schedule import CriticSchedule

__all__ = ["NO_UPDATE", "StepsProgram"]

_MOST_STEPS = 256  # of one call, unless --steps_per_call says otherwise
NO_UPDATE = -1
_MOST_IMAGES = 2**26  # of one call, whose numbers go to the device: 256 MiB
_CHECKED = ("loss", "gradient_norm", "critic_loss", "critic_gradient_norm")


class StepsProgram:
    """The program of a run, on one device.

    Attributes:
      steps: the most that one call takes.
      function: what is compiled, with the arguments of `arguments`.
    """

    def __init__(self, config: Config, splits: Splits, components: Components) -> None:
        """Prepares the program; it is traced and compiled by the first call.

        Args:
          config: resolved.
          splits: the images.
          components: all that is trained, created under no strategy.

        Raises:
          UserError: a call of `--steps_per_call` would have too many images.
        """
        most = _MOST_IMAGES // config.images_per_step
        steps = config.steps_per_call or min(_MOST_STEPS, max(1, most))
        if config.steps_per_call and steps > most:
            raise UserError(
                f"--steps_per_call={steps} is too many for steps of {config.images_per_step} "
                f"images; a call can take at most {most}."
            )
        self.steps = steps
        self._config, self._components = config, components
        self._splits = {"train": splits.train}
        if components.independent:
            self._splits["validation"] = splits.validation
        self._order = BatchOrder(len(splits.train), config.images_per_step, config.seed)
        self._images: dict[str, tf.Tensor] = {}
        self.function = tf.function(self._run, autograph=False, jit_compile=True)

    def __call__(self, first: int, count: int) -> tuple[dict[str, float], int]:
        """Takes steps.

        Args:
          first: the generator step to begin with, from 0.
          count: how many to take, at most `steps`. If a value is not finite, no step follows.

        Returns:
          The running means of the period, and the number of the last step's burst update that is
          not finite, or `NO_UPDATE`.
        """
        reports, update = self.function(*self.arguments(first, count))
        names = list(reports)
        values = tf.stack([tf.cast(reports[name], tf.float64) for name in names]).numpy()
        return dict(zip(names, values.tolist(), strict=True)), int(update)

    def arguments(self, first: int, count: int) -> tuple:
        """The arguments of `function`: images by split, rows `[steps, B]`, first step, count."""
        if not self._images:
            self._images = {name: tf.constant(s.images) for name, s in self._splits.items()}
        rows = np.zeros([self.steps, self._config.images_per_step], np.int32)
        rows[:count] = self._order(first, count)
        return self._images, tf.constant(rows), tf.constant(first), tf.constant(count)

    def _run(self, images, rows, first, count):
        with sharding.disabled():
            return self._steps(images, rows, first, count)

    def _steps(self, images, rows, first, count):
        model, config = self._components.model, self._config
        draws = prior_draws(model.generator)
        gather = {name: _gather(pixels) for name, pixels in images.items()}
        conditional = bool(model.critic_trainer and model.critic_trainer.conditional)
        batch_at = datasets.round_draws(
            self._splits["train"],
            model.generator,
            config.images_per_step,
            config.seed,
            bool(config.flips),
            config.critic_steps or 0,
            bool(config.reuse_batch),
            conditional,
            gather["train"],
        )
        shape = [config.images_per_step, *model.generator.image_shape]
        independent = self._independent_updates(draws, gather)
        burst = self._burst_updates(draws, gather["train"], conditional)

        def step(i, _, failed):
            at = first + i
            failed = burst(at)
            pixels = gather["train"](tf.reshape(tf.slice(rows, [i, 0], [1, shape[0]]), [shape[0]]))
            means = model.train_step(batch_at(at, tf.ensure_shape(pixels, shape)))
            independent(at)
            finite = [tf.math.is_finite(means[name]) for name in _CHECKED if name in means]
            return i + 1, tf.reduce_all(finite) & (failed == NO_UPDATE), failed

        _, _, failed = tf.while_loop(
            lambda i, finite, _: (i < count) & finite,
            step,
            (tf.constant(0), tf.constant(True), tf.constant(NO_UPDATE)),
        )
        return {mean.name: tf.identity(mean.result()) for mean in model.means}, failed

    def _burst_updates(self, draws, gather, conditional):
        """A function of the step: takes the updates of its burst, returns the one that fails."""
        config, model = self._config, self._components.model
        if not config.burst_steps:
            return lambda step: tf.constant(NO_UPDATE)
        usual = config.critic_steps or 0
        draw = self._draw("train", draws, bool(config.flips), BURST, gather, conditional)
        update = _updates(model.critic_trainer, model.generator, draw, usual)
        schedule = CriticSchedule.of(config)
        return lambda step: update(step, schedule.burst_updates(step))

    def _independent_updates(self, draws, gather):
        """A function of the step: takes the updates of the independent critic after it."""
        trainer = self._components.independent
        if trainer is None:
            return lambda step: None
        draw = self._draw("validation", draws, False, INDEPENDENT, gather["validation"], False)
        update = _updates(trainer, self._components.model.generator, draw, 0, stops=False)
        schedule = CriticSchedule.of(self._config, independent=True)
        return lambda step: update(step, schedule.steps + schedule.burst_updates(step))

    def _draw(self, split, draws, flips, stream, gather, extra):
        config = self._config
        return datasets.critic_draws(
            self._splits[split],
            draws,
            config.images_per_step,
            config.seed,
            flips,
            stream,
            extra,
            gather,
        )


def _gather(pixels):
    return lambda indices: tf.gather(pixels, indices)


def _updates(trainer, generator, draw, first, stops=True):
    """A function (step, count) that updates a critic, and returns the update that fails.

    If one does, no other follows, where `stops` says so.
    """

    def take(step, count):
        def one(i, _):
            batch = draw(step, first + i, 1)
            batch = tf.nest.map_structure(lambda t: tf.cast(t, generator.dtype), batch)
            loss = trainer.update(generator, batch)["critic_loss"]
            return i + 1, tf.where(tf.math.is_finite(loss), NO_UPDATE, first + i)

        _, failed = tf.while_loop(
            lambda i, failed: (
                (i < tf.cast(count, tf.int32)) & ((failed == NO_UPDATE) | (not stops))
            ),
            one,
            (tf.constant(0), tf.constant(NO_UPDATE)),
        )
        return failed

    return take
