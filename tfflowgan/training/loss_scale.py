"""Dynamic loss scaling, without which the small gradients of float16 networks vanish.

    differentiated     scale x loss / replicas
    gradient           what comes back / scale
    not finite         an overflow: no weight and no moment moves, scale <- scale / 2
    1,000 steps        without an overflow: scale <- 2 x scale

(Micikevicius et al., 2018, section 3.2.) The gradient has been summed over replicas before it is
looked at, so all replicas decide alike. Likelihoods in nats per image have gradients near the
greatest number of float16, 65,504, so the scale begins low and may fall below 1. At the least scale
a gradient that is not finite is an error, as without scaling. `tfflowgan.training.gradients` alone
uses it.
"""

import tensorflow as tf

__all__ = ["LossScale"]

_FIRST, _LEAST, _MOST = 2.0**6, 2.0**-14, 2.0**24
_STEPS = 1000.0


class LossScale(tf.Module):
    """The scale, and the steps since it changed; both are part of a run's state."""

    def __init__(self) -> None:
        """Creates the variables, in the scope of the current strategy."""
        super().__init__()
        self.value = _variable(_FIRST, "loss_scale")
        self._good = _variable(0.0, "good_steps")

    def update(self, finite: tf.Tensor) -> tf.Tensor:
        """Notes how a step went.

        Args:
          finite: whether its gradient was, a boolean scalar.

        Returns:
          Whether the step must be skipped: the gradient overflowed because of the scale.
        """
        value = tf.convert_to_tensor(self.value)
        skipped = tf.logical_and(tf.logical_not(finite), value > _LEAST)
        good = tf.where(finite, tf.convert_to_tensor(self._good) + 1.0, 0.0)
        grows = good >= _STEPS
        grown = tf.where(grows, tf.minimum(2.0 * value, _MOST), value)
        self.value.assign(tf.where(finite, grown, tf.maximum(value / 2.0, _LEAST)))
        self._good.assign(tf.where(grows, 0.0, good))
        return skipped


def _variable(value, name):
    """A number that every replica has and changes alike."""
    return tf.Variable(
        value,
        trainable=False,
        dtype=tf.float32,
        name=name,
        aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
    )
