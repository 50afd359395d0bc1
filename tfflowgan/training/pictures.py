"""Pictures of samples at evaluations: few of a long run, evenly spread.

    kept: the first, the last, and evaluations 2^j, 2 x 2^j, 3 x 2^j, ...

where j is the smallest that leaves at most 50 of the last kind. It grows with the run, and pictures
that fall out are removed. What is kept depends on the last evaluation alone, so a run that was
killed and resumed has the same pictures.
"""

import keras
import numpy as np
import tensorflow as tf

from tfflowgan import image_grid
from tfflowgan.runs.run import Run

__all__ = ["SampleGrid", "spacing"]

_MOST = 50


def spacing(evaluations: int) -> int:
    """The evaluations from one picture to the next after so many of them: a power of two."""
    every = 1
    while evaluations // every > _MOST:
        every *= 2
    return every


class SampleGrid(keras.callbacks.Callback):
    """At every evaluation, decodes the same 64 latents into a PNG file and for TensorBoard."""

    def __init__(self, run: Run, writer: tf.summary.SummaryWriter, seed: int, period: int) -> None:
        """Creates the callback.

        Args:
          run: where the PNG files go.
          writer: of TensorBoard.
          seed: of the latents.
          period: generator steps between two evaluations.
        """
        super().__init__()
        self._run, self._writer, self._seed, self._period = run, writer, seed, period

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        step = self.model.step
        images = np.nan_to_num(self.model.generator.sample(64, self._seed).numpy())
        image_grid.save_grid(self._run.samples / f"step-{step:09d}.png", images)
        every = self._period * spacing(step // self._period)
        self._remove_others(every)
        if step % every == 0:
            with self._writer.as_default(step=step):
                tf.summary.image("samples", image_grid.grid(images)[None])
            self._writer.flush()

    def _remove_others(self, every):
        between = sorted(self._run.samples.glob("step-*.png"))[1:-1]
        for path in between:
            if int(path.stem.removeprefix("step-")) % every:
                path.unlink()
