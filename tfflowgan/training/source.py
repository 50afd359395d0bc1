"""What `--init_from` names: the weights that a run starts from, and their architecture.

    runs/NAME                           the weights that the run exports (its --select)
    runs/NAME/checkpoints/best          or best_score, last, snapshot-500: these weights
    runs/NAME/checkpoints/step-500      the generator of this training state
    saved_models/NAME[/VERSION]         an exported model; without a version, the newest

Only the generator's weights are taken. Optimizers, critics and counters start anew.
"""

import dataclasses
import hashlib
import pathlib
from typing import Protocol

import numpy as np

from tfflowgan import plugins
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator
from tfflowgan.model_versions import digest, newest_version
from tfflowgan.runs.checkpoints import read_part
from tfflowgan.runs.names import WEIGHTS, snapshot_name, state_name
from tfflowgan.runs.parts import spec_settings
from tfflowgan.runs.run import Run
from tfflowgan.serving import saved_model

__all__ = ["Source", "copy_weights", "find_source"]

_TAKES = (
    "--init_from takes a run (runs/NAME), a checkpoint of a run (runs/NAME/checkpoints/best, "
    "best_score, last, snapshot-N or step-N) or a SavedModel of tfflowgan (saved_models/NAME or "
    "saved_models/NAME/VERSION)"
)


class Source(Protocol):
    """Where a run starts from."""

    def config(self) -> Config:
        """A configuration with the architecture of the weights."""
        ...

    def image_shape(self) -> list[int] | None:
        """`[H, W, C]`, or None if it is not known."""
        ...

    def read(self) -> tuple[list[np.ndarray], dict]:
        """The weights, in the order of `Generator.weights`, and what init_from.json says of them.

        Raises:
          UserError: they do not exist yet, or they are damaged.
        """
        ...

    def name(self) -> str:
        """The path of the weights, for messages."""
        ...


def find_source(path: str) -> Source:
    """Finds what `--init_from` names.

    Args:
      path: the flag's value.

    Raises:
      UserError: it is nothing that the flag takes.
    """
    given = pathlib.Path(path)
    if (given / "config.json").exists():
        return _RunSource(Run(given), None)
    run = Run(given.parent.parent)
    if given.parent.name == "checkpoints" and (run.path / "config.json").exists():
        return _RunSource(run, _checkpoint(run, given.name, path))
    try:
        return _ModelSource(newest_version(given))
    except UserError:
        raise UserError(f"--init_from={path} is nothing to start from; {_TAKES}.") from None


def copy_weights(source: Source, generator: Generator, run: pathlib.Path) -> dict:
    """Copies weights to start from into a generator, in the generator's dtype.

    Args:
      source: where they come from.
      generator: must have their architecture; its dtype may differ.
      run: the new run's directory, for messages.

    Returns:
      What init_from.json says of them.

    Raises:
      UserError: they cannot be read, or they do not fit.
    """
    shape = source.image_shape()
    if shape is not None and tuple(shape) != generator.image_shape:
        its, asked = (" x ".join(map(str, dims)) for dims in (shape, generator.image_shape))
        raise UserError(
            f"--init_from={source.name()} is of images of {its}, and those of --run={run} are "
            f"{asked}."
        )
    values, record = source.read()
    if [value.shape for value in values] != [tuple(w.shape) for w in generator.weights]:
        raise UserError(
            f"--init_from={source.name()} has weights of another architecture than that of "
            f"--run={run}."
        )
    pairs = zip(values, generator.weights, strict=True)
    generator.set_weights([np.asarray(value, weight.dtype) for value, weight in pairs])
    return record


def _checkpoint(run, name, given):
    """The path of a run's checkpoint from a name such as best.index, snapshot-500 or step-500."""
    stem = name.removesuffix(".index")
    kind, _, number = stem.partition("-")
    names = {"snapshot": snapshot_name, "step": state_name}
    if kind in names and number.isdecimal():
        stem = names[kind](int(number))
    elif stem not in WEIGHTS.values():
        raise UserError(f"--init_from={given} is no checkpoint of a run; {_TAKES}.")
    path = run.saved / stem
    if not path.with_name(f"{stem}.index").exists():
        available = ", ".join(sorted(p.stem for p in run.saved.glob("*.index")))
        raise UserError(
            f"--init_from={given} does not exist; {run.saved} has {available or 'no checkpoints'}."
        )
    return path


@dataclasses.dataclass(frozen=True)
class _RunSource:
    """The weights of a run: one of its checkpoints, or None for those that it exports."""

    run: Run
    checkpoint: pathlib.Path | None

    def config(self) -> Config:
        return self.run.config()

    def image_shape(self) -> list[int] | None:
        return (self.run.data() or {}).get("image_shape")

    def name(self) -> str:
        return str(self._path())

    def read(self) -> tuple[list[np.ndarray], dict]:
        path = self._path()
        index = path.with_name(f"{path.name}.index")
        if not index.exists():
            raise UserError(
                f"--init_from={self.run.path} has no checkpoint {path.name} yet; train it for one "
                "epoch."
            )
        values = read_part(path, "generator")
        if values is None:
            raise UserError(f"--init_from={path} is damaged; restore it from a copy.")
        sha256 = hashlib.sha256(index.read_bytes()).hexdigest()
        return values, {"weights": str(path), "index_sha256": sha256}

    def _path(self):
        return self.checkpoint or self.run.weights(self.config().select or "nll")


@dataclasses.dataclass(frozen=True)
class _ModelSource:
    """The weights of a SavedModel, one version."""

    version: pathlib.Path

    def config(self) -> Config:
        """The architecture in the model's specification."""
        spec, written = self._spec()
        flag = "flow" if "flow" in spec else "generator"
        if any(isinstance(value, dict) for name, value in spec.items() if name != "code"):
            raise UserError(
                f"--init_from={self.version} was made with a function that no file holds; start "
                "from it in Python, by tfflowgan.load and tfflowgan.fit."
            )
        plugins.check(f"{flag}s", spec[flag], flag)
        known = plugins.options(f"{flag}s", spec[flag], flag)
        for option in spec.keys() - known.keys() - {flag, "image_shape", "code", "network"}:
            raise UserError(
                f"--init_from={self.version} has the option {option}, which "
                f"--{flag}={plugins.title(spec[flag])} does not have."
            )
        former = plugins.former(f"{flag}s", spec[flag], written)
        its = former | spec_settings(spec)
        if "logit_alpha" in spec:
            its["logit_alpha"] = spec["logit_alpha"] or 0.0  # None would be the flow's default
        return Config(**its)

    def image_shape(self) -> list[int] | None:
        return self._spec()[0]["image_shape"]

    def name(self) -> str:
        return str(self.version)

    def read(self) -> tuple[list[np.ndarray], dict]:
        generator = saved_model.load(self.version)
        record = {"model": str(self.version), "sha256": digest(self.version)}
        return [np.asarray(value) for value in generator.get_weights()], record

    def _spec(self):
        try:
            file = saved_model.read_spec(self.version)
            spec, written = file["model"], file.get("format", 1)
            if {"flow", "generator"} & spec.keys() and "image_shape" in spec:
                return spec, written
        except (UserError, KeyError, TypeError, AttributeError):
            pass
        raise UserError(
            f"--init_from={self.version} was not written by tfflowgan's export; {_TAKES}."
        )
