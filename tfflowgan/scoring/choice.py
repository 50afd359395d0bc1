"""The score that suits a model, chosen on made defects of its held-out images.

    AUROC(score, kind)    of held-out images with a made defect of this kind, against those without
    chosen                the score with the highest mean over the kinds

Nobody's unusual images are needed, and none is seen: so the AUROC of the chosen score on real ones
is not too high by the choice. What is chosen is a property of the weights and the images, and is
kept in the model's reference before anything else is scored.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from tfflowgan.scoring.auroc import auroc
from tfflowgan.scoring.corruptions import CORRUPTIONS, corrupted
from tfflowgan.scoring.measurements import Batch
from tfflowgan.scoring.scores import Arrays, Score

__all__ = ["LIMIT", "Choice", "choose"]

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
        others = ", ".join(f"{n} {self.mean(n):.3f}" for n in self.aurocs if n != self.score)
        return (
            f"{self.score} finds made defects of {self.count} held-out images best (mean AUROC "
            f"{self.mean(self.score):.3f}{f'; {others}' if others else ''})."
        )


def choose(
    images: np.ndarray,
    batches: Callable[[Iterable[np.ndarray]], Iterator[Batch]],
    scores: dict[str, Score],
    fitted: dict[str, Arrays],
    seed: int,
) -> Choice:
    """Chooses a score.

    Args:
      images: held-out images, uint8 `[N, H, W, C]` with 1 or 3 channels; the first `LIMIT` count.
      batches: measures images, as `Measure.batches`.
      scores: to choose among, by name; the first of equals is chosen.
      fitted: what each score has learned from training images.
      seed: of the defects.
    """
    images = images[:LIMIT]

    def values(found):
        parts: dict[str, list[np.ndarray]] = {name: [] for name in scores}
        for batch in batches(found):
            for name, score in scores.items():
                parts[name].append(np.nan_to_num(score.score(batch, fitted[name]), nan=np.inf))
        return {name: np.concatenate(part) for name, part in parts.items()}

    good = values(images)
    aurocs: dict[str, dict[str, float]] = {name: {} for name in scores}
    for kind in CORRUPTIONS:
        defective = values(corrupted(images, kind, seed))
        for name in scores:
            aurocs[name][kind] = round(float(auroc(defective[name], good[name])), 4)
    means = {name: np.mean(list(found.values())) for name, found in aurocs.items()}
    return Choice(max(means, key=lambda name: means[name]), aurocs, len(images))
