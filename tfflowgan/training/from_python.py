"""`tfflowgan.fit`: trains a flow from Python as `bin/train` does, on images in memory.

    history = tfflowgan.fit(flow, images, objective="hybrid", adversary="wgan_gp", epochs=5)

The same loop runs: only the generator and the images are given instead of built and loaded. With
the same settings, seed, images and first weights, the numbers are those of `bin/train`. Nothing
global changes: Python's `random` is left as it was, and threads, loggers and matplotlib are not
touched. Only `deterministic=True` is, as in TensorFlow, for the whole process.
"""

import contextlib
import inspect
import logging
import os
import pathlib
import tempfile
from typing import Any

import keras
import tensorflow as tf

from tfflowgan import own_code
from tfflowgan.datasets import arrays
from tfflowgan.errors import ArgumentError, in_python_words
from tfflowgan.generators import Generator
from tfflowgan.runs.load import read_weights
from tfflowgan.runs.run import Run
from tfflowgan.training import fit as loop
from tfflowgan.training.given import Given
from tfflowgan.training.own_parts import take_own_parts
from tfflowgan.training.settings import configure
from tfflowgan.training.train import train

__all__ = ["fit"]

_log = logging.getLogger(__name__)


def fit(
    flow: Generator,
    images: Any,
    *,
    validation_data: Any = None,
    test_data: Any = None,
    run: str | os.PathLike | None = None,
    callbacks: Any = (),
    strategy: tf.distribute.Strategy | None = None,
    verbose: int | str = "auto",
    **settings: Any,
) -> keras.callbacks.History:
    """Trains a flow in place, by maximum likelihood unless settings say otherwise.

    At the end the flow has the weights that `bin/train` would export: those of the best validation
    NLL if the objective has a likelihood, else the last ones (the setting `select`).

    Args:
      flow: a flow, or for an adversarial objective any generator. Its weights are the start.
      images: the training images, `uint8 [N, H, W, C]`: an array or a `tf.data.Dataset` of single
        images or batches, which is read into memory (at most 4 GiB); or (images, labels).
      validation_data: the same; without it a tenth of `images` is held out, by a choice that does
        not depend on their order.
      test_data: the same; only the independent critic and later evaluations look at it.
      run: a folder for what `bin/train` leaves of a run. If it holds a run with the same settings
        and images, that one continues, from its own weights. None leaves nothing on disk.
      callbacks: called after each evaluation with its line of metrics as `logs`. Their `model` is
        the `FlowGAN` around the flow.
      strategy: in whose scope the flow was made; None for the current one.
      verbose: 0 silent, 1 a line that is renewed, 2 a line per evaluation and half minute, "auto"
        1 on a terminal and 2 elsewhere.
      **settings: of `bin/train`, by the same names, such as `objective`, `epochs`, `preset`; not
        those that describe the images or the flow. `objective` may also be an `Objective` or a
        function that returns one, `critic` a Keras model or a function of the image shape that
        returns one, `options` a dictionary.

    Returns:
      One value per evaluation of each column of `metrics.jsonl` in `history`, with nan for what is
      not finite; the epochs completed in `epoch`; how the training ended in `params`.

    Raises:
      ArgumentError: an argument or setting is wrong, in one sentence; a `ValueError`.
    """
    with in_python_words(), contextlib.ExitStack() as stack:
        _check(flow, callbacks, verbose)
        settings, own = take_own_parts(settings, run is not None)
        named = [*settings.values(), *flow.spec.values()]
        stack.enter_context(own_code.consent([name for name in named if isinstance(name, str)]))
        config = configure(flow, settings, [*inspect.signature(fit).parameters], run is not None)
        splits = arrays.splits_of(images, validation_data, test_data).first(config.limit)
        _check_images(flow, splits, config)
        where = _strategy_of(flow, strategy)
        given = Given(
            flow,
            splits,
            where,
            tuple(callbacks) if isinstance(callbacks, list | tuple) else (callbacks,),
            None if verbose == "auto" else int(verbose),
            keeps_files=run is not None,
            own=own,
        )
        if run is not None:
            end = train(config, pathlib.Path(run), None, given)
            return _finish(Run(pathlib.Path(run)), config, given, end)
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
            files = Run.create(pathlib.Path(folder))
            end = loop.fit(files, config, splits, where, given)
            return _finish(files, config, given, end)


def _finish(run, config, given, end):
    """Gives the flow the selected weights; returns the history of the run."""
    path = run.weights(config.select)
    if path.with_name(path.name + ".index").exists():
        read_weights(given.generator, path, f"{run.path}/config.json")
    else:
        _log.warning("No weights are the best by select=%s; the last ones stay.", config.select)
    rows = [{name: value for name, value in row.items() if name != "data"} for row in run.metrics()]
    history = keras.callbacks.History()
    history.set_model(given.generator)
    history.set_params(end)
    history.history = {
        name: [float("nan") if row.get(name) is None else row[name] for row in rows]
        for name in dict.fromkeys(name for row in rows for name in row)
    }
    history.epoch = list(history.history.get("epoch", []))
    return history


def _check(flow, callbacks, verbose):
    if not isinstance(flow, Generator):
        raise ArgumentError(
            f"flow is a {type(flow).__name__} but must be a Flow or another Generator, such as "
            "tfflowgan.build makes."
        )
    for callback in callbacks if isinstance(callbacks, list | tuple) else (callbacks,):
        if not isinstance(callback, keras.callbacks.Callback):
            raise ArgumentError(
                f"callbacks has a {type(callback).__name__} in it but must hold Keras callbacks."
            )
    if verbose not in ("auto", 0, 1, 2):
        raise ArgumentError(f"verbose={verbose!r} is not known; it can be 'auto', 0, 1, 2.")


def _check_images(flow, splits, config):
    if splits.image_shape != flow.image_shape:
        raise ArgumentError(
            f"images has images of shape {splits.image_shape}, and the flow is for those of "
            f"{flow.image_shape}; give these, or build a flow for yours."
        )
    if config.independent_critic and not len(splits.test):
        raise ArgumentError(
            "independent_critic=True measures distances on test images; give test_data."
        )


def _strategy_of(flow, strategy):
    """The strategy, in whose scope the flow must have been made."""
    if strategy is None:
        strategy = tf.distribute.get_strategy()
    if not isinstance(strategy, tf.distribute.Strategy):
        raise ArgumentError(
            f"strategy={strategy!r} must be a tf.distribute.Strategy, in whose scope the flow was "
            "made, or None."
        )
    inside = strategy.extended.variable_created_in_scope
    if not all(inside(weight.value) for weight in flow.weights):
        raise ArgumentError(
            f"strategy is a {type(strategy).__name__}, and the flow was made in the scope of "
            "another; build the flow within strategy.scope(), and give that strategy."
        )
    return strategy
