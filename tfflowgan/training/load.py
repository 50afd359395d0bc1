"""From a run's configuration to its parts: images, flow, trained weights."""

import dataclasses

from tfflowgan import datasets, flows
from tfflowgan.config import FLOW_FIELDS, Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.training.checkpoints import Checkpoints
from tfflowgan.training.run import Run

__all__ = ["build_flow", "load_flow", "load_splits", "resolve"]


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


def build_flow(config: Config, image_shape: tuple[int, int, int]) -> flows.Flow:
    """A new flow as a resolved configuration asks for it."""
    chosen = {name: getattr(config, name) for name in FLOW_FIELDS if name in flows.options(config.flow)}
    chosen["logit_alpha"] = chosen["logit_alpha"] or None  # 0 leaves the logit out
    return flows.build(config.flow, tuple(image_shape), **chosen)


def load_splits(config: Config) -> Splits:
    """The images of a run, cut to `limit`."""
    splits = datasets.load(config.dataset, config.data_dir, config.data_source, config.image_size)
    if config.limit is None:
        return splits
    parts = {name: getattr(splits, name).first(config.limit) for name in ("train", "validation", "test")}
    return dataclasses.replace(splits, source=f"{splits.source}, first {config.limit} of each split", **parts)


def load_flow(run: Run) -> flows.Flow:
    """The flow of a run with the weights of its best validation NLL.

    Raises:
      UserError: there is no such checkpoint yet, or it cannot be read.
    """
    config, data = run.config(), run.data()
    if data is None:
        raise UserError(f"--run={run.path} has no data.json, so the images' shape is unknown; put it back.")
    if not run.best.with_name("best.index").exists():
        raise UserError(f"--run={run.path} has no best checkpoint yet; let it train for an epoch.")
    flow = build_flow(config, data["image_shape"])
    try:
        whole = Checkpoints(run.checkpoints, flow=flow).read(run.best)
    except (AssertionError, ValueError):
        raise UserError(f"{run.best} is a checkpoint of another architecture than {run.path}/config.json.") from None
    if not whole:
        raise UserError(f"{run.best} is damaged; put it back, or train another --run.")
    return flow
