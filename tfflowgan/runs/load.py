"""Loading what a run consists of: images, generator and trained weights."""

import pathlib

from tfflowgan import datasets
from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, build_part
from tfflowgan.runs.checkpoints import Checkpoints
from tfflowgan.runs.names import WEIGHTS
from tfflowgan.runs.parts import dataset_part, generator_part
from tfflowgan.runs.run import Run

__all__ = ["build_generator", "load_generator", "load_splits", "read_weights"]


def build_generator(config: Config, image_shape: tuple[int, int, int]) -> Generator:
    """Builds the untrained flow, or generator without a density, that a configuration describes."""
    return build_part(generator_part(config), image_shape)


def load_splits(config: Config, recorded: dict | None = None) -> Splits:
    """Loads the images of a run: the first `limit` of each split, if `limit` is set.

    Args:
      config: of the run.
      recorded: the run's `data.json`, by which a run of version 0.1.0 finds its images again.
    """
    return datasets.load_recorded(
        None if recorded is None else recorded["fingerprint"],
        config.limit,
        config.dataset,
        config.data_dir,
        config.data_source,
        config.image_size,
        config.frames,
        **dataset_part(config).options,
    )


def load_generator(run: Run, select: str | None = None) -> Generator:
    """Loads the generator of a run with trained weights.

    Args:
      run: a run with at least one evaluation or snapshot.
      select: "nll" (best validation NLL), "score" (best sample score), "last" or "snapshot-N". None
        uses the run's own `select`.

    Raises:
      UserError: that checkpoint does not exist yet, or it cannot be read.
    """
    config, data = run.config(), run.data()
    if data is None:
        raise UserError(
            f"--run={run.path} has no data.json, which holds the shape of the images; restore it."
        )
    path = run.weights(select or config.select or "nll")
    if not path.with_name(path.name + ".index").exists():
        values = {name: value for value, name in WEIGHTS.items()}
        stems = [p.stem for p in path.parent.glob("*.index") if not p.stem.startswith("step-")]
        available = ", ".join(sorted(values.get(stem, stem) for stem in stems))
        raise UserError(
            f"{run.path} has no weights for --select={select or config.select} yet; available: "
            f"{available or 'none'}."
        )
    generator = build_generator(config, data["image_shape"])
    read_weights(generator, path, f"{run.path}/config.json")
    return generator


def read_weights(generator: Generator, path: pathlib.Path, architecture: str) -> None:
    """Reads a checkpoint of weights into a generator.

    Args:
      generator: must have the architecture that the checkpoint was written from.
      path: the checkpoint.
      architecture: what the generator was built from, for error messages.

    Raises:
      UserError: the checkpoint is damaged or belongs to another architecture.
    """
    try:
        intact = Checkpoints(path.parent, generator=generator).read(path)
    except (AssertionError, ValueError):
        raise UserError(
            f"{path} is a checkpoint of another architecture than that of {architecture}."
        ) from None
    if not intact:
        raise UserError(f"{path} is damaged; restore it from a copy, or train another --run.")
