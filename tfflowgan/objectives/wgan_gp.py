"""Wasserstein GAN with a gradient penalty.

    critic      max_f  E_data f(x) - E_model f(x) - w E (|grad f(y)| - 1)^2        (Gulrajani et al., 2017, Eq. 3)
                y = e x_model + (1 - e) x_data,  e ~ U[0, 1], one an image
    generator   min_G  -E_model f(G(z))
    distance    E_data f(x) - E_model f(x)

The norm is over all of an image's values (`penalty_axes="image"`), sqrt(sum + 1e-12), so that it has a gradient at 0.
Flow-GAN's code takes it over the rows of each column and channel alone (`penalty_axes="columns"`), which pushes every
column's norm to 1 and the image's to about sqrt(W C): scores, and with them the weight of a likelihood, are not
comparable between the two.
"""

import tensorflow as tf

from tfflowgan.errors import UserError
from tfflowgan.objectives._objective import Objective
from tfflowgan.objectives._wasserstein import Wasserstein

__all__ = ["PENALTY_AXES", "PenalisedWasserstein", "build", "gradient_penalty"]

PENALTY_AXES = {"image": (1, 2, 3), "columns": (1,)}


class PenalisedWasserstein(Wasserstein):
    """The Wasserstein distance by a critic whose gradients are pushed to norm 1."""

    penalises_gradients = True

    def __init__(self, penalty_weight: float, penalty_axes: str):
        """Takes the penalty's weight and the name of its axes."""
        if penalty_axes not in PENALTY_AXES:
            raise UserError(f"--penalty_axes={penalty_axes} is not known; it can be {', '.join(PENALTY_AXES)}.")
        if not penalty_weight > 0:
            raise UserError(f"--penalty_weight={penalty_weight} must be greater than 0.")
        self._weight, self._axes = penalty_weight, PENALTY_AXES[penalty_axes]

    def critic_loss(self, critic, real, generated, mix):
        """Minus the distance, plus the weighted penalty."""
        loss, distance = super().critic_loss(critic, real, generated, mix)
        return loss + self._weight * gradient_penalty(critic, real, generated, mix, self._axes), distance


def gradient_penalty(critic, real: tf.Tensor, generated: tf.Tensor, mix: tf.Tensor, axes=(1, 2, 3)) -> tf.Tensor:
    """The mean of (|grad f| - 1)^2 between real and generated images.

    Args:
      critic: from images to scores `[B]`, each of its own image alone.
      real: `[B, H, W, C]`.
      generated: of the same shape.
      mix: the share of the generated image, `[B]`.
      axes: over which the norm is taken.
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
      penalty_axes: "image", or "columns" for Flow-GAN's published variant.
    """
    return Objective(PenalisedWasserstein(penalty_weight, penalty_axes), nll_weight=0.0)
