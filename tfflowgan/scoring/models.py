"""A model to score with: its flow, and its reference from wherever that is.

    RUN/results/scoring-reference-KEY.npz              of a run, measured at its first use
    NAME/VERSION/assets.extra/scoring.npz              of a SavedModel, written by its export

A reference of a run is used again only if the weights, the images, the noise and the scores are the
same; all of them are in the key.
"""

import dataclasses
import hashlib
import json
import logging
import os
import pathlib

from tfflowgan import own_code
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.flows import Flow
from tfflowgan.generators import Generator
from tfflowgan.model_versions import newest_version
from tfflowgan.runs.load import load_splits
from tfflowgan.runs.run import Run
from tfflowgan.scoring import scores
from tfflowgan.scoring.measurements import Measure
from tfflowgan.scoring.reference import (
    LIMIT,
    Reference,
    from_file,
    from_splits,
    weights_checksum,
)
from tfflowgan.serving.load import load as load_generator

__all__ = ["ASSET", "DRAWS", "Model", "assets", "copied_assets", "load", "reference_of_run"]

DRAWS = 8  # of the noise, per image
ASSET = "scoring.npz"  # in the folder assets.extra of an export

_HOW = "bin/export --run=RUN --scoring writes them into the next version"

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class Model:
    """A flow that scores images.

    Attributes:
      measure: the flow and the settings of its noise.
      reference: its scores of its own images; None if there are none.
      missing: why some scores cannot be compared with its own images, and what helps, as a
        sentence; empty if all can.
    """

    measure: Measure
    reference: Reference | None
    missing: str = ""

    def score(self, name: str | None = None) -> str:
        """A score that the model allows.

        Args:
          name: the score; None means the one that the reference has chosen on made defects, and
            likelihood without a reference.

        Raises:
          UserError: there is no such score, or the model does not allow it.
        """
        if name is None:
            return self.reference.choice.score if self.reference else "likelihood"
        if name not in scores.possible(self.measure.in_place) and scores.load(name).by_place:
            raise UserError(
                f"--score={name} needs a flow of this package, whose latents have places in the "
                "image; this one has layers of its own."
            )
        return name


def load(
    path: str | os.PathLike,
    select: str | None = None,
    draws: int | None = None,
    seed: int | None = None,
    data_dir: str | None = None,
    allow_code: bool = False,
) -> Model:
    """Loads a flow and its reference, which is measured if it is a run's and is not there yet.

    Args:
      path: a run or a SavedModel, as for `tfflowgan.load`.
      select: which weights of a run.
      draws: noise draws per image; None means those of the reference, else 8.
      seed: of the noise; None means that of the reference, else 0.
      data_dir: where the training images of a run are now, if they have moved.
      allow_code: whether a file of Python code that the run or model names may be executed.

    Raises:
      UserError: there is no such flow, the draws or the seed are not those of a SavedModel's
        reference, or the reference is not of this model.
    """
    with own_code.consent(everything=allow_code):
        return _load(pathlib.Path(path), select, draws, seed, data_dir)


def _load(path, select, draws, seed, data_dir):
    flow = load_generator(path, select)
    if not isinstance(flow, Flow):
        raise UserError(f"--model={path} has no density, so it cannot score images.")
    if (path / "config.json").exists():
        run = Run.open(path, "model")
        measure = Measure(flow, DRAWS if draws is None else draws, seed or 0)
        try:
            return Model(measure, reference_of_run(run, measure, data_dir=data_dir))
        except UserError as error:
            return Model(measure, None, str(error))
    if data_dir is not None:
        raise UserError(f"--data_dir={data_dir} is for runs; --model={path} is a SavedModel.")
    version = newest_version(path)
    asset = version / "assets.extra" / ASSET
    reference = from_file(asset)
    if reference is None:
        broken = f"{asset} is damaged or of another version of this package"
        missing = f"{version} does not have the scores of its training images"
        missing = f"{broken if asset.exists() else missing}; {_HOW}."
        return Model(Measure(flow, DRAWS if draws is None else draws, seed or 0), None, missing)
    reference.check(flow, f"--model={path}: {ASSET}")
    for name, value, known in (("draws", draws, reference.draws), ("seed", seed, reference.seed)):
        if value not in (None, known):
            raise UserError(
                f"--{name}={value} differs from {known}, with which --model={path} measured its "
                f"training images; leave --{name} out."
            )
    measure = Measure(flow, reference.draws, reference.seed)
    new = sorted(scores.possible(measure.in_place).keys() - reference.train.keys())
    missing = f"{version} was exported without {', '.join(new)}; {_HOW}." if new else ""
    return Model(measure, reference, missing)


def reference_of_run(
    run: Run, measure: Measure, splits: Splits | None = None, data_dir: str | None = None
) -> Reference:
    """The reference of a run's weights, from its results or measured now and kept there.

    Args:
      run: the run.
      measure: its flow and the settings of the noise.
      splits: its images, if they are loaded already.
      data_dir: where they are now, if they have moved.

    Raises:
      UserError: the images are not there any more or have changed, or none are held out.
    """
    recorded = run.data()
    if recorded is None:
        raise UserError(f"--run={run.path} has no data.json; restore it.")
    parts = [weights_checksum(measure.flow), recorded["fingerprint"], measure.draws, measure.seed]
    text = json.dumps([*parts, sorted(scores.possible(measure.in_place))])
    key = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = run.results / f"scoring-reference-{key}.npz"
    found = from_file(path)
    if found is not None:
        return found
    if splits is None:
        config = run.config()
        if data_dir:
            config = dataclasses.replace(config, data_dir=data_dir)
        if config.dataset == "arrays":
            raise UserError(
                f"--run={run.path} was trained on arrays in Python, which it does not have; "
                "tfflowgan.scoring.reference_from measures them."
            )
        splits = load_splits(config, recorded)
        run.check_data(splits)
    _log.info("%s: scoring up to %d of its own images, once.", run.path, 2 * LIMIT)
    found = from_splits(measure, splits, shown=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        found.save(path)
    except OSError as error:
        _log.warning("%s cannot be kept (%s); it is measured anew next time.", path, error.strerror)
    return found


def assets(run: Run, generator: Generator, splits: Splits | None = None) -> dict[str, bytes]:
    """What an export of a run holds for `bin/score`, as files of its folder assets.extra.

    Empty, with a warning, if the run's images are not there any more. Empty for a generator without
    a density.

    Args:
      run: the run.
      generator: with the weights that are exported.
      splits: the run's images, if they are loaded already.
    """
    if not isinstance(generator, Flow):
        return {}
    try:
        found = reference_of_run(run, Measure(generator, DRAWS), splits)
    except UserError as error:
        _log.warning("exported without what bin/score compares images with: %s", error)
        return {}
    return {ASSET: found.to_bytes()}


def copied_assets(path: str | os.PathLike) -> dict[str, bytes]:
    """What an older export holds for `bin/score`, for the next export of the same weights."""
    file = newest_version(path) / "assets.extra" / ASSET
    return {ASSET: file.read_bytes()} if file.exists() else {}
