"""Running a training run from start to finish, or from where it stopped."""

import contextlib
import json
import logging
import math
import pathlib
import tempfile

import keras
import tensorflow as tf

from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.report.curves import plot_curves
from tfflowgan.runs.checkpoints import describe_latest
from tfflowgan.runs.going_on import changed_ends
from tfflowgan.runs.load import load_generator, load_splits
from tfflowgan.runs.run import Run
from tfflowgan.serving.saved_model import check_output, export
from tfflowgan.training.fit import fit
from tfflowgan.training.given import NOTHING, Given
from tfflowgan.training.strategy import build_strategy, chief_broadcast, is_chief

__all__ = ["train"]

_log = logging.getLogger(__name__)


def train(
    config: Config, path: pathlib.Path, output: pathlib.Path | None, given: Given = NOTHING
) -> dict:
    """Trains a run to its end and exports the selected weights. Resumes the run if it exists.

    A finished run goes on if another end is asked for: more epochs, minutes or patience.

    Args:
      config: resolved.
      path: the run's directory.
      output: the directory NAME of the SavedModel; the model is written to NAME/VERSION. None for
        no SavedModel.
      given: what a program brings along; see there. With a generator, no seed is set: its weights
        are there already.

    Returns:
      The content of `finished.json`: why the run ended, the best epoch and its validation NLL, the
      path of the exported model, and the other keys that `fit` returns.

    Raises:
      UserError: anything that the user can fix, in one sentence.
    """
    strategy = given.strategy
    if strategy is None:
        strategy = build_strategy(config.strategy, config.jit)
    if given.generator is None:
        keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    if is_chief(strategy):
        return _train(config, Run.create(path), output, strategy, given)
    with tempfile.TemporaryDirectory() as scratch:
        run = Run.create(path, pathlib.Path(scratch))
        own = None if output is None else pathlib.Path(scratch) / "model"
        return _train(config, run, own, strategy, given)


def _train(config, run, output, strategy, given):
    with run.lock(), _nothing_left_of_a_refusal(run, output):
        config = run.check_config(config)
        finished = run.finished()
        goes_on = finished and changed_ends(run.config(), config)
        same_images = finished and given.splits is None and not _asks_for_other_data(run, config)
        if same_images and not goes_on:
            if _exported(finished, output) or not is_chief(strategy):
                _log.info("%s is finished; nothing is left to do.", run.path)
                return finished
        if output is not None:
            check_output(output)
        splits = load_splits(config, run.data()) if given.splits is None else given.splits
        run.check_data(splits)
        if finished and not goes_on and output is None:
            return finished
        with _clear_errors(run, strategy):
            if goes_on:
                finished = None
            end = finished or fit(run, config, splits, strategy, given)
            if given.instead:
                return end
            end["data"] = f"{splits.name}, {splits.source}"
            if is_chief(strategy):
                dims = math.prod(splits.image_shape)
                title = f"{run.path.name}: {end['data']}"
                plot_curves(run.metrics(), run.path / "curves.png", title, dims)
                if output is not None and not _exported(end, output):
                    metadata, generator = {"run": end, "data": run.data()}, load_generator(run)
                    if elsewhere := run.read("elsewhere.json"):
                        metadata["elsewhere"] = elsewhere
                    more = given.assets(run, generator, splits) if given.assets else None
                    end["model"] = str(export(generator, output, metadata, assets=more))
            run.write("finished.json", json.dumps(end, indent=2) + "\n")
            if not finished:
                chief_broadcast(strategy)(0.0)  # the other workers wait for the export
        return end


def _asks_for_other_data(run, config):
    before = run.config()
    return (config.data_dir, config.data_source) != (before.data_dir, before.data_source)


def _exported(finished, output):
    if output is None:
        return True
    if "model" not in finished:
        return False
    model = pathlib.Path(finished["model"])
    return model.exists() and model.parent.resolve() == output.resolve()


@contextlib.contextmanager
def _nothing_left_of_a_refusal(run, output):
    """Removes the folders that were made for a run which is refused before it starts."""
    try:
        yield
    except UserError:
        run.discard_if_empty()
        with contextlib.suppress(OSError):  # it holds something
            if output is not None:
                output.rmdir()
        raise


@contextlib.contextmanager
def _clear_errors(run, strategy):
    """Turns errors of disk and memory, and the loss of a worker, into a `UserError`."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise UserError(
            f"cannot write to {run.path}: {reason}; {describe_latest(run.checkpoints)}"
        ) from None
    except tf.errors.OpError as error:
        reason = str(error.message).splitlines()[0]
        if str(run.path) in reason or "No space" in reason:
            raise UserError(
                f"cannot write to {run.path}: {reason}; {describe_latest(run.checkpoints)}"
            ) from None
        if isinstance(error, tf.errors.ResourceExhaustedError):
            raise UserError(
                f"not enough memory ({reason}); try a smaller --width or --batch_size."
            ) from None
        if isinstance(strategy, tf.distribute.MultiWorkerMirroredStrategy):
            raise UserError(
                f"another worker has gone away ({reason[:200]}); "
                "start all workers again with the same command to continue; "
                f"{describe_latest(run.saved)}"
            ) from None
        raise
