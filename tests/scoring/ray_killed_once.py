"""Scores a folder on two workers of Ray, one of which is killed while it scores a given file.

    python -m tests.scoring.ray_killed_once MODEL IMAGES OUTPUT MARKER NAME

MARKER is an empty file once it was killed.
"""

import logging
import os
import pathlib
import signal
import sys

from tfflowgan.scoring import folders
from tfflowgan.scoring.ray_engine import RayEngine
from tfflowgan.scoring.rows import Scorer, Settings

CHUNK = 8


class KilledOnce(Scorer):
    """A scorer whose process is killed."""

    marker, name = "", ""

    def __getstate__(self):
        return super().__getstate__() | {"marker": self.marker, "name": self.name}

    def __call__(self, paths):
        marker = pathlib.Path(self.marker)
        if not marker.exists() and any(os.path.basename(path) == self.name for path in paths):
            marker.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(paths)


def main() -> None:
    """Scores, and prints what reading did to the images."""
    model, images, output, marker, name = sys.argv[1:]
    logging.basicConfig(level=logging.WARNING)
    folders.CHUNK = CHUNK
    scorer = KilledOnce(Settings(model))
    scorer.marker, scorer.name = marker, name
    given, engine = {"images": pathlib.Path(images)}, RayEngine(workers=2)
    folders.score_folders(scorer, given, pathlib.Path(output), engine)
    import ray

    print("done", dict(scorer.done), "cluster left:", ray.is_initialized())


if __name__ == "__main__":
    main()
