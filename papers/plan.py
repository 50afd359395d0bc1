"""The runs and evaluations that artefacts need, each once and in order, as commands of `bin/`."""

import dataclasses
import pathlib

from papers import artefact
from papers.artefact import Evaluation
from papers.recipes import RECIPES, From
from tfflowgan.errors import UserError

__all__ = [
    "OPTIONS",
    "EvaluationJob",
    "Plan",
    "TrainingJob",
    "as_flags",
    "evaluation_options",
    "make_plan",
]

OPTIONS: dict[str, dict[str, dict]] = {  # scale -> evaluation -> flags, where artefacts give none
    "smoke": {
        "likelihood": {"samples": 40, "checked": 10},
        "sample_scores": {"score_samples": 40, "score_splits": 2},
        "annealing": {"annealing_images": 2, "annealing_distributions": 4, "annealing_chains": 1},
        "mixture": {
            "kde_samples": 60,
            "bandwidths": 4,
            "mixture_score_samples": 20,
            "score_splits": 2,
        },
        "critic_distance": {
            "critics": 2,
            "critic_updates": 3,
            "critic_readings": 3,
            "critic_batch": 20,
        },
        "jacobian": {"jacobian_draws": 2},
        "reconstruction": {"reconstructions": 6},
    },
    # a single chain per image is often stuck far from it (13 of 100 for NICE by maximum likelihood,
    # measured); of four the best counts
    "laptop": {
        "annealing": {"annealing_images": 40, "annealing_chains": 4},
        "critic_distance": {"critics": 3},  # results of one critic have too small an error
    },
    "paper": {"annealing": {"annealing_preset": "paper"}, "critic_distance": {"critics": 3}},
}


@dataclasses.dataclass(frozen=True, eq=False)
class TrainingJob:
    """A run to be trained.

    Attributes:
      name: the run's name.
      folder: the run's folder.
      command: "train" or "train_avb", of `bin/`.
      flags: of the command, by name.
      after: the run that it starts from, or None.
    """

    name: str
    folder: pathlib.Path
    command: str
    flags: dict
    after: "TrainingJob | None"

    @property
    def arguments(self) -> list[str]:
        """The flags as a person types them."""
        return as_flags(self.flags)


@dataclasses.dataclass(frozen=True, eq=False)
class EvaluationJob:
    """Evaluations of a run that one call of `bin/evaluate` makes.

    Attributes:
      run: the run.
      select: which weights; None for those that the run selects.
      dtype: the precision; None for the run's.
      evaluations: name -> options.
    """

    run: TrainingJob
    select: str | None
    dtype: str | None
    evaluations: dict[str, dict]

    @property
    def arguments(self) -> list[str]:
        """The flags as a person types them."""
        flags = {"run": str(self.run.folder), "evaluations": ",".join(self.evaluations)}
        data_dir = self.run.flags.get("data_dir")
        optional = {"select": self.select, "dtype": self.dtype, "data_dir": data_dir}
        flags |= {name: value for name, value in optional.items() if value is not None}
        for options in self.evaluations.values():
            flags |= options
        return as_flags(flags)

    def only(self, name: str) -> "EvaluationJob":
        """A job for one of the evaluations."""
        return dataclasses.replace(self, evaluations={name: self.evaluations[name]})


@dataclasses.dataclass(frozen=True)
class Plan:
    """The runs and evaluations for some artefacts at a scale.

    Attributes:
      scale: smoke, laptop or paper.
      artefacts: their names.
      runs: ordered so that each comes after the one that it starts from.
      evaluation_jobs: evaluations of these runs.
      labels: artefact -> label -> runs, one per seed; without labels whose run the scale lacks.
    """

    scale: str
    artefacts: list[str]
    runs: list[TrainingJob]
    evaluation_jobs: list[EvaluationJob]
    labels: dict[str, dict[str, list[TrainingJob]]]


def make_plan(names: list[str], scale: str, runs: pathlib.Path, data_dir: str | None) -> Plan:
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
    jobs: dict[str, TrainingJob] = {}
    evaluations: dict[tuple, dict[str, dict]] = {}
    labels: dict[str, dict[str, list[TrainingJob]]] = {}
    for name in names:
        module = artefact.load(name)
        labels[name] = {}
        for label, recipe_name in module.RUNS.items():
            recipe = RECIPES[recipe_name]
            if scale not in recipe.flags:
                continue
            several = scale != "smoke" and getattr(module, "SEEDS", False)
            labels[name][label] = [
                _training_job(jobs, recipe_name, seed, scale, runs, data_dir)
                for seed in range(recipe.seeds if several else 1)
            ]
            for training in labels[name][label]:
                for evaluation in artefact.evaluations(module, label):
                    _add_evaluation(evaluations, training, evaluation, scale)
    evaluation_jobs = [
        EvaluationJob(jobs[run], select, dtype, options)
        for (run, select, dtype, _), options in evaluations.items()
    ]
    return Plan(scale, names, list(jobs.values()), evaluation_jobs, labels)


def evaluation_options(evaluation: Evaluation, scale: str) -> dict:
    """The options of an evaluation at a scale."""
    return OPTIONS[scale].get(evaluation.name, {}) | evaluation.options.get(scale, {})


def as_flags(flags: dict) -> list[str]:
    """Flags as a person types them: --name=value, --name, --noname."""
    return [
        (f"--{name}" if value else f"--no{name}")
        if isinstance(value, bool)
        else f"--{name}={value}"
        for name, value in flags.items()
    ]


def _training_job(
    jobs: dict[str, TrainingJob],
    recipe_name: str,
    seed: int,
    scale: str,
    runs: pathlib.Path,
    data_dir: str | None,
) -> TrainingJob:
    """The job of a recipe, which is added to `jobs` after the one that it starts from."""
    recipe, after = RECIPES[recipe_name], None
    first = next(  # recipes with equal flags are one run, named after the first
        name
        for name, other in RECIPES.items()
        if other.command == recipe.command and other.flags.get(scale) == recipe.flags[scale]
    )
    name = f"{first}_seed{seed}" if seed else first
    if name in jobs:
        return jobs[name]
    flags = dict(recipe.flags[scale])
    if isinstance(flags.get("init_from"), From):
        after = _training_job(jobs, flags["init_from"].run, 0, scale, runs, data_dir)
        flags["init_from"] = str(after.folder)
    if data_dir is not None and "data_source" not in flags:
        flags["data_dir"] = data_dir
    if seed:
        flags["seed"] = seed
    folder = runs / name
    flags |= {"run": str(folder), "output": str(folder / "model")}
    jobs[name] = TrainingJob(name, folder, recipe.command, flags, after)
    return jobs[name]


def _add_evaluation(
    evaluations: dict[tuple, dict[str, dict]],
    training: TrainingJob,
    evaluation: Evaluation,
    scale: str,
) -> None:
    options = evaluation_options(evaluation, scale)
    # one call has one limit for all its evaluations
    key = (training.name, evaluation.select, evaluation.dtype, options.get("limit"))
    before = evaluations.setdefault(key, {}).setdefault(evaluation.name, options)
    if before != options:
        raise AssertionError(
            f"two artefacts need {evaluation.name} of {training.name} with different options"
        )
