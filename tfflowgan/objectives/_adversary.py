"""Adversaries: a critic's loss, the generator's loss, and the distance that the critic estimates.

A critic gives a score V(x) to every image, higher where images look real. Whatever the critic minimises, `distance` is its
estimate of how far the generator is from the data: nought for equal distributions, more for others, the same sign in
every objective.

An f-divergence D_f(data || model) = E_model f(p_data / p_model) is bounded from below by

    F = E_data[g(V)] - E_model[f*(g(V))]               (Nowozin et al., 2016, Eq. 4 and 6)

with the conjugate f* and an activation g that keeps g(V) in its domain. The critic maximises F, so -F is its loss and F the
distance; equality holds where g(V) = f'(p_data / p_model). The generator's loss is one of

    minimax          -E_model[f*(g(V))]                follows the divergence's own gradient
    non_saturating   -E_model[g(V)]                    stronger where the critic wins easily (section 3.2)
"""

import tensorflow as tf

from tfflowgan.errors import UserError

__all__ = ["GENERATOR_LOSSES", "Adversary", "FDivergence"]

GENERATOR_LOSSES = ("minimax", "non_saturating")


class Adversary:
    """What critic and generator are each trained for. Scores have shape `[B]`; what comes back are means.

    Attributes:
      clip_weights: the box [-c, c] that all of the critic's weights are kept in, or None.
      penalises_gradients: whether the loss looks at gradients with respect to single images, which a critic that
        normalises over the batch does not have.
    """

    clip_weights: float | None = None
    penalises_gradients = False

    def distance(self, real: tf.Tensor, generated: tf.Tensor) -> tf.Tensor:
        """The critic's estimate of the distance of the generator from the data."""
        raise NotImplementedError

    def generator_loss(self, generated: tf.Tensor) -> tf.Tensor:
        """What the generator minimises, given the scores of its images."""
        raise NotImplementedError

    def critic_loss(self, critic, real: tf.Tensor, generated: tf.Tensor, mix: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """What the critic minimises.

        Args:
          critic: from images to scores.
          real: images `[B, H, W, C]` of the data.
          generated: as many images of the generator.
          mix: uniform on [0, 1], shape `[B]`; for a penalty between the two.

        Returns:
          The loss and the distance, two scalars.
        """
        distance = self.distance(critic(real, training=True), critic(generated, training=True))
        return -distance, distance


class FDivergence(Adversary):
    """An f-divergence: subclasses give `activation` (g) and `conjugate` (f* after g)."""

    def __init__(self, generator_loss: str):
        """Takes the generator's loss, "minimax" or "non_saturating"."""
        if generator_loss not in GENERATOR_LOSSES:
            raise UserError(f"--generator_loss={generator_loss} is not known; it can be {', '.join(GENERATOR_LOSSES)}.")
        self._saturates = generator_loss == "minimax"

    def activation(self, scores: tf.Tensor) -> tf.Tensor:
        """g(V)."""
        raise NotImplementedError

    def conjugate(self, scores: tf.Tensor) -> tf.Tensor:
        """f*(g(V))."""
        raise NotImplementedError

    def distance(self, real, generated):
        """The bound F."""
        return tf.reduce_mean(self.activation(real)) - tf.reduce_mean(self.conjugate(generated))

    def generator_loss(self, generated):
        """The chosen loss."""
        return -tf.reduce_mean(self.conjugate(generated) if self._saturates else self.activation(generated))
