"""From a run's configuration to its parts: images, generator, trained weights."""

import dataclasses
import pathlib

from tfflowgan import datasets
from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, build_part
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.names import WEIGHTS
from tfflowgan.runs.parts import generator_part
from tfflowgan.runs.run import Run

__all__ = ["build_generator", "load_generator", "load_splits", "read_weights"]


def build_generator(config: Config, image_shape: tuple[int, int, int]) -> Generator:
    """A new flow, or generator without a density, as a configuration asks for it."""
    return build_part(generator_part(config), image_shape)


def load_splits(config: Config) -> Splits:
    """The images of a run, cut to `limit`."""
    splits = datasets.load(config.dataset, config.data_dir, config.data_source, config.image_size)
    if config.limit is None:
        return splits
    parts = {name: getattr(splits, name).first(config.limit) for name in ("train", "validation", "test")}
    return dataclasses.replace(splits, source=f"{splits.source}, first {config.limit} of each split", **parts)


def load_generator(run: Run, select: str | None = None) -> Generator:
    """The generator of a run with trained weights.

    Args:
      run: a run that has trained for a while.
      select: "nll" (best validation NLL), "score" (best score of samples), "last", or "snapshot-N"; None is what the run selects.

    Raises:
      UserError: there is no such checkpoint yet, or it cannot be read.
    """
    config, data = run.config(), run.data()
    if data is None:
        raise UserError(f"--run={run.path} has no data.json, so the images' shape is unknown; put it back.")
    path = run.weights(select or config.select or "nll")
    if not path.with_name(path.name + ".index").exists():
        values = {name: select for select, name in WEIGHTS.items()}
        there = sorted(values.get(p.stem, p.stem) for p in path.parent.glob("*.index") if not p.stem.startswith("step-"))
        raise UserError(
            f"{run.path} has no weights for --select={select or config.select} yet; there are {', '.join(there) or 'none'}."
        )
    generator = build_generator(config, data["image_shape"])
    read_weights(generator, path, f"{run.path}/config.json")
    return generator


def read_weights(generator: Generator, path: pathlib.Path, architecture: str) -> None:
    """Reads a checkpoint of weights into a generator.

    Args:
      generator: of the same architecture.
      path: the checkpoint.
      architecture: what the generator was built from, for messages.

    Raises:
      UserError: it is damaged or of another architecture.
    """
    try:
        whole = Checkpoints(path.parent, generator=generator).read(path)
    except (AssertionError, ValueError):
        raise UserError(f"{path} is a checkpoint of another architecture than {architecture}.") from None
    if not whole:
        raise UserError(f"{path} is damaged; put it back, or train another --run.")
