"""`bin/evaluate`: judges a trained run, as tables, figures and JSON."""

import pathlib
import sys

from tfflowgan import plugins
from tfflowgan.cli._app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_WHAT = [
    Flag("run", str, None, "the run's directory (required)", "what"),
    Flag("evaluations", str, "likelihood", f"all, or a list: {', '.join(plugins.names('evaluation'))}", "what"),
    Flag("select", str, None, "which weights: nll, score, last or snapshot-N (default: what the run selects)", "what"),
    Flag("dtype", str, None, "float32 or float64 (default: the run's)", "what"),
    Flag("data_dir", str, None, "folder with the original files (default: the run's)", "what"),
    Flag("again", bool, False, "repeat evaluations that are there already", "what"),
]
OPTIONS = [
    Flag("limit", int, None, "only the first N images of each split", "how"),
    Flag("seed", int, 0, "of noise and samples", "how"),
    Flag("batch_size", int, 256, "images a pass; results do not depend on it", "how"),
    Flag("draws", int, 1, "likelihood: dequantisation draws an image", "how"),
    Flag("importance_weighted", bool, False, "likelihood: also the importance-weighted bound over the draws", "how"),
    Flag("samples", int, 1000, "likelihood: own samples to score", "how"),
    Flag("checked", int, 100, "likelihood: images whose densities and inverses are computed in float64 too", "how"),
    Flag("classifier", str, None, "sample_scores: SavedModel or inception_v3 (default: saved_models/DATASET_classifier)", "how"),
    Flag("score_samples", int, 10_000, "sample_scores: samples, and real images beside them", "how"),
    Flag("score_splits", int, 10, "sample_scores: parts scored by themselves, for the standard errors", "how"),
]


def main() -> None:
    """Entry point of `bin/evaluate` and `tfflowgan-evaluate`."""
    summary = "Judges a run's weights: exact likelihoods, samples, latents and Jacobians. An interrupted evaluation continues."
    run("evaluate", summary, [*_WHAT, *OPTIONS], _evaluate)


def _evaluate(values: dict) -> None:
    if values["run"] is None:
        raise UserError("--run is missing; give the directory of a trained run.")
    for flag in OPTIONS:
        value = values[flag.name]
        if flag.type is int and flag.name != "seed" and value is not None and value < 1:
            raise UserError(f"--{flag.name}={value} must be at least 1.")
    if not 0 <= values["seed"] < 2**31:
        raise UserError(f"--seed={values['seed']} must lie in 0..{2**31 - 1}.")
    if values["dtype"] not in (None, "float32", "float64"):
        raise UserError(f"--dtype={values['dtype']} is not known; it can be float32, float64.")
    everything = values["evaluations"] == "all"
    names = plugins.names("evaluation") if everything else [name.strip() for name in values["evaluations"].split(",")]
    for name in names:
        plugins.check("evaluation", name, "evaluations")
    from tfflowgan import evaluation, report
    from tfflowgan.judge import Subject
    from tfflowgan.training.run import Run

    known = {name: evaluation.options(name) for name in names}
    for flag in OPTIONS:
        if values[flag.name] != flag.default and not any(flag.name in options for options in known.values()):
            raise UserError(f"--{flag.name} does not apply to --evaluations={values['evaluations']}.")
    directory = Run.open(pathlib.Path(values["run"]))
    subject = Subject(directory, values["select"], values["dtype"], values["data_dir"])
    left_out = []
    for name in names:
        try:
            result, path = subject.evaluate(name, {key: values[key] for key in known[name]}, values["again"])
        except UserError as error:
            if not everything:
                raise
            left_out.append(f"{name} is left out: {error}")
            continue
        print(f"{name}: {result['data']['name']} from {result['data']['source']}")
        print(report.text(name, {directory.path.name: result}))
        print(f"Written to {path}.\n")
    for sentence in left_out:
        print(sentence, file=sys.stderr)
    if len(left_out) == len(names):
        raise UserError("no evaluation could be made.")
