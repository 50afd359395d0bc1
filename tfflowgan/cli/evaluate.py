"""`bin/evaluate`: evaluates a trained run; writes tables, figures and JSON."""

import dataclasses
import pathlib
import sys

from tfflowgan import plugins
from tfflowgan.cli.app import Flag, allow_code, run
from tfflowgan.config import check_type, parse_options
from tfflowgan.errors import UserError

__all__ = ["main"]

_WHAT = [
    Flag("run", str, None, "the run's directory (required)", "what"),
    Flag(
        "evaluations",
        str,
        "likelihood",
        f"all, or a list: {', '.join(plugins.names('evaluation'))}, FILE.py:FUNCTION",
        "what",
    ),
    Flag(
        "select",
        str,
        None,
        "which weights: nll, score, last or snapshot-N (default: the run's own --select)",
        "what",
    ),
    Flag("dtype", str, None, "float32 or float64 (default: the run's)", "what"),
    Flag("data_dir", str, None, "folder with the original files (default: the run's)", "what"),
    Flag("overwrite", bool, False, "repeat evaluations that already have results", "what"),
    Flag(
        "options",
        str,
        None,
        "of evaluations in files of your own: NAME=VALUE,... (docs/guides/extending.md)",
        "what",
    ),
    allow_code("what"),
]
_CRITIC = "critic_distance and checkpoints"
OPTIONS = [  # of evaluations; the defaults are those of their functions
    Flag("limit", int, None, "use only the first N images of each split", "how"),
    Flag("seed", int, None, "of noise and samples", "how"),
    Flag("batch_size", int, None, "images per pass; it does not change the results", "how"),
    Flag("draws", int, None, "dequantization draws per image", "likelihood"),
    Flag(
        "importance_weighted",
        bool,
        None,
        "also compute the importance-weighted bound over the draws",
        "likelihood",
    ),
    Flag("samples", int, None, "own samples to score", "likelihood"),
    Flag("checked", int, None, "images to check in float64 as well", "likelihood"),
    Flag("split", str, None, "train, validation or test", "latents and reconstruction"),
    Flag("latents", str, None, "the two latents of the histogram", "latents and reconstruction"),
    Flag(
        "keep",
        str,
        None,
        "parts to keep, one row each: first, second, all, a:b (latents), 0.25 (fraction)",
        "latents and reconstruction",
    ),
    Flag("reconstructions", int, None, "images to reconstruct", "latents and reconstruction"),
    Flag("jacobian_draws", int, None, "draws from the prior", "jacobian"),
    Flag(
        "classifier",
        str,
        None,
        "a SavedModel or inception_v3 (default: saved_models/DATASET_classifier)",
        "scores and mixtures",
    ),
    Flag("score_samples", int, None, "samples, and as many real images", "scores and mixtures"),
    Flag("score_splits", int, None, "parts for the standard error", "scores and mixtures"),
    Flag("kde_samples", int, None, "samples that the KDE is centred on", "scores and mixtures"),
    Flag("bandwidths", int, None, "points of the line search", "scores and mixtures"),
    Flag(
        "mixture_score_samples",
        int,
        None,
        "images per score of the mixtures",
        "scores and mixtures",
    ),
    Flag(
        "annealing_preset",
        str,
        None,
        "fast (100 images, 1,000 distributions, 1 chain) or paper",
        "annealing",
    ),
    Flag("annealing_images", int, None, "test images (default: the preset's)", "annealing"),
    Flag(
        "annealing_distributions",
        int,
        None,
        "steps from prior to posterior (default: the preset's)",
        "annealing",
    ),
    Flag("annealing_chains", int, None, "chains per image (default: the preset's)", "annealing"),
    Flag(
        "annealing_sigma",
        float,
        None,
        "standard deviation of the observation noise (default: 0.0095)",
        "annealing",
    ),
    Flag(
        "annealing_batch",
        int,
        None,
        "chains per pass, at least one group, as many as have 100,000 latents together; it does "
        "not change the results (default: one group on a CPU, ten on a GPU)",
        "annealing",
    ),
    Flag(
        "critics",
        int,
        None,
        "independent critics of critic_distance; a single one leaves out how they differ",
        _CRITIC,
    ),
    Flag("critic_updates", int, None, "training updates of each independent critic", _CRITIC),
    Flag("critic_readings", int, None, "batches read per split, at most", _CRITIC),
    Flag("critic_batch", int, None, "images per batch of the critic", _CRITIC),
    Flag("checkpoint_distances", bool, None, "also a critic for every checkpoint", _CRITIC),
]

_DETAILS = tuple(dict.fromkeys(flag.group for flag in OPTIONS if flag.group != "how"))


def main() -> None:
    """Entry point of `bin/evaluate` and `tfflowgan-evaluate`."""
    summary = (
        "Evaluates a run's weights: exact likelihoods, samples, latents and Jacobians. An "
        "interrupted evaluation continues."
    )
    names = plugins.names("evaluation")
    known = [plugins.options("evaluation", name, "evaluations", "evaluate") for name in names]
    rows = [dataclasses.replace(row, help=_help(row, known)) for row in OPTIONS]
    run(
        "evaluate",
        summary,
        [*_WHAT, *rows],
        _evaluate,
        details=_DETAILS,
        renamed={"again": "overwrite"},
        fills_memory=_fills_memory,
    )


def _fills_memory(values: dict) -> set[str]:
    """The options of the evaluations that were asked for."""
    chosen = [name.strip() for name in values["evaluations"].split(",")]
    names = [n for n in plugins.names("evaluation") if n in chosen or chosen == ["all"]]
    known = [plugins.options("evaluation", name, "evaluations", "evaluate") for name in names]
    return {option for options in known for option in options}


def _help(flag: Flag, known: list[dict]) -> str:
    """An option's help text, with the default if there is one."""
    default = next(options[flag.name] for options in known if flag.name in options)
    return flag.help if default is None or default is False else f"{flag.help} (default: {default})"


def _evaluate(values: dict) -> None:
    if values["run"] is None:
        raise UserError("--run is missing; give the directory of a trained run.")
    for flag in OPTIONS:
        value = values[flag.name]
        if flag.type is int and flag.name != "seed" and value is not None and value < 1:
            raise UserError(f"--{flag.name}={value} must be at least 1.")
    if values["critic_batch"] is not None and values["critic_batch"] < 2:
        raise UserError(
            f"--critic_batch={values['critic_batch']} must be at least 2: batch norm needs the "
            "statistics of several images."
        )
    if not 0 <= (values["seed"] or 0) < 2**31:
        raise UserError(f"--seed={values['seed']} must lie in 0..{2**31 - 1}.")
    if values["dtype"] not in (None, "float32", "float64"):
        raise UserError(f"--dtype={values['dtype']} is not known; it can be float32, float64.")
    everything = values["evaluations"] == "all"
    names = (
        plugins.names("evaluation")
        if everything
        else [name.strip() for name in values["evaluations"].split(",")]
    )
    for name in names:
        plugins.check("evaluation", name, "evaluations")
    from tfflowgan import evaluation, report
    from tfflowgan.evaluation import RunEvaluator
    from tfflowgan.runs.run import Run

    if everything:
        names = sorted(names, key=evaluation.is_long)
    known = {name: evaluation.options(name) for name in names}
    for flag in OPTIONS:
        used = any(flag.name in options for options in known.values())
        if values[flag.name] is not None and not used:
            raise UserError(
                f"--{flag.name} does not apply to --evaluations={values['evaluations']}."
            )
    own = _own_options(values["options"], known)
    computed = any({"flow", "generator", "dtype"} & {*evaluation.inputs(name)} for name in names)
    if values["dtype"] and not computed:
        raise UserError(
            f"--dtype does not apply to --evaluations={values['evaluations']}: only the "
            "run's metrics are read."
        )
    if values["select"] and all("run" in evaluation.inputs(name) for name in names):
        raise UserError(
            f"--select does not apply to --evaluations={values['evaluations']}: all of the "
            "run's weights are used."
        )
    directory = Run.open(pathlib.Path(values["run"]))
    evaluator = RunEvaluator(directory, values["select"], values["dtype"], values["data_dir"])
    left_out = []
    for name in names:
        try:
            options = {key: values[key] for key in known[name] if values.get(key) is not None}
            options |= {key: value for key, value in own.items() if key in known[name]}
            result, path = evaluator.evaluate(name, options, values["overwrite"])
        except UserError as error:
            if not everything:
                raise
            left_out.append(f"{name} is omitted: {error}")
            continue
        print(f"{name}: {result['data']['name']} from {result['data']['source']}")
        print(report.text(result["evaluation"], {directory.path.name: result}))
        print(f"Written to {path}.\n")
    for sentence in left_out:
        print(sentence, file=sys.stderr)
    if len(left_out) == len(names):
        raise UserError("no evaluation could be run; the messages above say why.")


def _own_options(text: str | None, known: dict[str, dict]) -> dict:
    """What `--options` gives of options that are not flags."""
    flags = {flag.name for flag in OPTIONS}
    given = parse_options(text)
    for name, value in given.items():
        defaults = [options[name] for options in known.values() if name in options]
        if name in flags or not defaults:
            raise UserError(
                f"--options={name}={value!r} does not apply: no evaluation in a file of your own "
                f"has an option {name} that is not a flag."
            )
        for default in defaults:
            check_type(name, value, default)
    return given
