"""`bin/export_program`: write a run's training as a program for devices without TensorFlow."""

import dataclasses
import math
import pathlib

from tfflowgan.cli import evaluate, run_settings
from tfflowgan.cli.app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Writes a run's training, or an evaluation of it, as a program for devices with JAX and "
    "without TensorFlow. There: python -m tfflowgan.portable. bin/import_state brings a training "
    "back. Takes the flags of bin/train."
)
# what there is, and the flags of bin/train that an evaluation takes
_WHAT = {
    "training": (),
    "log_prob": ("seed", "dtype", "data_dir"),
    "sample": (),
    "jacobian": ("dtype", "batch_size"),
    "ais": ("seed", "dtype", "data_dir"),
}
_SPLITS = ("train", "validation", "test")
_ANNEALING = [
    dataclasses.replace(flag, group="program")
    for flag in evaluate.OPTIONS
    if flag.group == "annealing"
]


def main() -> None:
    """Entry point of `bin/export_program` and `tfflowgan-export_program`."""
    own = [
        Flag("output", str, None, "folder of the program (default: programs/NAME-WHAT)", "where"),
        Flag("what", str, "training", ", ".join(_WHAT), "where"),
        Flag("split", str, None, f"log_prob: {', '.join(_SPLITS)} (default: test)", "where"),
    ]
    part_mb = Flag("part_mb", float, 15.0, "megabytes per file of state and images", "program")
    rows = [*run_settings.rows(own), part_mb, *_ANNEALING]
    details = (*run_settings.DETAILS, "program")
    run("export_program", _SUMMARY, rows, _export, details=details, fills_memory=_fills_memory)


def _fills_memory(values: dict) -> tuple[str, ...]:
    return ("batch_size",) if values["what"] == "training" else ()


def _export(values: dict) -> None:
    from tfflowgan.portable import LEAST_PART_MB

    output, what, split = (values.pop(name) for name in ("output", "what", "split"))
    part_mb = values.pop("part_mb")
    for name, value, known in (("what", what, _WHAT), ("split", split, (None, *_SPLITS))):
        if value not in known:
            listed = ", ".join(each for each in known if each)
            raise UserError(f"--{name}={value} is not known; it can be {listed}.")
    if split and what != "log_prob":
        raise UserError(f"--split={split} does nothing with --what={what}.")
    annealing = {flag.name: values.pop(flag.name) for flag in _ANNEALING}
    annealing = {name: value for name, value in annealing.items() if value is not None}
    if annealing and what != "ais":
        name, value = next(iter(annealing.items()))
        raise UserError(f"--{name}={value} does nothing with --what={what}.")
    if not LEAST_PART_MB <= part_mb < math.inf:
        raise UserError(f"--part_mb={part_mb} must be a number of at least {LEAST_PART_MB}.")
    part_bytes = int(part_mb * 2**20)
    if what == "training":
        config, directory = run_settings.take(values)
        folder = _folder(output, directory, what)
        _training(config, directory, folder, part_bytes)
    else:
        directory = pathlib.Path(values["run"] or "")
        folder = _folder(output, directory, what)
        _evaluation(values, directory, folder, part_bytes, what, split or "test", annealing)
    print(f"  there    python -m tfflowgan.portable {folder.name} --output=OUTPUT")
    if what == "training":
        print(f"  then     bin/import_state --run={directory} --state=OUTPUT")


def _folder(output, directory, what):
    name = f"{directory.resolve().name}-{what}"
    folder = pathlib.Path(output or pathlib.Path("programs") / name)
    if folder.resolve() == directory.resolve():
        raise UserError(f"--output={output} is the run; give another folder for the program.")
    return folder


def _training(config, directory, folder, part_bytes):
    import tensorflow as tf

    from tfflowgan.runs.run import Run
    from tfflowgan.training.given import Given
    from tfflowgan.training.program_export import export_program
    from tfflowgan.training.train import train

    kept = Run(directory).read("minutes.json")
    if config.minutes is not None and (kept is None or kept["minutes"] != config.minutes):
        raise UserError(
            f"--minutes={config.minutes:g} is a time on this machine; give a program --steps or "
            "--epochs."
        )
    for name in ("early_stopping", "snapshots"):
        if getattr(config, name) is not None:
            raise UserError(
                f"--{name}={getattr(config, name)} needs evaluations and files between steps, "
                "which a program does not have; leave it out, or export a run that is without it."
            )
    written = []

    def export(session):
        written.append(export_program(session, folder, part_bytes))
        return written[0]

    here = tf.distribute.get_strategy()
    train(config, directory, None, Given(strategy=here, instead=export))
    if not written:
        raise UserError(f"--run={directory} has finished; give more --epochs or --steps.")
    about = written[0]
    print(f"{folder}: steps {about['step']:,} to {about['total_steps']:,} of {directory}")


def _evaluation(values, directory, folder, part_bytes, what, split, annealing):
    _check(values, what)
    from tfflowgan import evaluation
    from tfflowgan.flows import Flow
    from tfflowgan.runs.run import Run

    run = Run.open(directory)
    judged = evaluation.RunEvaluator(run, values["select"], values["dtype"], values["data_dir"])
    generator, origin = judged.generator, {"weights": judged.weights}
    name = f"{directory.name}, {run.weights(origin['weights']['select']).name}"
    where, seed, size = (folder, part_bytes), values["seed"] or 0, values["batch_size"]
    if what == "sample":
        evaluation.export_sample(generator, name, *where, origin=origin)
        print(f"{folder}: samples of {name}")
        return
    if what == "jacobian":
        evaluation.export_jacobian(generator, name, *where, size, origin)
        print(f"{folder}: Jacobians of {name}")
        return
    if what == "log_prob" and not isinstance(generator, Flow):
        raise UserError(f"--what=log_prob needs a density, which --run={directory} does not have.")
    splits = judged.splits
    origin |= {"data": splits.provenance()}
    if what == "ais":
        options = annealing | {"seed": seed, "origin": origin}
        evaluation.export_ais(generator, splits, name, *where, **options)
        print(f"{folder}: annealed chains of {name}")
        return
    images = getattr(splits, split)
    if not len(images):
        raise UserError(f"--split={split} has no images in --run={directory}.")
    evaluation.export_log_prob(generator, images, split, name, seed, *where, origin)
    print(f"{folder}: log-densities of {len(images):,} images, {split} split, of {name}")


def _check(values, what):
    used = ("run", "select", "gpus", *_WHAT[what])
    for name, value in values.items():
        if value is not None and name not in used:
            raise UserError(f"--{name}={value} does nothing with --what={what}.")
    if not 0 <= (values["seed"] or 0) < 2**31:
        raise UserError(f"--seed={values['seed']} must lie in 0..{2**31 - 1}.")
    if values["batch_size"] is not None and values["batch_size"] < 1:
        raise UserError(f"--batch_size={values['batch_size']} must be at least 1.")
    if values["dtype"] not in (None, "float32", "float64"):
        raise UserError(f"--dtype={values['dtype']} is not known; it can be float32, float64.")
    if values["run"] is None:
        raise UserError(f"--run is missing; --what={what} needs the folder of a run.")
