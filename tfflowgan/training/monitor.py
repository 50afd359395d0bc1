"""What is measured while a run trains, at every evaluation.

    loss, generator_loss, nll            running means since the last evaluation
    critic_loss, distance                of the training critic, before each generator step; distance as in `Adversary`
    gradient_norm, critic_gradient_norm  global norms before clipping
    train_nll, validation_nll            of the flow as it is now: the first 1,000 training images, all validation images
    min_log_scale, max_log_scale         over couplings and scalings, latents to images, on 64 validation images
    inverse_error                        greatest |decode(encode(x)) - x| on these images
    independent_train, _validation, _test    the independent critic's distances (see `critic_updates`)
    mode_score, inception_score          of samples, where there is a classifier

An NLL of 1e6 and more is what adversarial training does, and is reported. One that float32 cannot hold is computed in
float64, and left out (null) where that cannot hold it either.
"""

import logging
import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from tfflowgan import datasets, units
from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.generators import Generator
from tfflowgan.metrics.log_probs import log_probs
from tfflowgan.metrics.log_scales import LogScales
from tfflowgan.metrics.scorer import Scorer
from tfflowgan.runs.names import score_name

__all__ = ["Monitor"]

_log = logging.getLogger(__name__)
_BATCH = 256
_TRAINING_IMAGES = 1000
_CHECKED = 64


class Monitor:
    """Measures a model between periods of training; `score` names the score whose best weights are kept."""

    def __init__(self, generator: Generator, config: Config, splits: Splits, epoch_steps: int, more: list[Callable[[], dict]]):
        """Prepares the measurements.

        Args:
          generator: what is trained.
          config: resolved.
          splits: the images.
          epoch_steps: generator steps in an epoch.
          more: further measurements, each a function to a dict of numbers.
        """
        self._config, self._epoch_steps, self._more = config, epoch_steps, more
        self.score = score_name(config.dataset)
        self._splits = {"train": splits.train.first(_TRAINING_IMAGES), "validation": splits.validation}
        self._batches = {name: datasets.evaluation_batches(split, _BATCH, config.seed) for name, split in self._splits.items()}
        if generator.has_density:
            checked = splits.validation.first(_CHECKED)
            images, _ = next(iter(datasets.evaluation_batches(checked, len(checked), config.seed)))
            self._checked = tf.cast(images, generator.dtype)
            self._log_scales = LogScales(generator)
        if config.classifier:
            self._scores = Scorer(config.classifier, splits.train.labels)

    def measure(self, model, logs: dict) -> dict:
        """One line of metrics: a number or None by name.

        Args:
          model: a `FlowGAN`.
          logs: the period's running means.
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
                row[f"{name}_bits_per_dim"] = None if nll is None else units.bits_per_dim(-nll, generator.dims)
            row |= self._log_scales(self._checked)
            row["inverse_error"] = _number(
                tf.reduce_max(tf.abs(generator.decode(generator.encode(self._checked)) - self._checked))
            )
        for measurement in self._more:
            row |= {name: _number(value) for name, value in measurement().items()}
        if self._config.classifier:
            scores = self._scores.monitor(generator, self._config.score_samples, self._config.seed)
            row |= {name: None if value is None else _number(value) for name, value in scores.items()}
        return row

    def _nll(self, model, name):
        nll = float(np.ravel(model.evaluate(self._batches[name], return_dict=True, verbose=0)["nll"])[0])
        if not math.isfinite(nll) and model.generator.dtype != "float64":
            exact = model.generator.astype("float64")
            nll = float(-log_probs(exact, self._splits[name], 1, self._config.seed, _BATCH).mean())
        if not math.isfinite(nll):
            _log.warning(
                "The %s NLL after step %d cannot be computed in float64 either; it is recorded as null.", name, model.step
            )
        return _number(nll)


def _number(value):
    value = float(np.ravel(value)[0])
    return value if math.isfinite(value) else None
