"""`bin/export`: export a run as a SavedModel, and write the configuration of TF Serving."""

import pathlib

from tfflowgan.cli.app import Flag, allow_code, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_ROWS = [
    Flag("run", str, None, "the run's directory", "a model"),
    Flag(
        "model",
        str,
        None,
        "in place of --run: a model that another version of this package exported, to export again",
        "a model",
    ),
    Flag(
        "select",
        str,
        None,
        "which weights: nll, score, last or snapshot-N (default: the run's own --select)",
        "a model",
    ),
    Flag(
        "output",
        str,
        None,
        "NAME; the model is written to NAME/VERSION (default: saved_models/RUN, or --model)",
        "a model",
    ),
    Flag(
        "card",
        bool,
        False,
        "also write a model card, NAME/card.yaml; runs evaluations that are missing, and adds no "
        "version if the newest is this model",
        "a model",
    ),
    Flag(
        "data_dir",
        str,
        None,
        "for --card: folder with the original files of the dataset",
        "a model",
    ),
    Flag(
        "draws",
        int,
        None,
        "noise draws per image that the signature bits_per_dim averages over "
        "(default: 8, or those of --model)",
        "a model",
    ),
    Flag(
        "scoring",
        bool,
        None,
        "also write what bin/score compares images with, from the run's images; for other "
        "datasets than image_folder only if asked for",
        "a model",
    ),
    allow_code("a model"),
    Flag(
        "serving_config",
        str,
        None,
        "write models.config, batching.config, monitoring.config and health.sh for all models in "
        "this folder",
        "TF Serving",
    ),
    Flag("serving_root", str, "/models", "path of that folder on the server", "TF Serving"),
]


def main() -> None:
    """Entry point of `bin/export` and `tfflowgan-export`."""
    run(
        "export",
        "Exports a run or an older export as the next version of a SavedModel, and configures TF "
        "Serving.",
        _ROWS,
        _export,
    )


def _export(values: dict) -> None:
    given = [name for name in ("run", "model") if values[name] is not None]
    if not given and values["serving_config"] is None:
        raise UserError(
            "--run is missing; give the directory of a trained run, or --serving_config alone."
        )
    if len(given) == 2:
        raise UserError(
            f"--run={values['run']} and --model={values['model']} both give a model; give one."
        )
    if values["draws"] is not None and values["draws"] < 1:
        raise UserError(f"--draws={values['draws']} must be at least 1.")
    if not values["serving_root"].startswith("/"):
        raise UserError(
            f"--serving_root={values['serving_root']} must be an absolute path on the server."
        )
    if values["data_dir"] is not None and not values["card"]:
        raise UserError(f"--data_dir={values['data_dir']} does nothing without --card.")
    if values["run"] is not None:
        _export_run(values)
    else:
        of_runs = ["select", "card", "scoring"]
        of_runs = of_runs if values["model"] else [r.name for r in _ROWS[1:-2]]
        for row in _ROWS:
            if row.name in of_runs and values.get(row.name, row.default) != row.default:
                raise UserError(f"--{row.name} is about a run's model; --run is missing.")
        if values["model"] is not None:
            _export_again(values)
    if values["serving_config"] is not None:
        from tfflowgan.serving import tf_serving_config

        names, paths = tf_serving_config.write(values["serving_config"], values["serving_root"])
        print(f"Written to {', '.join(map(str, paths))}, for {', '.join(names)}.")


def _export_run(values: dict) -> None:
    from tfflowgan.runs.run import Run

    directory = Run.open(pathlib.Path(values["run"]))
    from tfflowgan.runs.load import load_generator
    from tfflowgan.serving.same_model import exported_draws, exported_version
    from tfflowgan.serving.saved_model import export
    from tfflowgan.serving.signatures import DRAWS

    output = pathlib.Path(
        values["output"] or pathlib.Path("saved_models") / directory.path.resolve().name
    )
    generator = load_generator(directory, values["select"])
    path = exported_version(generator, output, values["draws"]) if values["card"] else None
    draws = values["draws"] or (DRAWS if path is None else exported_draws(path))
    # first, since they can take minutes and can fail
    card = _card(directory, values, draws) if values["card"] else None
    assets = _assets(directory, generator, values["scoring"])
    if path is not None and not _holds(path, assets):
        path = None
    if path is None:
        path = export(generator, output, draws=draws, assets=assets)
        print(f"Written to {path}.")
    else:
        print(f"{path} holds this model already; it gets the card, and no version was added.")
    if card is not None:
        from tfflowgan.model_versions import digest
        from tfflowgan.serving import model_card

        model_card.write(output, card | {"version": int(path.name), "sha256": digest(path)})
        print(f"Written to {output / 'card.yaml'}.")


def _assets(directory, generator, asked):
    """What bin/score compares images with, if it is asked for; an image folder's by default."""
    if not (directory.config().dataset == "image_folder" if asked is None else asked):
        return {}
    from tfflowgan.scoring import models

    return models.assets(directory, generator)


def _holds(version, assets):
    """Whether a version has these files already."""
    from tfflowgan.scoring import models

    return not assets or models.copied_assets(version) == assets


def _export_again(values: dict) -> None:
    """Exports an older export with the same weights and notes; a card in its folder follows."""
    from tfflowgan.model_versions import digest
    from tfflowgan.scoring import models
    from tfflowgan.serving import model_card, saved_model

    source = pathlib.Path(values["model"])
    output = pathlib.Path(values["output"] or source)
    notes, draws = saved_model.notes(source)
    path = saved_model.export(
        saved_model.load(source),
        output,
        notes,
        draws=values["draws"] or draws,
        assets=models.copied_assets(source),
    )
    print(f"Written to {path}.")
    if (source / "card.yaml").exists():
        card = model_card.read(source)
        model_card.write(output, card | {"version": int(path.name), "sha256": digest(path)})
        print(f"Written to {output / 'card.yaml'}.")


def _card(directory, values, draws):
    from tfflowgan.evaluation import RunEvaluator, card_values

    evaluator = RunEvaluator(directory, values["select"], data_dir=values["data_dir"])
    return card_values(evaluator, draws)
