"""A run from its configuration to its end, or on from where it was stopped."""

import contextlib
import dataclasses
import json
import logging
import pathlib
import sys

import keras
import tensorflow as tf

from tfflowgan import datasets, flows, objectives
from tfflowgan.config import FLOW_FIELDS, Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.provenance import provenance
from tfflowgan.training import callbacks as cb
from tfflowgan.training.checkpoints import Checkpoints
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.optimizer import build_optimizer
from tfflowgan.training.run import Run
from tfflowgan.training.strategy import build_strategy

__all__ = ["load_flow", "load_splits", "resolve", "train"]

_log = logging.getLogger(__name__)

_EVALUATION_BATCH = 256


def resolve(config: Config) -> Config:
    """Fills in the defaults of the chosen flow and dataset, so that the configuration holds everything.

    Raises:
      UserError: a setting of the flow is given that the chosen flow does not have.
    """
    given = {name: getattr(config, name) for name in FLOW_FIELDS if getattr(config, name) is not None}
    known = flows.options(config.flow)
    for name in given:
        if name not in known:
            raise UserError(f"--{name} does not apply to --flow={config.flow}, which takes {', '.join(known)}.")
    filled = {name: default for name, default in known.items() if name not in given}
    if "logit_alpha" in filled and filled["logit_alpha"] is None:
        filled["logit_alpha"] = 0.0
    flips = datasets.flips_in_training(config.dataset) if config.flips is None else config.flips
    return dataclasses.replace(config, flips=flips, **filled)


def flow_options(config: Config) -> dict:
    """What `flows.build` takes, from a resolved configuration: logit_alpha 0 is None there."""
    known = flows.options(config.flow)
    chosen = {name: getattr(config, name) for name in FLOW_FIELDS if name in known}
    return chosen | {"logit_alpha": chosen["logit_alpha"] or None}


def load_splits(config: Config) -> Splits:
    """The images of a run, cut to `limit`."""
    splits = datasets.load(config.dataset, config.data_dir, config.data_source, config.image_size)
    if config.limit is None:
        return splits
    parts = {name: getattr(splits, name).first(config.limit) for name in ("train", "validation", "test")}
    return dataclasses.replace(splits, source=f"{splits.source}, first {config.limit} of each split", **parts)


def load_flow(run: Run, which: str = "best") -> flows.Flow:
    """The flow of a run, with the weights of its best or newest checkpoint.

    Args:
      run: a run that has trained for an epoch at least.
      which: "best" or "newest".

    Raises:
      UserError: no such checkpoint yet.
    """
    config, data = run.config(), run.data()
    paths = [run.best] if which == "best" else Checkpoints(run.checkpoints).paths()
    if data is None or not paths or not paths[0].with_name(paths[0].name + ".index").exists():
        raise UserError(f"--run={run.path} has no {which} checkpoint yet; let it train for an epoch.")
    flow = flows.build(config.flow, tuple(data["image_shape"]), **flow_options(config))
    checkpoint = tf.train.Checkpoint(flow=flow)
    try:
        checkpoint.read(str(paths[0])).assert_existing_objects_matched().expect_partial()
    except (tf.errors.OpError, AssertionError, ValueError):
        raise UserError(f"{paths[0]} is damaged or of another architecture.") from None
    return flow


def train(config: Config, path: pathlib.Path) -> Run:
    """Trains a run to its end, continuing it if it is there already.

    Args:
      config: resolved.
      path: the run's directory.

    Returns:
      The run, trained: `run.best` is its best checkpoint. Exporting and marking it finished is up to the caller.

    Raises:
      UserError: anything that the user can mend, in one sentence.
    """
    keras.utils.set_random_seed(config.seed)
    if config.deterministic:
        tf.config.experimental.enable_op_determinism()
    run = Run.create(path, config)
    with run.lock(), _clear_write_errors(run):
        splits = load_splits(config)
        _same_data(run, splits)
        if config.batch_size > len(splits.train):
            raise UserError(f"--batch_size={config.batch_size} is more than the {len(splits.train)} training images.")
        _fit(run, config, splits)
    return run


def _fit(run: Run, config: Config, splits: Splits) -> None:
    steps = len(splits.train) // config.batch_size
    strategy = build_strategy()
    if config.batch_size % strategy.num_replicas_in_sync:
        raise UserError(f"--batch_size={config.batch_size} must be a multiple of {strategy.num_replicas_in_sync} devices.")
    with strategy.scope():
        flow = flows.build(config.flow, splits.image_shape, **flow_options(config))
        model = FlowGAN(flow, objectives.build(config.objective), config.clip_norm)
        model.compile(
            optimizer=build_optimizer(config, steps * config.epochs),
            jit_compile=flow.jit_compile and strategy.num_replicas_in_sync == 1,
        )
        model.build_optimizer()
        progress = cb.Progress()
    state = Checkpoints(
        run.checkpoints, flow=flow, optimizer=model.optimizer, means=model.metrics, progress=progress
    )
    best = Checkpoints(run.checkpoints, flow=flow)
    restored = state.restore()
    step = model.step
    run.forget_after(step)
    if restored:
        _log.info("Continuing %s from step %d.", run.path, step)
    _log.info(
        "Training %s (%s parameters) on %d images of %s, %d steps an epoch, %d epochs.",
        config.flow,
        f"{flow.count_params():,}",
        len(splits.train),
        splits.name,
        steps,
        config.epochs,
    )
    clock = cb.Clock(progress, config.minutes)
    recorder = cb.Recorder(run, progress, best, config.early_stopping)
    common = [
        cb.NonFiniteStop(run, splits.train, config.batch_size, config.seed, config.flips),
        clock,
        recorder,
        cb.Pictures(run, recorder.writer, config.seed),
        cb.Checkpointing(state, config.checkpoint_minutes),
    ]
    if _is_over(run, config, progress):
        return
    batches = datasets.training_batches(splits.train, config.batch_size, config.seed, step, config.flips)
    validation = datasets.evaluation_batches(splits.validation, _EVALUATION_BATCH, config.seed)

    def fit(first_epoch, last_epoch, epoch_steps, callbacks):
        model.fit(
            batches,
            initial_epoch=first_epoch,
            epochs=last_epoch,
            steps_per_epoch=epoch_steps,
            validation_data=validation,
            callbacks=callbacks,
            shuffle=False,
            verbose=1 if sys.stdout.isatty() else 2,
        )

    epoch, done = divmod(step, steps)
    if done:  # the rest of an interrupted epoch first, on means that already hold its beginning
        means = [keras.ops.convert_to_numpy(v) for m in model.metrics for v in m.variables]
        fit(epoch, epoch + 1, steps - done, [cb.RestoredMeans(means), *common])
        epoch += 1
        batches = datasets.training_batches(splits.train, config.batch_size, config.seed, epoch * steps, config.flips)
    if epoch < config.epochs and not model.stop_training:
        fit(epoch, config.epochs, steps, common)


def _is_over(run, config, progress):
    """Whether a restored run had already come to its end when it was stopped."""
    rows = run.metrics()
    if not rows:
        return False
    epoch = rows[-1]["epoch"]
    waited = config.early_stopping and epoch - progress.best_epoch.numpy() >= config.early_stopping
    late = config.minutes is not None and progress.seconds.numpy() >= 60.0 * config.minutes
    return bool(epoch >= config.epochs or waited or late)


def _same_data(run, splits):
    now, before = splits.provenance(), run.data()
    if before is None:
        run.write("data.json", json.dumps(now | {"provenance": provenance()}, indent=2) + "\n")
    elif before["fingerprint"] != now["fingerprint"]:
        raise UserError(
            f"{run.path} was trained on other images ({before['source']}, fingerprint {before['fingerprint']}; now "
            f"{now['source']}, {now['fingerprint']}); give the same data or another --run."
        )


@contextlib.contextmanager
def _clear_write_errors(run):
    """Turns a full disk or an unwritable directory into one sentence."""
    try:
        yield
    except OSError as error:
        raise UserError(f"cannot write to {run.path}: {error.strerror or error}; {_kept(run)}") from None
    except (tf.errors.ResourceExhaustedError, tf.errors.PermissionDeniedError, tf.errors.UnknownError) as error:
        reason = str(error.message).splitlines()[0]
        if str(run.path) not in str(error.message) and "No space" not in reason:
            raise
        raise UserError(f"cannot write to {run.path}: {reason}; {_kept(run)}") from None


def _kept(run):
    paths = Checkpoints(run.checkpoints).paths()
    return f"the last good checkpoint, {paths[0].name}, is kept." if paths else "there is no checkpoint yet."
