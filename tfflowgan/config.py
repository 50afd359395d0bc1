"""The configuration of a run: one dataclass, presets, strict overrides, JSON.

    defaults  <  preset (`tfflowgan/presets/NAME.py`) or JSON file  <  flags

An unknown key or a value of the wrong type is an error. A value of None means the part's own default; `resolve` fills
it in, so that a run's `config.json` holds everything and `--config=config.json` repeats the run. Imports no TensorFlow.
"""

import dataclasses
import difflib
import json
import math
import pathlib
import types
import typing

from tfflowgan import plugins
from tfflowgan.errors import UserError

__all__ = ["FLOW_FIELDS", "Config", "changes", "from_file", "from_preset", "override"]


def _field(default, text: str, group: str, changeable: bool = False):
    return dataclasses.field(default=default, metadata={"help": text, "group": group, "changeable": changeable})


@dataclasses.dataclass(frozen=True)
class Config:
    """All that determines a run. Each field is a flag of `bin/train`, with its `help`."""

    preset: str | None = _field(None, "a recipe from tfflowgan/presets", "run")
    dataset: str = _field("mnist", "{datasets}", "data")
    data_dir: str | None = _field(None, "folder with the original files", "data", changeable=True)
    data_source: str = _field("auto", "auto, local, prepared, download or embedded", "data", changeable=True)
    image_size: int | None = _field(None, "side of the images (image_folder, celeb_a)", "data")
    flips: bool | None = _field(None, "mirror training images at random (default: the dataset's)", "data")
    limit: int | None = _field(None, "use only the first N images of each split", "data")

    flow: str = _field("nvp", "{flows}", "flow")
    levels: int | None = _field(None, "nvp: 1, 2, 3 levels are 7, 13, 19 couplings", "flow")
    width: int | None = _field(None, "units or channels of the networks", "flow")
    blocks: int | None = _field(None, "nvp, real_nvp: residual blocks of a network", "flow")
    couplings: int | None = _field(None, "nice: additive couplings", "flow")
    layers: int | None = _field(None, "nice: hidden layers of a network", "flow")
    weight_norm: bool | None = _field(None, "real_nvp: normalise kernels", "flow")
    batch_norm: bool | None = _field(None, "nice, real_nvp: normalise batches in networks", "flow")
    prior: str | None = _field(None, "normal or logistic", "flow")
    logit_alpha: float | None = _field(None, "alpha of the logit; 0 leaves it out", "flow")
    dtype: str | None = _field(None, "float32 or float64", "flow")
    network_dtype: str | None = _field(None, "precision of the networks: float32 or mixed_bfloat16", "flow")

    objective: str = _field("mle", "{objectives}", "training")
    batch_size: int = _field(100, "images a step, over all devices", "training")
    epochs: int = _field(10, "passes over the training images", "training")
    minutes: float | None = _field(None, "stop after this training time, if the epochs take longer", "training")
    early_stopping: int | None = _field(None, "stop after N epochs without a better validation NLL", "training")
    learning_rate: float = _field(5e-4, "Adam's", "training")
    beta1: float = _field(0.9, "Adam's", "training")
    beta2: float = _field(0.999, "Adam's", "training")
    epsilon: float = _field(1e-8, "Adam's", "training")
    decay: str = _field("cosine", "of the learning rate: constant, exponential, cosine", "training")
    decay_rate: float | None = _field(None, "exponential: factor a step", "training")
    warmup_steps: int = _field(200, "steps over which the learning rate rises linearly", "training")
    clip_norm: float | None = _field(1000.0, "largest global norm of the gradient; 0 leaves it", "training")

    seed: int = _field(0, "of weights, order, noise and samples", "run")
    deterministic: bool = _field(False, "bit-for-bit repeatable operations", "run")
    checkpoint_minutes: float = _field(5.0, "time between checkpoints within an epoch", "run", changeable=True)

    def __post_init__(self):
        """Checks types, choices and ranges."""
        for field in dataclasses.fields(self):
            _check_type(field, getattr(self, field.name))
        plugins.check("datasets", self.dataset, "dataset")
        plugins.check("flows", self.flow, "flow")
        plugins.check("objectives", self.objective, "objective")
        for name in _POSITIVE:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UserError(f"--{name}={value} must be greater than 0.")
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in choices:
                raise UserError(f"--{name}={value} is not known; it can be {', '.join(choices)}.")
        for name in ("beta1", "beta2"):
            if not 0 <= getattr(self, name) < 1:
                raise UserError(f"--{name}={getattr(self, name)} must lie in [0, 1).")
        if not 0 <= self.seed < 2**31:
            raise UserError(f"--seed={self.seed} must lie in 0..{2**31 - 1}.")
        for name in ("warmup_steps", "clip_norm"):
            if (getattr(self, name) or 0) < 0:
                raise UserError(f"--{name}={getattr(self, name)} must not be negative.")
        if (self.decay == "exponential") != (self.decay_rate is not None):
            raise UserError("--decay=exponential and --decay_rate go together; give both or neither.")
        if self.decay_rate is not None and self.decay_rate > 1:
            raise UserError(f"--decay_rate={self.decay_rate} must not be greater than 1.")

    @property
    def name(self) -> str:
        """The run's default name: the preset's, or dataset_flow_objective."""
        return self.preset or f"{self.dataset}_{self.flow}_{self.objective}"

    def to_json(self) -> str:
        """All fields as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"


_POSITIVE = (
    "levels width blocks couplings layers batch_size epochs minutes early_stopping learning_rate epsilon decay_rate "
    "checkpoint_minutes image_size limit"
).split()
_CHOICES = {
    "data_source": ("auto", "local", "prepared", "download", "embedded"),
    "prior": ("normal", "logistic"),
    "dtype": ("float32", "float64"),
    "network_dtype": ("float32", "mixed_bfloat16"),
    "decay": ("constant", "exponential", "cosine"),
}

FLOW_FIELDS = tuple(f.name for f in dataclasses.fields(Config) if f.metadata["group"] == "flow" and f.name != "flow")


def override(base: dict, changes: dict, where: str) -> dict:
    """Lays changes over a dict of configuration.

    Args:
      base: from names to values.
      changes: the same, stronger.
      where: what the changes come from, for messages.

    Raises:
      UserError: a key that `Config` does not have.
    """
    known = [f.name for f in dataclasses.fields(Config)]
    for key in changes:
        if key not in known:
            close = difflib.get_close_matches(key, known, n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise UserError(f"{where} has the key {key}, which no run knows{hint}.")
    return base | changes


def from_preset(name: str) -> dict:
    """The settings of a preset, with its own name."""
    return override({}, plugins.load("presets", name, "preset").PRESET, f"preset {name}") | {"preset": name}


def from_file(path: str) -> dict:
    """The settings in a JSON file, such as a run's `config.json`.

    Raises:
      UserError: no such file, not JSON, or an unknown key.
    """
    try:
        settings = json.loads(pathlib.Path(path).read_text())
    except OSError as error:
        raise UserError(f"--config={path} cannot be read: {error.strerror}.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"--config={path} is not JSON: {error}.") from None
    if not isinstance(settings, dict):
        raise UserError(f"--config={path} must hold one JSON object of settings.")
    return override({}, settings, f"--config={path}")


def changes(old: Config, new: Config) -> list[str]:
    """The settings in which two configurations differ, as sentences' parts; without those that a run may change."""
    differing = []
    for field in dataclasses.fields(Config):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after and not field.metadata["changeable"]:
            differing.append(f"--{field.name} was {before}, now {after}")
    return differing


def value_type(field: dataclasses.Field) -> type:
    """The type of a field's values, without None."""
    options = typing.get_args(field.type) if isinstance(field.type, types.UnionType) else (field.type,)
    return next(t for t in options if t is not types.NoneType)


def _check_type(field, value):
    due = value_type(field)
    optional = isinstance(field.type, types.UnionType)
    if value is None and optional:
        return
    fits = isinstance(value, due) or (due is float and isinstance(value, int))
    if not fits or (isinstance(value, bool) and due is not bool):
        raise UserError(f"{field.name}={value!r} has the wrong type; it must be {due.__name__}{' or null' if optional else ''}.")
    if isinstance(value, float) and not math.isfinite(value):
        raise UserError(f"--{field.name}={value} must be a finite number.")
