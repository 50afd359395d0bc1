"""The generator's loss: an adversarial loss, the negative log-likelihood (NLL), or both.

    loss = V(G) + nll_weight * NLL                           (Grover et al., 2018, Eq. 7)
    NLL  = -E_{x ~ data} log p(x), in nats per image

`mle` has no adversary and weight 1. An adversarial objective has weight 0 and never computes a
density.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf

from tfflowgan.generators import Generator
from tfflowgan.keras_models import serializable
from tfflowgan.objectives._adversary import Adversary

__all__ = ["Objective"]


@serializable
@dataclasses.dataclass(frozen=True)
class Objective:
    """A generator's training objective.

    Attributes:
      adversary: the losses of critic and generator; None without adversarial training.
      nll_weight: weight of the NLL in nats per image.
    """

    adversary: Adversary | None
    nll_weight: float

    def get_config(self) -> dict[str, Any]:
        """The adversary and the weight, as Keras asks for them."""
        adversary = self.adversary and keras.saving.serialize_keras_object(self.adversary)
        return {"adversary": adversary, "nll_weight": self.nll_weight}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Objective":
        """The objective that `get_config` describes."""
        adversary = config["adversary"]
        if adversary is not None:
            adversary = keras.saving.deserialize_keras_object(adversary)
        return cls(adversary, config["nll_weight"])

    @property
    def reports(self) -> tuple[str, ...]:
        """The names of the scalars that `generator_loss` reports."""
        return (("generator_loss",) if self.adversary else ()) + (
            ("nll",) if self.nll_weight else ()
        )

    def generator_loss(
        self,
        generator: Generator,
        critic: Callable[..., tf.Tensor] | None,
        batch: dict[str, tf.Tensor],
    ) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """Computes the generator's loss on one replica's part of the batch.

        Args:
          generator: a `Flow`, or any `Generator` if `nll_weight` is 0.
          critic: maps images `[B, H, W, C]` to scores `[B]`; None without an adversary.
          batch: "latents" `[B, D]` for the adversary, "images" `[B, H, W, C]` in [0, 1] for the
            NLL.

        Returns:
          The mean loss, and its terms by name: "generator_loss" (V, the adversarial loss) and
            "nll".

        Raises:
          ValueError: there is an adversary and no critic.
        """
        reports = {}
        if self.adversary:
            if critic is None:
                raise ValueError("critic=None does not go with an adversary; give its critic.")
            if self.nll_weight:  # running statistics come from the pass over the data alone
                generated = generator.generate_untracked(batch["latents"])
            else:
                generated = generator.generate(batch["latents"], training=True)
            scores = critic(generated, training=True)
            reports["generator_loss"] = self.adversary.generator_loss(scores)
        if self.nll_weight:
            log_prob = generator.distribution(training=True).log_prob(batch["images"])
            reports["nll"] = -tf.reduce_mean(log_prob)
        loss = reports.get("generator_loss", 0.0)
        if self.nll_weight:
            loss += self.nll_weight * reports["nll"]
        return loss, reports
