"""The measurements that a run takes at every evaluation: a line of `metrics.jsonl`.

`tfflowgan.report.columns` says what each number is. Losses, norms and the training critic's
distance are means since the last evaluation; everything else is measured with the current weights.
Samples that are scored are those of no evaluation (`generators.monitor_seeds`).

Adversarial training can raise the NLL to 1e6 and above; such values are reported. If the NLL
overflows float32, it is computed in float64. If it overflows float64 too, it is null.

`--monitor_batch` images are evaluated at a time; noise and samples do not depend on it. There is no
TF32. TensorFlow keeps a plan of every convolution by its shape, so under `--tf32` no full batch has
as many images as a step or an equal share of one. A split's last batch, the shares of several
devices and samples that are scored may have the shapes of training.
"""

import logging
import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tfflowgan import datasets, tf32, units
from tfflowgan.config import Config, fallback
from tfflowgan.datasets import Splits
from tfflowgan.generators import Generator
from tfflowgan.metrics.log_probs import log_probs
from tfflowgan.metrics.log_scales import LogScales
from tfflowgan.metrics.scorer import Scorer
from tfflowgan.runs.names import score_name
from tfflowgan.training.model import FlowGAN

__all__ = ["Monitor", "untrained"]

_log = logging.getLogger(__name__)
_TRAINING_IMAGES = 1000
_INVERTED_IMAGES = 64


class Monitor:
    """Measures a model at every evaluation.

    Attributes:
      score: the name of the sample score that selects the `best_score` weights.
    """

    def __init__(
        self,
        generator: Generator,
        config: Config,
        splits: Splits,
        epoch_steps: int,
        extra_measurements: list[Callable[[], dict]],
    ) -> None:
        """Prepares the measurements.

        Args:
          generator: the generator that is trained.
          config: resolved.
          splits: the images.
          epoch_steps: generator steps per epoch.
          extra_measurements: functions that each return a dict from names to numbers.
        """
        self._config, self._epoch_steps = config, epoch_steps
        self._batch = untrained(config.monitor_batch or fallback("monitor_batch"), config)
        self._extra_measurements = extra_measurements
        self.score = score_name(config.dataset)
        train = splits.train.first(_TRAINING_IMAGES)
        self._splits = {"train": train, "validation": splits.validation}
        self._batches = {
            name: datasets.evaluation_batches(split, self._batch, config.seed)
            for name, split in self._splits.items()
        }
        if generator.has_density:
            checked = splits.validation.first(_INVERTED_IMAGES)
            images, _ = next(iter(datasets.evaluation_batches(checked, len(checked), config.seed)))
            places = np.arange(untrained(len(images), config)) % len(images)
            self._checked = tf.gather(tf.cast(images, generator.dtype), places)
            self._log_scales = LogScales(generator)
        if config.classifier:
            self._scorer = Scorer(config.classifier, splits.train.labels)

    @tf32.allowed(False)
    def measure(self, model: FlowGAN, logs: dict) -> dict[str, float | None]:
        """Takes all measurements.

        Args:
          model: the model that is trained.
          logs: the running means of the period.

        Returns:
          One line of metrics. Values that are not finite are None.
        """
        step, generator = model.step, model.generator
        epoch = step / self._epoch_steps
        row = {"epoch": int(epoch) if epoch.is_integer() else round(epoch, 4), "step": step}
        row |= {name: _number(value) for name, value in logs.items()}
        row["learning_rate"] = _number(keras.ops.convert_to_numpy(model.optimizer.learning_rate))
        if generator.has_density:
            for name in self._splits:
                nll = self._nll(model, name)
                row[f"{name}_nll"] = nll
                row[f"{name}_bits_per_dim"] = (
                    None if nll is None else units.bits_per_dim(-nll, generator.dims)
                )
            row |= self._log_scales(self._checked)
            decoded = generator.decode(generator.encode(self._checked, check=False))
            row["inverse_error"] = _number(tf.reduce_max(tf.abs(decoded - self._checked)))
        for measurement in self._extra_measurements:
            row |= {name: _number(value) for name, value in measurement().items()}
        if self._config.classifier:
            count = self._config.score_samples or fallback("score_samples")
            scores = self._scorer.monitor(generator, count, self._config.seed, self._batch)
            row |= {
                name: None if value is None else _number(value) for name, value in scores.items()
            }
        return row

    def _nll(self, model, name):
        evaluated = model.evaluate(self._batches[name], return_dict=True, verbose=0)
        nll = float(np.ravel(evaluated["nll"])[0])
        if not math.isfinite(nll) and model.generator.dtype != "float64":
            exact, config = model.generator.exact(), self._config
            split = self._splits[name]
            nll = float(-log_probs(exact, split, 1, config.seed, self._batch).mean())
        if not math.isfinite(nll):
            _log.warning(
                "The %s NLL at step %d is not finite even in float64; it is recorded as null.",
                name,
                model.step,
            )
        return _number(nll)


def untrained(count: int, config: Config) -> int:
    """A number of images, at least `count`, that is no equal share of a step under `--tf32`.

    Args:
      count: of images that are measured together.
      config: resolved.
    """
    while config.tf32 and config.images_per_step % count == 0:  # on any number of devices
        count += 1
    return count


def _number(value):
    value = float(np.ravel(value)[0])
    return value if math.isfinite(value) else None
