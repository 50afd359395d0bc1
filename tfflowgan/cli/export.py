"""`bin/export`: a run's weights as a SavedModel, and what TF Serving needs to serve a folder of them."""

import pathlib

from tfflowgan.cli.app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_ROWS = [
    Flag("run", str, None, "the run's directory", "a model"),
    Flag("select", str, None, "which weights: nll, score, last or snapshot-N (default: what the run selects)", "a model"),
    Flag("output", str, None, "NAME; the model goes into NAME/VERSION (default: saved_models/RUN's name)", "a model"),
    Flag("card", bool, False, "also write NAME/card.yaml; evaluates the run where that is not done yet", "a model"),
    Flag("data_dir", str, None, "for the card: where the dataset's original files are now", "a model"),
    Flag("draws", int, 8, "draws of an image's noise whose mean the signature bits_per_dim gives", "a model"),
    Flag("serving_config", str, None, "write models.config and batching.config for all models in this folder", "TF Serving"),
    Flag("serving_root", str, "/models", "where the server finds that folder", "TF Serving"),
]


def main() -> None:
    """Entry point of `bin/export` and `tfflowgan-export`."""
    run("export", "Exports a run's weights as the next version of a SavedModel, and configures TF Serving.", _ROWS, _export)


def _export(values: dict) -> None:
    if values["run"] is None and values["serving_config"] is None:
        raise UserError("--run is missing; give the directory of a trained run, or --serving_config alone.")
    if values["draws"] < 1:
        raise UserError(f"--draws={values['draws']} must be at least 1.")
    if not values["serving_root"].startswith("/"):
        raise UserError(f"--serving_root={values['serving_root']} must be an absolute path, as the server sees it.")
    if values["data_dir"] is not None and not values["card"]:
        raise UserError("--data_dir is for the card; give --card, too.")
    if values["run"] is None:
        for row in _ROWS[1:]:
            if row.group == "a model" and values[row.name] != row.default:
                raise UserError(f"--{row.name} is about a run's model; --run is missing.")
    else:
        _export_run(values)
    if values["serving_config"] is not None:
        from tfflowgan.serving import tf_serving_config

        names, paths = tf_serving_config.write(values["serving_config"], values["serving_root"])
        print(f"Written to {' and '.join(map(str, paths))}, for {', '.join(names)}.")


def _export_run(values):
    from tfflowgan.runs.run import Run

    directory = Run.open(pathlib.Path(values["run"]))
    from tfflowgan.runs.load import load_generator
    from tfflowgan.serving.saved_model import export

    output = pathlib.Path(values["output"] or pathlib.Path("saved_models") / directory.path.resolve().name)
    card = _card(directory, values) if values["card"] else None  # first: it may take minutes, and fail
    path = export(load_generator(directory, values["select"]), output, draws=values["draws"])
    print(f"Written to {path}.")
    if card is not None:
        from tfflowgan.model_versions import digest
        from tfflowgan.serving import model_card

        model_card.write(output, card | {"version": int(path.name), "sha256": digest(path)})
        print(f"Written to {output / 'card.yaml'}.")


def _card(directory, values):
    from tfflowgan.evaluation import RunEvaluator, describe

    return describe(RunEvaluator(directory, values["select"], data_dir=values["data_dir"]))
