"""Scoring: how unusual are images of the user's own, to a flow that was trained on usual ones?

Files become rows of a table (`rows`, `folders`), by scores that are files of `scores/`, compared
with a model's own images (`reference`). `bin/score` is its command, `score_images` its function.
"""

from tfflowgan.scoring.python import map_images, reference_from, score_images
from tfflowgan.scoring.reference import Reference

__all__ = ["Reference", "map_images", "reference_from", "score_images"]
