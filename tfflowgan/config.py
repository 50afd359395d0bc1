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
import re
import types
import typing

from tfflowgan import plugins
from tfflowgan.errors import UserError

__all__ = [
    "CRITIC_FIELDS",
    "FLOW_FIELDS",
    "OBJECTIVE_FIELDS",
    "Config",
    "changes",
    "from_file",
    "from_preset",
    "override",
    "parse_steps",
]


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

    flow: str | None = _field(None, "{flows} (default: nvp)", "model")
    generator: str | None = _field(None, "in place of a flow, one without a density: {generators}", "model")
    init_from: str | None = _field(None, "start from the weights of this run", "model")

    levels: int | None = _field(None, "nvp: 1, 2, 3 levels are 7, 13, 19 couplings", "flow")
    width: int | None = _field(None, "units or channels of the networks", "flow")
    blocks: int | None = _field(None, "nvp, real_nvp: residual blocks of a network", "flow")
    couplings: int | None = _field(None, "nice: additive couplings", "flow")
    layers: int | None = _field(None, "nice: hidden layers of a network", "flow")
    weight_norm: bool | None = _field(None, "real_nvp: normalise kernels", "flow")
    batch_norm: bool | None = _field(None, "nice, real_nvp, dcgan: normalise batches in networks", "flow")
    prior: str | None = _field(None, "normal or logistic", "flow")
    logit_alpha: float | None = _field(None, "alpha of the logit; 0 leaves it out", "flow")
    dtype: str | None = _field(None, "float32 or float64", "flow")
    network_dtype: str | None = _field(None, "precision of the networks: float32 or mixed_bfloat16", "flow")
    recompute: bool | None = _field(None, "nvp, real_nvp: less memory, more time: run networks again for gradients", "flow")

    objective: str = _field("mle", "{objectives}", "training")
    adversary: str | None = _field(None, "hybrid: the adversarial objective inside (default: wgan_gp)", "training")
    nll_weight: float | None = _field(None, "hybrid: weight of the NLL in nats per image (default: 0.1)", "training")
    batch_size: int = _field(100, "images a step, over all devices", "training")
    epochs: int = _field(10, "generator steps, in passes over the training images", "training")
    minutes: float | None = _field(None, "stop after this training time, if the epochs take longer", "training")
    early_stopping: int | None = _field(None, "stop after N evaluations without a better one (see --select)", "training")
    optimizer: str = _field("adam", "adam or rmsprop, of generator and critic", "training")
    learning_rate: float = _field(5e-4, "the generator's", "training")
    beta1: float | None = _field(None, "adam's (default: 0.9)", "training")
    beta2: float | None = _field(None, "adam's (default: 0.999)", "training")
    rho: float | None = _field(None, "rmsprop's (default: 0.99)", "training")
    epsilon: float = _field(1e-8, "the optimizer's", "training")
    decay: str = _field("cosine", "of the learning rate: constant, exponential, cosine", "training")
    decay_rate: float | None = _field(None, "exponential: factor a step", "training")
    warmup_steps: int = _field(200, "steps over which the learning rate rises linearly", "training")
    clip_norm: float | None = _field(1000.0, "largest global norm of the gradient; 0 leaves it", "training")

    critic: str | None = _field(None, "{critics} (default: dcgan)", "critic")
    critic_width: int | None = _field(None, "channels of its first layers (default: 64)", "critic")
    critic_norm: str | None = _field(
        None, "batch, layer or none (default: batch; under a gradient penalty the critic's own)", "critic"
    )
    critic_steps: int | None = _field(None, "updates a generator step (default: 5)", "critic")
    critic_learning_rate: float | None = _field(None, "default: --learning_rate", "critic")
    burst_steps: int | None = _field(None, "updates before some generator steps (default: no bursts)", "critic")
    burst_first: int | None = _field(None, "a burst before each of the first N generator steps (default: 25)", "critic")
    burst_every: int | None = _field(None, "and before every N-th (default: 500)", "critic")
    reuse_batch: bool | None = _field(None, "one batch of images and latents for all of a step's updates", "critic")
    generator_loss: str | None = _field(None, "gan, kl, reverse_kl, hellinger: minimax or non_saturating", "critic")
    clip_weights: float | None = _field(None, "wgan: the critic's weights stay in [-c, c] (default: 0.01)", "critic")
    penalty_weight: float | None = _field(None, "wgan_gp: weight of the gradient penalty (default: 10.0)", "critic")
    penalty_axes: str | None = _field(None, "wgan_gp: norm over image (default) or, as in Flow-GAN's code, columns", "critic")

    monitor_steps: int | None = _field(None, "generator steps between evaluations (default: an epoch)", "monitoring")
    select: str | None = _field(None, "weights to export: best nll, best score or last", "monitoring")
    snapshots: str | None = _field(None, "generator steps to keep weights of: 100,200 or first:last:every", "monitoring")
    independent_critic: bool = _field(False, "train a second critic for evaluation, on validation images", "monitoring")
    independent_steps: int | None = _field(None, "its updates a generator step (default: 5)", "monitoring")
    classifier: str | None = _field(None, "SavedModel, as of bin/train_classifier, to score samples", "monitoring")
    score_samples: int | None = _field(None, "samples to score (default: 1000)", "monitoring")

    strategy: str = _field("auto", "auto, mirrored (this machine) or multi_worker (TF_CONFIG)", "run", changeable=True)
    seed: int = _field(0, "of weights, order, noise and samples", "run")
    deterministic: bool = _field(False, "bit-for-bit repeatable operations", "run")
    checkpoint_minutes: float = _field(5.0, "time between checkpoints within an epoch", "run", changeable=True)

    def __post_init__(self):
        """Checks types, choices and ranges."""
        for field in dataclasses.fields(self):
            _check_type(field, getattr(self, field.name))
        plugins.check("datasets", self.dataset, "dataset")
        plugins.check("objectives", self.objective, "objective")
        for folder, name in (("flows", "flow"), ("generators", "generator"), ("critics", "critic"), ("objectives", "adversary")):
            if getattr(self, name) is not None:
                plugins.check(folder, getattr(self, name), name)
        if self.flow is not None and self.generator is not None:
            raise UserError(f"--flow={self.flow} and --generator={self.generator} are both given; give one of them.")
        for name in _POSITIVE:
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UserError(f"--{name}={value} must be greater than 0.")
        for name, choices in _CHOICES.items():
            value = getattr(self, name)
            if value is not None and value not in choices:
                raise UserError(f"--{name}={value} is not known; it can be {', '.join(choices)}.")
        for name in ("beta1", "beta2", "rho"):
            if getattr(self, name) is not None and not 0 <= getattr(self, name) < 1:
                raise UserError(f"--{name}={getattr(self, name)} must lie in [0, 1).")
        if not 0 <= self.seed < 2**31:
            raise UserError(f"--seed={self.seed} must lie in 0..{2**31 - 1}.")
        for name in ("warmup_steps", "clip_norm", "burst_steps", "burst_first", "burst_every"):
            if (getattr(self, name) or 0) < 0:
                raise UserError(f"--{name}={getattr(self, name)} must not be negative.")
        parse_steps(self.snapshots)
        if (self.decay == "exponential") != (self.decay_rate is not None):
            raise UserError("--decay=exponential and --decay_rate go together; give both or neither.")
        if self.decay_rate is not None and self.decay_rate > 1:
            raise UserError(f"--decay_rate={self.decay_rate} must not be greater than 1.")

    @property
    def name(self) -> str:
        """The run's default name: the preset's with what differs from it, or dataset_flow_objective."""
        if not self.preset:
            inside = f"_{self.adversary or 'wgan_gp'}" if self.objective == "hybrid" else ""
            return f"{self.dataset}_{self.flow or self.generator or 'nvp'}_{self.objective}{inside}"
        differing = changes(Config(**from_preset(self.preset)), self)
        return "_".join([self.preset, *[re.sub(r"[^\w.-]", "-", f"{name}{now}") for name, _, now in differing]])

    def to_json(self) -> str:
        """All fields as indented JSON."""
        return json.dumps(dataclasses.asdict(self), indent=2) + "\n"


_POSITIVE = (
    "levels width blocks couplings layers batch_size epochs minutes early_stopping learning_rate epsilon decay_rate "
    "checkpoint_minutes image_size limit nll_weight critic_width critic_steps critic_learning_rate clip_weights "
    "penalty_weight monitor_steps independent_steps score_samples"
).split()
_CHOICES = {
    "data_source": ("auto", "local", "prepared", "download", "embedded"),
    "prior": ("normal", "logistic"),
    "dtype": ("float32", "float64"),
    "network_dtype": ("float32", "mixed_bfloat16"),
    "decay": ("constant", "exponential", "cosine"),
    "optimizer": ("adam", "rmsprop"),
    "critic_norm": ("batch", "layer", "none"),
    "generator_loss": ("minimax", "non_saturating"),
    "penalty_axes": ("image", "columns"),
    "select": ("nll", "score", "last"),
    "strategy": ("auto", "mirrored", "multi_worker"),
}

FLOW_FIELDS = tuple(f.name for f in dataclasses.fields(Config) if f.metadata["group"] == "flow")
OBJECTIVE_FIELDS = ("adversary", "nll_weight", "generator_loss", "clip_weights", "penalty_weight", "penalty_axes")
CRITIC_FIELDS = tuple(
    f.name for f in dataclasses.fields(Config) if f.metadata["group"] == "critic" and f.name not in OBJECTIVE_FIELDS
)


def parse_steps(text: str | None) -> list[int]:
    """The steps that `--snapshots` lists: numbers, and ranges first:last:every with both ends.

    Raises:
      UserError: it lists something else.
    """
    steps: set[int] = set()
    for part in (text or "").split(",") if text else []:
        numbers = part.split(":")
        if len(numbers) not in (1, 3) or not all(n.isdecimal() for n in numbers) or (len(numbers) == 3 and int(numbers[2]) == 0):
            raise UserError(f"--snapshots={text} must list steps, such as 100,200 or 0:1000:100 (first, last, every).")
        first, last, every = [int(n) for n in numbers] if len(numbers) == 3 else [int(part), int(part), 1]
        if (last - first) // every >= 10_000:
            raise UserError(f"--snapshots={text} lists more than 10,000 steps.")
        steps |= set(range(first, last + 1, every))
    return sorted(steps)


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


def changes(old: Config, new: Config) -> list[tuple[str, object, object]]:
    """The settings in which two configurations differ: name, before, now; without those that a run may change."""
    pairs = [
        (f.name, getattr(old, f.name), getattr(new, f.name)) for f in dataclasses.fields(Config) if not f.metadata["changeable"]
    ]
    return [(name, before, now) for name, before, now in pairs if before != now]


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
