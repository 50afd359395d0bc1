"""A run with everything it trains, built and ready: its length is settled, and steps are taken."""

import logging

import keras
import tensorflow as tf

from tfflowgan import tf32
from tfflowgan.config import Config, parse_steps
from tfflowgan.datasets import Splits, rounds
from tfflowgan.generators import Generator
from tfflowgan.portable import CallLength
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.run import Run
from tfflowgan.training import minutes
from tfflowgan.training.build import build_components
from tfflowgan.training.callback_list import build_callbacks, step_callbacks
from tfflowgan.training.device_loop import fit_by_program
from tfflowgan.training.given import Given
from tfflowgan.training.jit import (
    gradients_compile,
    no_program,
    refuse_gradients,
    takes_program,
)
from tfflowgan.training.length import planned_steps, settle
from tfflowgan.training.optimizer import set_length
from tfflowgan.training.program import StepsProgram
from tfflowgan.training.stopping import StoppingRule
from tfflowgan.training.strategy import chief_broadcast

__all__ = ["Session"]

_log = logging.getLogger(__name__)


class Session:
    """Everything that one process needs to train a run.

    Attributes:
      run, splits: as given.
      config: settled for the number of steps (see `tfflowgan.training.length`).
      rule: decides when the run is over.
      epoch_steps, planned: generator steps per epoch, and of the run without a limit of time.
      components, model, checkpoints: what is trained, and what saves it.
      steps: the callbacks that are part of a step.
      broadcast: see `tfflowgan.training.strategy.chief_broadcast`.
    """

    def __init__(
        self,
        run: Run,
        config: Config,
        splits: Splits,
        strategy: tf.distribute.Strategy,
        given: Given,
        built: Generator | None = None,
    ) -> None:
        """Builds everything, with random weights unless a generator is given.

        Args:
          run: where checkpoints and records go.
          config: resolved and checked.
          splits: the images.
          strategy: where to compute.
          given: what a program brings along.
          built: the generator of the configuration, if it has just been built.
        """
        self.run, self._open, self.splits, self._strategy = run, config, splits, strategy
        self._given, self._compiled = given, False
        self.broadcast = chief_broadcast(strategy)
        self.epoch_steps = len(splits.train) // config.images_per_step
        self.planned = planned_steps(config, self.epoch_steps)
        with strategy.scope():
            self.components = build_components(
                config, splits.image_shape, self.planned, built, given.generator, given.own
            )
        self.model, others = self.components.model, {}
        if self.model.critic_trainer:
            others["critic"] = self.model.critic_trainer
        if self.components.independent:
            others["independent"] = self.components.independent
        if self.model.loss_scale:
            others["loss_scale"] = self.model.loss_scale
        self.checkpoints = Checkpoints(
            run.checkpoints,
            generator=self.model.generator,
            optimizer=self.model.optimizer,
            means=self.model.means,
            progress=self.components.progress,
            **others,
        )
        self._program = self._compile() if given.instead is None else None
        self.steps = self._step_callbacks()
        self.settle(None)

    def settle(self, fitting: int | None) -> None:
        """Fixes what depends on the number of steps.

        Args:
          fitting: the steps that fit into `--minutes`; None if all that are planned are to be
            taken.
        """
        config, total = self._open, self.planned
        length = "epochs" if config.steps is None else "steps"
        if fitting is not None and fitting < total:
            total, length = fitting, "minutes"
        self.config = settle(config, self.epoch_steps, total)
        set_length(self.model.optimizer, total, self.config.warmup_steps or 0)
        if self.model.critic_optimizer is not None:
            set_length(self.model.critic_optimizer, total, 0)
        progress = self.components.progress
        self.rule = StoppingRule(self.config, progress, self.epoch_steps, total, length)

    def try_steps(self, seconds: float) -> minutes.Rate:
        """Times a few steps from here, and takes them back.

        Args:
          seconds: that are left to the run.
        """
        step = self.model.step
        trial = minutes.Trial(seconds, self.planned - step, self.broadcast)
        with self.checkpoints.taken_back():
            callbacks = [*self.steps.callbacks, trial]
            self.take(0, 1, minutes.UNBOUNDED, callbacks, minutes.MOST_PER_CALL)
        self.model.stop_training = False
        return trial.rate(self._open)

    def callbacks(self) -> list:
        """All callbacks of the run; those of a step come first."""
        with self._strategy.scope():
            return build_callbacks(
                self.run,
                self.config,
                self.splits,
                self.components,
                self.checkpoints,
                self.rule,
                self.steps,
                self.broadcast,
                self._given,
            )

    def moments(self) -> list[str]:
        """The names of the moments of all optimizers, as in `Checkpoints.variables`."""
        optimizers = [self.model.optimizer]
        for trainer in (self.model.critic_trainer, self.components.independent):
            optimizers += [trainer.optimizer] if trainer else []
        theirs = {id(v.value.handle) for o in optimizers for v in o.variables if v.value.shape.rank}
        return [n for n, v in self.checkpoints.variables().items() if id(v.handle) in theirs]

    def record(self) -> None:
        """Records an evaluation at the current step, and writes its checkpoint."""
        around = keras.callbacks.CallbackList(
            self.callbacks(), model=self.model, epochs=1, steps=self.rule.period, verbose=0
        )
        around.on_train_begin()
        period = -(-self.model.step // self.rule.period) - 1
        around.on_epoch_end(period, {mean.name: mean.result() for mean in self.model.means})
        around.on_train_end()

    def take(
        self, first: int, last: int, steps: int, callbacks: list, most: int | None = None
    ) -> None:
        """Trains the periods `first` to `last - 1`, of `steps` steps each, from the current step.

        Args:
          first: the number of the first period.
          last: the number of the period after the last.
          steps: generator steps per period.
          callbacks: called by Keras.
          most: steps per call of a program; None for as many as it takes.
        """
        if self._program is not None:
            self._take_by_program(self._program, range(first, last), steps, callbacks, most)
            return
        self._begin_compiling()
        # `Monitor` measures without TF32
        with gradients_compile(self._open), tf32.allowed(self._open.tf32):
            self.model.fit(
                self._rounds(self.model.step),
                initial_epoch=first,
                epochs=last,
                steps_per_epoch=steps,
                callbacks=callbacks,
                shuffle=False,
                verbose=0,  # `ProgressLine` shows more
            )

    def _begin_compiling(self):
        if not self._compiled:
            _log.info("Compiling the first step, which takes a while.")
            self._compiled = True
            if self._given.interruption:
                self._given.interruption.begin_compiling()

    def _compile(self):
        """Lets XLA compile what `--jit` says; the program, or None if each step is called."""
        config, program = self._open, None
        if takes_program(config, self.splits, self._strategy):
            program = self._compiled_program()
        elif config.jit == "on" and not self.model.compile_gradients():
            raise refuse_gradients(self.splits, self._strategy)
        if config.steps_per_call and program is None:
            _log.warning(
                "--steps_per_call=%d does nothing here: no program takes the steps (see --jit).",
                config.steps_per_call,
            )
        return program

    def _compiled_program(self):
        """The program, or None if XLA cannot compile it."""
        config = self._open
        program = StepsProgram(config, self.splits, self.components)
        self._begin_compiling()
        try:
            with tf32.allowed(config.tf32):  # XLA reads it when it compiles
                program(0, 0)  # no step
        except (tf.errors.OpError, TypeError, ValueError, NotImplementedError) as error:
            no_program(config, error)
            self._compiled = False
            return None
        return program

    def _take_by_program(self, program, periods, steps, callbacks, most):
        asked = self._open.steps_per_call
        most = min(program.steps, most or program.steps)
        length = CallLength(most, asked and min(asked, most))
        ends = [*parse_steps(self.config.snapshots), self.rule.total_steps]
        bursts = self.steps.bursts
        fit_by_program(
            self.model, program, length, periods, steps, ends, callbacks, bursts and bursts.check
        )

    def _step_callbacks(self):
        with self._strategy.scope():  # critics are updated and measured on every device
            return step_callbacks(
                self.run,
                self._open,
                self.splits,
                self.components,
                lambda step: next(iter(self._rounds(step))),
                self._program is not None,
            )

    def _rounds(self, step):
        """The batches of all generator steps from `step` on."""
        config, trainer = self._open, self.model.critic_trainer
        return rounds(
            self.splits.train,
            self.model.generator,
            config.images_per_step,
            config.seed,
            step,
            bool(config.flips),
            config.critic_steps or 0,
            bool(config.reuse_batch),
            bool(trainer and trainer.conditional),
        )
