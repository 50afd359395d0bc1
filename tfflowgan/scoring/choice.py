"""The score that suits a model, chosen on made defects of its held-out images.

    AUROC(score, kind)    of held-out images with a made defect of this kind, against those without
    chosen                the score with the highest mean over the kinds

Nobody's unusual images are needed, and none is seen: so the AUROC of the chosen score on real ones
is not too high by the choice. What is chosen is a property of the weights and the images, and is
kept in the model's reference before anything else is scored.
"""

import dataclasses
from typing import Any

import numpy as np
from tqdm import tqdm

from tfflowgan.scoring.auroc import auroc
from tfflowgan.scoring.corruptions import CORRUPTIONS, corrupted
from tfflowgan.scoring.measurements import Measure
from tfflowgan.scoring.scores import Arrays, Score

__all__ = ["LIMIT", "Choice", "choose"]

_RELIABLE = 0.75  # mean AUROC from which on a score can be relied on at all
LIMIT = 100  # held-out images, each of which gets every kind of defect


@dataclasses.dataclass(frozen=True)
class Choice:
    """What was chosen, and by which numbers.

    Attributes:
      score: the name of the chosen score.
      aurocs: score -> kind of made defect -> AUROC.
      count: images per kind.
    """

    score: str
    aurocs: dict[str, dict[str, float]]
    count: int

    def mean(self, score: str) -> float:
        """The mean AUROC of a score over all kinds."""
        return float(np.mean(list(self.aurocs[score].values())))

    def to_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return dataclasses.asdict(self)

    def sentence(self) -> str:
        """What was chosen and why, as one sentence."""
        if not self.count:
            return f"{self.score} is used, since defects are made of grey and RGB images alone."
        weak = self.mean(self.score) < _RELIABLE
        others = ", ".join(f"{n} {self.mean(n):.3f}" for n in self.aurocs if n != self.score)
        return (
            f"{self.score} finds made defects of {self.count} held-out images best (mean AUROC "
            f"{self.mean(self.score):.3f}{f'; {others}' if others else ''})"
            f"{', but not reliably; train for longer' if weak else ''}."
        )


def choose(
    images: np.ndarray,
    measure: Measure,
    scores: dict[str, Score],
    fitted: dict[str, Arrays],
    shown: bool = False,
) -> Choice:
    """Chooses a score.

    Args:
      images: held-out images, uint8 `[N, H, W, C]`; the first `LIMIT` count. Defects are made of
        grey and RGB images; for others, likelihood is chosen.
      measure: the flow, and the seed of the defects.
      scores: to choose among, by name; the first of equals is chosen.
      fitted: what each score has learned from training images.
      shown: whether to show a progress bar.
    """
    images = images[:LIMIT]
    if images.shape[-1] not in (1, 3):
        return Choice("likelihood", {}, 0)
    total, hidden = len(images) * (1 + len(CORRUPTIONS)), None if shown else True
    with tqdm(None, "made defects", total, False, unit="image", disable=hidden) as bar:

        def values(found):
            parts: dict[str, list[np.ndarray]] = {name: [] for name in scores}
            for batch in measure.batches(found):
                for name, score in scores.items():
                    one = score.score(batch, fitted[name])
                    parts[name].append(np.where(np.isnan(one), np.inf, one))
                bar.update(len(batch))
            return {name: np.concatenate(part) for name, part in parts.items()}

        good = values(images)
        aurocs: dict[str, dict[str, float]] = {name: {} for name in scores}
        for kind in CORRUPTIONS:
            defective = values(corrupted(images, kind, measure.seed))
            for name in scores:
                aurocs[name][kind] = round(auroc(defective[name], good[name]), 4)
    means = {name: np.mean(list(found.values())) for name, found in aurocs.items()}
    return Choice(max(means, key=lambda name: means[name]), aurocs, len(images))
