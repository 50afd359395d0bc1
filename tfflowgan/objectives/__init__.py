"""Objectives: what a generator is trained for. One a file; each returns per-replica means, which the model alone scales."""

from typing import Protocol

import tensorflow as tf

from tfflowgan import plugins

__all__ = ["Objective", "build"]


class Objective(Protocol):
    """What `tfflowgan.training.model.FlowGAN` asks of an objective."""

    def generator_loss(self, flow, images: tf.Tensor) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """The loss of the generator on one replica's images.

        Args:
          flow: a `Flow`.
          images: `[B, H, W, C]` in [0, 1].

        Returns:
          A scalar mean over the images, and scalar means to report by name.
        """


def build(name: str, **options) -> Objective:
    """Builds an objective by name, one of `tfflowgan.plugins.names("objectives")`."""
    return plugins.load("objectives", name, "objective").build(**options)
