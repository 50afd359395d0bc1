"""The training of a run: what `fit` is given, and where it begins."""

import logging
import sys

import keras

from tfflowgan import datasets, objectives
from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.training import callbacks as cb
from tfflowgan.training.checkpoints import Checkpoints
from tfflowgan.training.load import build_flow
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.optimizer import build_optimizer
from tfflowgan.training.run import Run
from tfflowgan.training.strategy import build_strategy

__all__ = ["fit"]

_log = logging.getLogger(__name__)

_EVALUATION_BATCH = 256


def fit(run: Run, config: Config, splits: Splits) -> dict:
    """Trains from the newest checkpoint, or from the start, to the end.

    Args:
      run: where state and records go.
      config: resolved.
      splits: the images.

    Returns:
      {"reason", "epoch", "step", "seconds", "best_epoch", "best_validation_nll"}.

    Raises:
      UserError: the batch size does not fit the images or devices, or something is not finite.
    """
    steps = len(splits.train) // config.batch_size
    strategy = build_strategy()
    if not steps:
        raise UserError(f"--batch_size={config.batch_size} is more than the {len(splits.train)} training images.")
    if config.batch_size % strategy.num_replicas_in_sync:
        raise UserError(f"--batch_size={config.batch_size} must be a multiple of {strategy.num_replicas_in_sync} devices.")
    with strategy.scope():
        flow = build_flow(config, splits.image_shape)
        model = FlowGAN(flow, objectives.build(config.objective), config.clip_norm or None)
        model.compile(
            optimizer=build_optimizer(config, steps * config.epochs),
            jit_compile=flow.jit_compile and strategy.num_replicas_in_sync == 1,
        )
        model.build_optimizer()
        progress = cb.Progress()
    run.keep(config, splits)
    state = Checkpoints(run.checkpoints, flow=flow, optimizer=model.optimizer, means=model.metrics, progress=progress)
    if restored := state.restore():
        _log.info("Continuing %s from %s.", run.path, restored.name)
    run.forget_after(model.step)
    _log.info(
        "Training %s (%s parameters) on %s images of %s, %d steps an epoch, %d epochs.",
        config.flow,
        f"{flow.count_params():,}",
        f"{len(splits.train):,}",
        splits.name,
        steps,
        config.epochs,
    )
    recorder = cb.Recorder(run, f"{splits.name}, {splits.source}", progress, Checkpoints(run.checkpoints, flow=flow))
    callbacks = [
        cb.NonFiniteStop(run, splits.train, config.batch_size, config.seed, config.flips),
        cb.Clock(progress),
        recorder,
        cb.Stops(progress, config),
        cb.Pictures(run, recorder.writer, config.seed),
        cb.Checkpointing(state, config.checkpoint_minutes, steps),
    ]
    validation = datasets.evaluation_batches(splits.validation, _EVALUATION_BATCH, config.seed)

    def fit_epochs(first, last, epoch_steps, more=()):
        step = model.step
        model.fit(
            datasets.training_batches(splits.train, config.batch_size, config.seed, step, config.flips),
            initial_epoch=first,
            epochs=last,
            steps_per_epoch=epoch_steps,
            validation_data=validation,
            callbacks=[*more, *callbacks],
            shuffle=False,
            verbose=1 if sys.stdout.isatty() else 2,
        )

    epoch, done = divmod(model.step, steps)
    over = cb.why_over(config, progress, epoch)
    if done and not over:  # the rest of an interrupted epoch first, on means that already hold its beginning
        means = [keras.ops.convert_to_numpy(v) for m in model.metrics for v in m.variables]
        fit_epochs(epoch, epoch + 1, steps - done, [cb.RestoredMeans(means)])
        epoch += 1
        over = cb.why_over(config, progress, epoch)
    if not over:
        fit_epochs(epoch, config.epochs, steps)
    epochs = -(-model.step // steps)
    return {
        "reason": cb.why_over(config, progress, epochs),
        "epoch": epochs,
        "step": model.step,
        "seconds": round(float(progress.seconds.numpy()), 1),
        "best_epoch": int(progress.best_epoch.numpy()),
        "best_validation_nll": float(progress.best_nll.numpy()),
    }
