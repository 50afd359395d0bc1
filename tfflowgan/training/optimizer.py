"""Optimizers, and a learning rate schedule with warm-up and decay.

rate(t) = learning_rate * min(1, (t + 1) / warmup_steps) * decay(t)

constant       1
exponential    decay_rate^t
cosine         (1 + cos(pi t / total_steps)) / 2

The numbers of steps are variables, so that a compiled step can be timed before they are known.
"""

import math
from typing import Any

import keras
import tensorflow as tf

from tfflowgan.config import Config
from tfflowgan.keras_models import serializable
from tfflowgan.training.gradients import PreSummedGradients

__all__ = [
    "Adam",
    "FollowedRate",
    "LearningRate",
    "RMSprop",
    "build_critic_optimizer",
    "build_optimizer",
    "set_length",
]


@serializable
class LearningRate(keras.optimizers.schedules.LearningRateSchedule):
    """The learning rate schedule above. Steps t count from 0."""

    def __init__(
        self,
        learning_rate: float,
        decay: str = "constant",
        decay_rate: float | None = None,
        warmup_steps: int = 0,
        total_steps: int | None = None,
    ) -> None:
        """Creates the schedule.

        Args:
          learning_rate: the highest rate.
          decay: "constant", "exponential" or "cosine".
          decay_rate: factor per step, for "exponential".
          warmup_steps: number of steps over which the rate rises linearly.
          total_steps: the step at which "cosine" reaches zero.
        """
        self._config = {
            "learning_rate": learning_rate,
            "decay": decay,
            "decay_rate": decay_rate,
        }
        self._warmup_steps = _number(warmup_steps, "warmup_steps")
        self._total_steps = _number(total_steps or 1, "total_steps")
        self._ends = total_steps is not None

    def set_length(self, total_steps: int, warmup_steps: int) -> None:
        """Changes the step at which "cosine" reaches zero, and the steps of the rise."""
        self._total_steps.assign(total_steps)
        self._warmup_steps.assign(warmup_steps)
        self._ends = True

    def __call__(self, step: tf.Tensor | int) -> tf.Tensor:
        """The learning rate at a step, a float32 scalar."""
        c = self._config
        step = tf.cast(step, tf.float32)
        warm = tf.minimum(1.0, (step + 1.0) / tf.maximum(1.0, self._warmup_steps))
        if c["decay"] == "exponential":
            factor = tf.exp(step * math.log(c["decay_rate"]))
        elif c["decay"] == "cosine":
            factor = 0.5 * (1.0 + tf.cos(math.pi * tf.minimum(1.0, step / self._total_steps)))
        else:
            factor = 1.0
        return c["learning_rate"] * warm * factor

    def get_config(self) -> dict:
        """The arguments of the constructor."""
        total = int(self._total_steps.numpy()) if self._ends else None
        return self._config | {
            "warmup_steps": int(self._warmup_steps.numpy()),
            "total_steps": total,
        }


@serializable
class FollowedRate:
    """A schedule at the steps that another optimizer counts.

    Attributes:
      leader: that optimizer; set before the first step.
    """

    leader: keras.optimizers.Optimizer | None = None

    def __init__(self, rate: LearningRate) -> None:
        """Creates the rate.

        Args:
          rate: the schedule.
        """
        self.rate = rate

    def __call__(self) -> tf.Tensor:
        """The learning rate now, a float32 scalar."""
        if self.leader is None:
            raise ValueError("leader=None counts no steps; set the optimizer to follow.")
        return self.rate(keras.ops.convert_to_tensor(self.leader.iterations))

    def get_config(self) -> dict:
        """The schedule alone."""
        return {"rate": keras.saving.serialize_keras_object(self.rate)}

    @classmethod
    def from_config(cls, config: dict) -> "FollowedRate":
        """The same schedule, which follows no optimizer yet."""
        return cls(keras.saving.deserialize_keras_object(config["rate"]))


@serializable
class Adam(PreSummedGradients, keras.optimizers.Adam):
    """Keras' Adam, with one fused kernel per weight that updates the weight and both its moments.

    The values that all weights share are computed once per step, which also makes the graph
    smaller and faster to build.
    """

    def apply(self, grads: list, trainable_variables: list | None = None) -> None:
        """Takes one step."""
        self.__dict__["_common"] = {}
        return super().apply(grads, trainable_variables)

    def update_step(
        self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor
    ) -> None:
        """Updates one weight."""

        def handle(weight):  # under a strategy: on the device of this update
            return (weight.value if isinstance(weight, keras.Variable) else weight).handle

        dtype = variable.dtype
        if dtype not in self._common:
            self._common[dtype] = self._settings(learning_rate, dtype)
        i = self._get_variable_index(variable)
        m, v = handle(self._momentums[i]), handle(self._velocities[i])
        grad = tf.cast(gradient, dtype)
        tf.raw_ops.ResourceApplyAdam(
            var=handle(variable), m=m, v=v, grad=grad, **self._common[dtype]
        )

    def _settings(self, learning_rate, dtype):
        constants = (self.beta_1, self.beta_2, self.epsilon)
        beta1, beta2, epsilon = (tf.constant(number, dtype) for number in constants)
        step = tf.cast(keras.ops.convert_to_tensor(self.iterations) + 1, dtype)
        return {
            "lr": self.unless_skipped(tf.cast(learning_rate, dtype), 0.0),
            "beta1": self.unless_skipped(beta1, 1.0),
            "beta2": self.unless_skipped(beta2, 1.0),
            "epsilon": epsilon,
            "beta1_power": tf.pow(beta1, step),
            "beta2_power": tf.pow(beta2, step),
        }


@serializable
class RMSprop(PreSummedGradients, keras.optimizers.RMSprop):
    """RMSprop as in the original WGAN code.

        v <- rho v + (1 - rho) g^2,    w <- w - rate g / (sqrt(v) + epsilon)

    Keras divides by sqrt(v + epsilon) instead. That is the same if v is large. For the tiny
    gradients of a critic with clipped weights, its steps are smaller by orders of magnitude.
    """

    def update_step(
        self, gradient: tf.Tensor, variable: keras.Variable, learning_rate: tf.Tensor
    ) -> None:
        """Updates one weight."""
        gradient = keras.ops.cast(gradient, variable.dtype)
        velocity = self._velocities[self._get_variable_index(variable)]
        rho, rate = self.rho, keras.ops.cast(learning_rate, variable.dtype)
        if self.skipped is not None:
            rho = self.unless_skipped(tf.constant(rho, variable.dtype), 1.0)
            rate = self.unless_skipped(rate, 0.0)
        self.assign(velocity, rho * velocity + (1.0 - rho) * keras.ops.square(gradient))
        step = gradient / (keras.ops.sqrt(velocity) + self.epsilon)
        self.assign_sub(variable, rate * step)


def build_optimizer(config: Config, total_steps: int) -> keras.optimizers.Optimizer:
    """Builds the optimizer of the generator.

    Args:
      config: resolved. Without `warmup_steps` the rate does not rise before `set_length`.
      total_steps: generator steps of the whole run.
    """
    warmup = config.warmup_steps or 0
    rate = LearningRate(config.learning_rate, config.decay, config.decay_rate, warmup, total_steps)
    return _build(config, rate)


def build_critic_optimizer(config: Config, total_steps: int) -> keras.optimizers.Optimizer:
    """Builds the optimizer of the training critic.

    It is of the same kind as the generator's. Its learning rate decays with the generator's steps
    and has no warm-up (`FlowGAN.compile` makes it follow the generator's optimizer).

    Args:
      config: resolved.
      total_steps: generator steps of the whole run.
    """
    highest = config.critic_learning_rate or config.learning_rate
    rate = LearningRate(highest, config.decay, config.decay_rate, 0, total_steps)
    return _build(config, FollowedRate(rate))


def set_length(optimizer: keras.optimizers.Optimizer, total_steps: int, warmup_steps: int) -> None:
    """Changes the schedule of an optimizer that was built here; a critic's rate does not rise.

    Args:
      optimizer: from `build_optimizer` or `build_critic_optimizer`.
      total_steps: generator steps of the whole run.
      warmup_steps: those over which the generator's rate rises.
    """
    rate: Any = getattr(optimizer, "_learning_rate", None)
    if isinstance(rate, FollowedRate):
        rate.rate.set_length(total_steps, 0)
    elif isinstance(rate, LearningRate):
        rate.set_length(total_steps, warmup_steps)


def _number(value, name):
    """A number of steps, which every replica reads."""
    return tf.Variable(
        float(value),
        trainable=False,
        dtype=tf.float32,
        name=name,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )


def _build(config, rate):
    if config.optimizer == "rmsprop":
        return RMSprop(rate, config.rho, epsilon=config.epsilon)
    return Adam(rate, config.beta1, config.beta2, config.epsilon)
