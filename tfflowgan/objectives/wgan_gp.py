"""Wasserstein GAN with a gradient penalty.

    critic      max_f  E_data f(x) - E_model f(x) - w E (|grad f(y)| - 1)^2
                y = e x_model + (1 - e) x_data,  one e ~ U[0, 1] per image
                (Gulrajani et al., 2017, Eq. 3)
    generator   min_G  -E_model f(G(z))
    distance    E_data f(x) - E_model f(x)

The norm is taken over all values of an image (`penalty_axes="image"`). It is computed as
sqrt(sum + 1e-12), which has a gradient at 0. Flow-GAN's code takes the norm over the rows of each
column and channel separately (`penalty_axes="columns"`), which pushes the norm of every column to 1
and that of the image to about sqrt(W C). Scores, and hence likelihood weights, are not comparable
between the two.
"""

from collections.abc import Callable

import tensorflow as tf

from tfflowgan.errors import UserError
from tfflowgan.objectives._objective import Objective
from tfflowgan.objectives._wasserstein import Wasserstein

__all__ = ["PENALTY_AXES", "PenalizedWasserstein", "build", "gradient_penalty"]

PENALTY_AXES = {"image": (1, 2, 3), "columns": (1,)}


class PenalizedWasserstein(Wasserstein):
    """The Wasserstein distance, estimated by a critic with a gradient penalty."""

    penalizes_gradients = True

    def __init__(self, penalty_weight: float, penalty_axes: str):
        """Creates the adversary.

        Args:
          penalty_weight: w, greater than 0.
          penalty_axes: a key of `PENALTY_AXES`, the axes of the norm.

        Raises:
          UserError: there are no such axes, or w is not positive.
        """
        if penalty_axes not in PENALTY_AXES:
            raise UserError(
                f"--penalty_axes={penalty_axes} is not known; it can be {', '.join(PENALTY_AXES)}."
            )
        if not penalty_weight > 0:
            raise UserError(f"--penalty_weight={penalty_weight} must be greater than 0.")
        self._weight, self._axes = penalty_weight, PENALTY_AXES[penalty_axes]

    def critic_loss(
        self,
        critic: Callable[..., tf.Tensor],
        real: tf.Tensor,
        generated: tf.Tensor,
        mix: tf.Tensor,
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """Returns the weighted penalty minus the distance, and the distance."""
        loss, distance = super().critic_loss(critic, real, generated, mix)
        penalty = gradient_penalty(critic, real, generated, mix, self._axes)
        return loss + self._weight * penalty, distance


def gradient_penalty(
    critic: Callable[..., tf.Tensor],
    real: tf.Tensor,
    generated: tf.Tensor,
    mix: tf.Tensor,
    axes: tuple[int, ...] = (1, 2, 3),
) -> tf.Tensor:
    """Returns the mean of (|grad f| - 1)^2 at interpolations between real and generated images.

    Args:
      critic: maps images to scores `[B]`; each score depends on its own image alone.
      real: `[B, H, W, C]`.
      generated: of the same shape.
      mix: the weight of the generated image, `[B]`.
      axes: the axes over which the norm is taken.
    """
    between = real + tf.reshape(mix, [-1, 1, 1, 1]) * (generated - real)
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(between)
        scores = critic(between, training=True)
    gradients = tape.gradient(scores, between)
    norms = tf.sqrt(tf.reduce_sum(tf.square(gradients), axis=axes) + 1e-12)
    return tf.reduce_mean(tf.square(norms - 1.0))


def build(penalty_weight: float = 10.0, penalty_axes: str = "image") -> Objective:
    """Builds the objective.

    Args:
      penalty_weight: w.
      penalty_axes: "image", or "columns" as in Flow-GAN's published code.

    Raises:
      UserError: an argument is out of range.
    """
    return Objective(PenalizedWasserstein(penalty_weight, penalty_axes), nll_weight=0.0)
