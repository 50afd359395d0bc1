"""The generator's loss: an adversary's, the negative log-likelihood, or both.

    loss = V(G) + nll_weight * NLL          NLL = -E_{x ~ data} log p(x), in nats per image (Grover et al., 2018, Eq. 7)

`mle` has no adversary and weight 1; an adversarial objective has weight 0 and never computes a density.
"""

import dataclasses
import functools

import tensorflow as tf

from tfflowgan.objectives._adversary import Adversary

__all__ = ["Objective"]


@dataclasses.dataclass(frozen=True)
class Objective:
    """What a generator is trained for.

    Attributes:
      adversary: how a critic is trained and what the generator learns from it, or None.
      nll_weight: of the NLL in nats per image.
    """

    adversary: Adversary | None
    nll_weight: float

    @property
    def reports(self) -> tuple[str, ...]:
        """The names of the scalars that `generator_loss` reports."""
        return (("generator_loss",) if self.adversary else ()) + (("nll",) if self.nll_weight else ())

    def generator_loss(self, generator, critic, batch: dict) -> tuple[tf.Tensor, dict[str, tf.Tensor]]:
        """The loss of the generator on one replica's share.

        Args:
          generator: a `Flow`, or any `Generator` where the NLL is not asked for.
          critic: from images `[B, H, W, C]` to scores `[B]`; None without an adversary.
          batch: "latents" `[B, D]` for the adversary, "images" `[B, H, W, C]` in [0, 1] for the NLL.

        Returns:
          The mean loss, and the means in it by name: "generator_loss" (V, the adversary's part), "nll".
        """
        reports = {}
        if self.adversary:
            # with a likelihood, running statistics are those of its pass over data alone
            draw = generator.generate_untracked if self.nll_weight else functools.partial(generator.generate, training=True)
            generated = draw(batch["latents"])
            reports["generator_loss"] = self.adversary.generator_loss(critic(generated, training=True))
        if self.nll_weight:
            reports["nll"] = -tf.reduce_mean(generator.distribution(training=True).log_prob(batch["images"]))
        loss = reports.get("generator_loss", 0.0)
        if self.nll_weight:
            loss += self.nll_weight * reports["nll"]
        return loss, reports
