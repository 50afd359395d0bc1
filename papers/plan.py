"""Which runs and evaluations artefacts need, each once and in order, as commands of `bin/`."""

import dataclasses
import pathlib

from papers import artefact
from papers.artefact import Evaluation
from papers.recipes import RECIPES, From
from tfflowgan.errors import UserError

__all__ = ["OPTIONS", "EvaluationJob", "Plan", "TrainingJob", "asked", "make"]

OPTIONS = {  # of evaluations at each scale, where an artefact does not ask for others; the rest have their defaults
    "smoke": {
        "likelihood": {"samples": 40, "checked": 10},
        "sample_scores": {"score_samples": 40, "score_splits": 2},
        "annealing": {"annealing_images": 2, "annealing_distributions": 4, "annealing_chains": 1},
        "mixture": {"kde_samples": 60, "bandwidths": 4, "mixture_score_samples": 20, "score_splits": 2},
        "critic_distance": {"critic_updates": 3, "critic_readings": 3, "critic_batch": 20},
        "jacobian": {"jacobian_draws": 2},
        "reconstruction": {"reconstructions": 6},
    },
    # one chain an image is often stuck far from it (13 of 100 for NICE by likelihood, measured); of four the best counts
    "laptop": {"annealing": {"annealing_images": 40, "annealing_chains": 4}},
    "paper": {"annealing": {"annealing_preset": "paper"}},
}


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingJob:
    """A run of the plan: its name, its folder, its command of `bin/` with flags, and the run that it starts from, or None."""

    name: str
    folder: pathlib.Path
    command: str
    flags: dict
    after: "TrainingJob | None"

    @property
    def arguments(self) -> list[str]:
        """The flags as they are typed."""
        return _typed(self.flags)


@dataclasses.dataclass(frozen=True, eq=False)
class EvaluationJob:
    """Evaluations of a run that one call of `bin/evaluate` makes: from an evaluation's name to the options asked for."""

    run: TrainingJob
    select: str | None
    dtype: str | None
    evaluations: dict[str, dict]

    @property
    def arguments(self) -> list[str]:
        """The flags as they are typed."""
        flags = {"run": str(self.run.folder), "evaluations": ",".join(self.evaluations)}
        given = {"select": self.select, "dtype": self.dtype, "data_dir": self.run.flags.get("data_dir")}
        flags |= {name: value for name, value in given.items() if value is not None}
        for options in self.evaluations.values():
            flags |= options
        return _typed(flags)

    def only(self, name: str) -> "EvaluationJob":
        """One of the evaluations by itself."""
        return dataclasses.replace(self, evaluations={name: self.evaluations[name]})


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is to be done for some artefacts at a scale.

    Attributes:
      scale: smoke, laptop or paper.
      artefacts: their names.
      runs: in an order in which each comes after the one that it starts from.
      judgings: of these runs.
      labels: artefact -> label -> runs (one a seed); labels whose run does not exist at the scale are left out.
    """

    scale: str
    artefacts: list[str]
    runs: list[TrainingJob]
    judgings: list[EvaluationJob]
    labels: dict[str, dict[str, list[TrainingJob]]]


def make(names: list[str], scale: str, runs: pathlib.Path, data_dir: str | None) -> Plan:
    """Makes a plan.

    Args:
      names: of artefacts.
      scale: smoke, laptop or paper.
      runs: the folder of all runs.
      data_dir: folder with the original files of all datasets, or None.

    Raises:
      UserError: an artefact or a scale that does not exist.
    """
    if scale not in artefact.SCALES:
        raise UserError(f"--scale={scale} is not known; it can be {', '.join(artefact.SCALES)}.")
    made: dict[str, TrainingJob] = {}
    wanted: dict[tuple, dict[str, dict]] = {}
    labels: dict[str, dict[str, list[TrainingJob]]] = {}
    for name in names:
        module = artefact.load(name)
        labels[name] = {}
        for label, run in module.RUNS.items():
            recipe = RECIPES[run]
            if scale not in recipe.flags:
                continue
            seeds = recipe.seeds if scale == "laptop" and getattr(module, "SEEDS", False) else 1
            labels[name][label] = [_training(made, run, seed, scale, runs, data_dir) for seed in range(seeds)]
            for training in labels[name][label]:
                for evaluation in artefact.evaluations(module, label):
                    _want(wanted, training, evaluation, scale)
    judgings = [EvaluationJob(made[name], select, dtype, evaluations) for (name, select, dtype, _), evaluations in wanted.items()]
    return Plan(scale, names, list(made.values()), judgings, labels)


def asked(evaluation: Evaluation, scale: str) -> dict:
    """The options that an evaluation is asked for at a scale."""
    return OPTIONS[scale].get(evaluation.name, {}) | evaluation.options.get(scale, {})


def _training(made, run, seed, scale, runs, data_dir):
    """The run of a recipe, and before it the one that it starts from."""
    recipe, after = RECIPES[run], None
    run = next(name for name, r in RECIPES.items() if r.command == recipe.command and r.flags.get(scale) == recipe.flags[scale])
    name = f"{run}_seed{seed}" if seed else run
    if name in made:
        return made[name]
    flags = dict(recipe.flags[scale])
    if isinstance(flags.get("init_from"), From):
        after = _training(made, flags["init_from"].run, 0, scale, runs, data_dir)
        flags["init_from"] = str(after.folder)
    if data_dir is not None and "data_source" not in flags:
        flags["data_dir"] = data_dir
    if seed:
        flags["seed"] = seed
    folder = runs / name
    flags |= {"run": str(folder), "output": str(folder / "model")}
    made[name] = TrainingJob(name, folder, recipe.command, flags, after)
    return made[name]


def _want(wanted, training, evaluation, scale):
    options = asked(evaluation, scale)
    # one call has one limit for all its evaluations
    key = (training.name, evaluation.select, evaluation.dtype, options.get("limit"))
    before = wanted.setdefault(key, {}).setdefault(evaluation.name, options)
    if before != options:
        raise AssertionError(f"two artefacts ask for {evaluation.name} of {training.name} with other options")


def _typed(flags):
    """--name=value, --name, --noname."""
    return [
        (f"--{name}" if value else f"--no{name}") if isinstance(value, bool) else f"--{name}={value}"
        for name, value in flags.items()
    ]
