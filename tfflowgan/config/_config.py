"""`Config`: all settings of a run, each a flag of `bin/train`, checked when they are given."""

import dataclasses
import json
from typing import Any, Literal

from tfflowgan import own_code, plugins
from tfflowgan.config._fields import check_value, setting
from tfflowgan.config._options import parse_options, parse_steps
from tfflowgan.errors import UserError

__all__ = ["CHOICES", "CRITIC_FIELDS", "FIELDS", "FLOW_FIELDS", "FORMAT", "OBJECTIVE_FIELDS"]
__all__ += ["PARTS", "Config", "default_flow", "fallback"]

# Of config.json and of the specs inside SavedModels. Version 0.1.0 wrote no key "format": format 1.
# Format 2 had no --steps, and a null monitor_steps was an epoch. Format 3 had other defaults, which
# are kept as `former` below and as FORMER in the flows. Up to format 4, TensorFlow decided on TF32
# and allowed it.
FORMAT = 5

_NOT_NEGATIVE = ("warmup_steps", "monitor_steps", "clip_norm")
_NOT_NEGATIVE += ("burst_steps", "burst_first", "burst_every")
_Source = Literal["auto", "local", "prepared", "download", "embedded"]


@dataclasses.dataclass(frozen=True)
class Config:
    """All that determines a run. Each field is a flag of `bin/train`."""

    preset: str | None = setting(None, "a recipe from tfflowgan/presets", "run")
    dataset: str = setting("mnist", "{datasets}", "data")
    data_dir: str | None = setting(None, "folder with the original files", "data", changeable=True)
    data_source: _Source = setting("auto", "where the images come from", "data", changeable=True)
    image_size: int | None = setting(
        None, "side of the images (image_folder, celeb_a)", "data", positive=True
    )
    frames: Literal["all", "refuse"] = setting(
        "all", "of a file that holds several (image_folder)", "data"
    )
    flips: bool | None = setting(
        None, "mirror training images at random (default: the dataset's)", "data"
    )
    limit: int | None = setting(
        None, "use only the first N images of each split", "data", positive=True
    )

    flow: str | None = setting(
        None,
        "{flows}; cifar10, celeb_a: real_nvp",
        "model",
        fallback="nvp",
        former={3: "nvp"},
    )
    generator: str | None = setting(
        None, "instead of a flow, a model without a density: {generators}", "model"
    )
    init_from: str | None = setting(
        None, "start from the weights of a run, a checkpoint of a run, or a SavedModel", "model"
    )
    options: str | None = setting(
        None, "of parts in files of your own: NAME=VALUE,... (docs/guides/extending.md)", "model"
    )

    levels: int | None = setting(
        None, "levels L: 6 L + 1 couplings in nvp, 6 L - 2 in real_nvp", "flow", positive=True
    )
    width: int | None = setting(None, "units or channels of the networks", "flow", positive=True)
    blocks: int | None = setting(None, "residual blocks per network", "flow", positive=True)
    couplings: int | None = setting(None, "additive couplings", "flow", positive=True)
    layers: int | None = setting(None, "hidden layers per network", "flow", positive=True)
    weight_norm: bool | None = setting(None, "weight normalization of kernels", "flow")
    batch_norm: bool | None = setting(None, "batch normalization inside the networks", "flow")
    layer_norm: bool | None = setting(None, "layer normalization inside the networks", "flow")
    zero_start: Literal["last", "blocks", "none"] | None = setting(
        None, "layers that are zero in a new network", "flow"
    )
    learned_bound: bool | None = setting(None, "learn the bounds of the log-scales", "flow")
    mixing: bool | None = setting(None, "mix channels between couplings", "flow")
    prior: Literal["normal", "logistic"] | None = setting(
        None, "distribution of the latents", "flow"
    )
    logit_alpha: float | None = setting(None, "alpha of the logit; 0 leaves the logit out", "flow")
    dtype: Literal["float32", "float64"] | None = setting(None, "of weights and densities", "flow")
    network_dtype: Literal["float32", "mixed_bfloat16", "mixed_float16"] | None = setting(
        None, "precision of the networks", "flow"
    )
    recompute: bool | None = setting(
        None, "less memory, more time: recompute networks for gradients", "flow"
    )
    network: str | None = setting(None, "FILE.py:FUNCTION that makes the networks", "flow")

    objective: str = setting("mle", "{objectives}", "training")
    adversary: str | None = setting(None, "hybrid: the adversarial objective inside", "training")
    nll_weight: float | None = setting(
        None, "hybrid: weight of the NLL in nats per image", "training", positive=True
    )
    batch_size: int | None = setting(
        None,
        "images per step, over all devices",
        "training",
        fallback=100,
        positive=True,
        former={3: 100},
    )
    epochs: int | None = setting(
        None,
        "generator steps, in passes over the training images; more continue a run",
        "training",
        fallback=10,
        positive=True,
        former={2: 10},
    )
    steps: int | None = setting(
        None, "generator steps in all, in place of --epochs", "training", positive=True
    )
    minutes: float | None = setting(
        None,
        "at most as many steps as fit into this time, without evaluations",
        "training",
        positive=True,
    )
    early_stopping: int | None = setting(
        None,
        "stop after N evaluations without improvement (see --select)",
        "training",
        positive=True,
    )
    optimizer: Literal["adam", "rmsprop"] = setting("adam", "of generator and critic", "training")
    learning_rate: float | None = setting(
        None,
        "the generator's",
        "training",
        fallback=5e-4,
        positive=True,
        former={3: 5e-4},
    )
    beta1: float | None = setting(None, "of Adam", "optimizer", fallback=0.9)
    beta2: float | None = setting(None, "of Adam", "optimizer", fallback=0.999)
    rho: float | None = setting(None, "of RMSprop", "optimizer", fallback=0.99)
    epsilon: float = setting(1e-8, "the optimizer's", "optimizer", positive=True)
    decay: Literal["constant", "exponential", "cosine"] = setting(
        "cosine", "of the rate; cosine: to zero at the last step", "training"
    )
    decay_rate: float | None = setting(
        None, "exponential: factor per step", "optimizer", positive=True
    )
    warmup_steps: int | None = setting(
        None,
        "steps over which the rate rises linearly (default: a tenth of all, at most 200)",
        "training",
        former={2: 200},
    )
    clip_norm: float | None = setting(
        None,
        "largest norm of the gradient; 0: any",
        "training",
        fallback=1000.0,
        former={3: 1000.0},
    )

    critic: str | None = setting(None, "{critics}", "critic", fallback="dcgan")
    critic_width: int | None = setting(
        None, "channels of its first layers", "critic", positive=True
    )
    critic_norm: Literal["batch", "layer", "none"] | None = setting(
        None, "normalization (under a gradient penalty the default is the critic's own)", "critic"
    )
    critic_dtype: Literal["float32", "mixed_bfloat16"] | None = setting(
        None, "precision of its layers; scores and losses stay in float32", "critic"
    )
    critic_steps: int | None = setting(
        None, "updates per generator step", "critic", fallback=5, positive=True
    )
    critic_learning_rate: float | None = setting(
        None, "default: --learning_rate", "critic", positive=True
    )
    burst_steps: int | None = setting(
        None, "updates before some generator steps; 0: no bursts", "critic", fallback=0
    )
    burst_first: int | None = setting(
        None, "a burst before each of the first N generator steps", "critic", fallback=25
    )
    burst_every: int | None = setting(
        None, "and before every N-th generator step", "critic", fallback=500
    )
    reuse_batch: bool | None = setting(
        None, "one batch of images and latents for all updates of a step", "critic", fallback=False
    )
    generator_loss: Literal["minimax", "non_saturating"] | None = setting(
        None, "gan, kl, reverse_kl, hellinger", "critic"
    )
    clip_weights: float | None = setting(
        None, "the critic's weights stay in [-c, c]", "critic", positive=True
    )
    penalty_weight: float | None = setting(
        None, "weight of the gradient penalty", "critic", positive=True
    )
    penalty_axes: Literal["image", "columns"] | None = setting(
        None, "norm of the gradient over images or, as in Flow-GAN's code, columns", "critic"
    )

    monitor_steps: int | None = setting(
        None,
        "generator steps between evaluations; 0: an epoch (default: as many whole epochs as make "
        "25 evaluations or fewer)",
        "monitoring",
        former={2: 0},
    )
    select: Literal["nll", "score", "last"] | None = setting(
        None, "weights to export: best NLL, best score or last", "monitoring"
    )
    snapshots: str | None = setting(
        None, "generator steps to keep weights of: 100,200 or first:last:every", "monitoring"
    )
    independent_critic: bool = setting(
        False, "train a second critic for evaluation, on validation images", "monitoring"
    )
    independent_steps: int | None = setting(
        None, "its updates per generator step", "monitoring", fallback=5, positive=True
    )
    classifier: str | None = setting(
        None, "SavedModel, as of bin/train_classifier, to score samples", "monitoring"
    )
    score_samples: int | None = setting(
        None, "samples to score", "monitoring", fallback=1000, positive=True
    )
    monitor_batch: int = setting(
        256, "images per pass of an evaluation", "monitoring", positive=True, changeable=True
    )

    strategy: Literal["auto", "mirrored", "multi_worker"] = setting(
        "auto", "devices to use", "run", changeable=True
    )
    jit: Literal["auto", "on", "off"] = setting(
        "auto", "many steps as one XLA program; auto: on one GPU", "run", changeable=True
    )
    steps_per_call: int | None = setting(
        None,
        "of that program (default: as many as take a second)",
        "run",
        positive=True,
        changeable=True,
    )
    tf32: bool = setting(
        False,
        "let GPUs round the factors of float32 products in training; never in evaluations",
        "run",
        changeable=True,
        former={4: True},
    )
    seed: int = setting(0, "of weights, order, noise and samples", "run")
    deterministic: bool = setting(False, "bit-for-bit repeatable operations", "run")
    checkpoint_minutes: float = setting(
        5.0, "time between checkpoints within an epoch", "run", positive=True, changeable=True
    )

    @property
    def images_per_step(self) -> int:
        """The batch size, which a resolved configuration has."""
        if self.batch_size is None:
            raise ValueError("batch_size=None: the configuration is not resolved.")
        return self.batch_size

    def __post_init__(self) -> None:
        """Checks types, choices and ranges."""
        for field in dataclasses.fields(self):
            check_value(field, getattr(self, field.name))
        for name in CHOICES:
            if own_code.is_code(value := getattr(self, name)):
                object.__setattr__(self, name, own_code.absolute(value))
        for name, folder in {"dataset": "datasets", **PARTS}.items():
            if getattr(self, name) is not None:
                plugins.check(folder, getattr(self, name), name)
        if self.network is not None:
            if not own_code.is_code(self.network):
                raise UserError(
                    f"--network={self.network} must name a function in a file: FILE.py:FUNCTION."
                )
            own_code.check(self.network, "network")
        if self.flow is not None and self.generator is not None:
            raise UserError(
                f"--flow={self.flow} and --generator={self.generator} are both given; give one of "
                "them."
            )
        for name in ("beta1", "beta2", "rho"):
            if getattr(self, name) is not None and not 0 <= getattr(self, name) < 1:
                raise UserError(f"--{name}={getattr(self, name)} must lie in [0, 1).")
        if not 0 <= self.seed < 2**31:
            raise UserError(f"--seed={self.seed} must lie in 0..{2**31 - 1}.")
        if self.steps is not None and self.epochs is not None:
            raise UserError(
                f"--steps={self.steps} and --epochs={self.epochs} are both given; give one of them."
            )
        for name in _NOT_NEGATIVE:
            if (getattr(self, name) or 0) < 0:
                raise UserError(f"--{name}={getattr(self, name)} must not be negative.")
        parse_steps(self.snapshots)
        parse_options(self.options)
        if (self.decay == "exponential") != (self.decay_rate is not None):
            raise UserError(
                "--decay=exponential and --decay_rate go together; give both or neither."
            )
        if self.decay_rate is not None and self.decay_rate > 1:
            raise UserError(f"--decay_rate={self.decay_rate} must not be greater than 1.")

    def code(self) -> dict[str, str]:
        """The settings that name a file of code: `FILE.py:FUNCTION` by setting."""
        return {
            name: getattr(self, name) for name in CHOICES if own_code.is_code(getattr(self, name))
        }

    def to_json(self) -> str:
        """The format, all fields and the checksums of the files of code as indented JSON."""
        code = own_code.digests(self.code().values())
        values = {"format": FORMAT} | dataclasses.asdict(self) | ({"code": code} if code else {})
        return json.dumps(values, indent=2) + "\n"


PARTS = {  # the folder of each part that a setting chooses
    "objective": "objectives",
    "adversary": "objectives",
    "flow": "flows",
    "generator": "generators",
    "critic": "critics",
}
CHOICES = ("dataset", *PARTS, "network")  # settings that can name a file of code
FIELDS = {field.name: field for field in dataclasses.fields(Config)}

FLOW_FIELDS = tuple(f.name for f in FIELDS.values() if f.metadata["group"] == "flow")
OBJECTIVE_FIELDS = tuple(
    "adversary nll_weight generator_loss clip_weights penalty_weight penalty_axes".split()
)
CRITIC_FIELDS = tuple(
    f.name
    for f in FIELDS.values()
    if f.metadata["group"] == "critic" and f.name not in OBJECTIVE_FIELDS
)


def fallback(name: str) -> Any:
    """What `resolve` fills in for a setting that applies and is not given."""
    return FIELDS[name].metadata["fallback"]


def default_flow(dataset: str) -> str:
    """The flow of a run that names none: the dataset's, by a literal FLOW in its module."""
    return plugins.literal("datasets", dataset, "FLOW", fallback("flow"))
