"""`bin/train_classifier`: train a classifier that scores samples, or import weights; export it."""

import hashlib
import pathlib

from tfflowgan import plugins
from tfflowgan.cli.app import Flag, run
from tfflowgan.cli.run_settings import FROM_PYTHON
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Trains a classifier on a dataset's labels and exports it as a SavedModel for --classifier, "
    "with a model card (card.yaml). The same command resumes training that was stopped."
)


def main() -> None:
    """Entry point of `bin/train_classifier` and `tfflowgan-train_classifier`."""
    datasets = [name for name in plugins.names("datasets") if name not in FROM_PYTHON]
    rows = [
        Flag(
            "dataset",
            str,
            "mnist",
            f"{', '.join(datasets)}; it must have labels",
            "data",
        ),
        Flag("data_dir", str, None, "folder with the original files", "data"),
        Flag("data_source", str, "auto", "auto, local, prepared, download or embedded", "data"),
        Flag("limit", int, None, "use only the first N images of each split", "data"),
        Flag("architecture", str, "cnn", ", ".join(plugins.names("classifiers")), "how"),
        Flag(
            "epochs",
            int,
            None,
            "passes over the training images (default: depends on the architecture)",
            "how",
        ),
        Flag(
            "batch_size", int, None, "images per step (default: depends on the architecture)", "how"
        ),
        Flag(
            "learning_rate",
            float,
            None,
            "initial learning rate (default: depends on the architecture)",
            "how",
        ),
        Flag(
            "early_stopping",
            int,
            None,
            "stop after N epochs without improvement (default: depends on the architecture)",
            "how",
        ),
        Flag("seed", int, 0, "of initial weights, order of images and augmentation", "how"),
        Flag(
            "import_weights",
            str,
            None,
            "instead of training, import the weights in this .npz file (resnet56)",
            "how",
        ),
        Flag(
            "run",
            str,
            None,
            "folder with the state to resume from (default: runs/DATASET_classifier)",
            "where",
        ),
        Flag(
            "output",
            str,
            None,
            "NAME; the model is written to NAME/VERSION (default: saved_models/DATASET_classifier)",
            "where",
        ),
    ]
    run("train_classifier", _SUMMARY, rows, _train_classifier)


def _train_classifier(values: dict) -> None:
    dataset, architecture = values["dataset"], values["architecture"]
    plugins.check("datasets", dataset, "dataset")
    plugins.refuse_own(dataset, "dataset", "bin/train_classifier")
    plugins.check("classifiers", architecture, "architecture")
    settings = {
        name: values[name] for name in ("epochs", "batch_size", "learning_rate", "early_stopping")
    }
    for name, value in (settings | {"limit": values["limit"]}).items():
        if value is not None and not 0 < value < float("inf"):
            raise UserError(f"--{name}={value} must be greater than 0.")
    if not 0 <= values["seed"] < 2**31:
        raise UserError(f"--seed={values['seed']} must lie in 0..{2**31 - 1}.")
    path = pathlib.Path(values["run"] or f"runs/{dataset}_classifier")
    output = pathlib.Path(values["output"] or f"saved_models/{dataset}_classifier")
    if values["import_weights"]:
        unused = [name for name, value in settings.items() if value is not None]
        for name in [*unused, *(["run"] if values["run"] else [])]:
            raise UserError(
                f"--{name} does nothing with --import_weights, which replaces training."
            )
    import keras

    from tfflowgan import classifiers, datasets
    from tfflowgan.runs import resumable
    from tfflowgan.serving.saved_model import check_output

    check_output(output)
    splits = datasets.load(dataset, values["data_dir"], values["data_source"])
    if splits.train.labels is None:
        raise UserError(f"--dataset={dataset} has no labels for a classifier to learn.")
    limit = values["limit"]
    classes = int(splits.train.labels.max()) + 1
    splits = datasets.Splits(
        splits.name,
        splits.source,
        splits.train.first(limit),
        splits.validation.first(limit),
        splits.test.first(limit),
    )
    keras.utils.set_random_seed(values["seed"])
    model = classifiers.build(architecture, splits.image_shape, classes)
    card = {
        "command": _command(values),
        "data": splits.provenance(),
        "data_licence": datasets.licence(dataset),
        "architecture": architecture,
        "seed": values["seed"],
    }
    if values["import_weights"]:
        weights = pathlib.Path(values["import_weights"])
        classifiers.import_weights(model, architecture, weights)
        digest = hashlib.sha256(weights.read_bytes()).hexdigest()
        card["imported"] = {"file": weights.name, "sha256": digest}
    else:
        chosen = {name: value for name, value in settings.items() if value is not None}
        settings = classifiers.recipe(architecture) | chosen
        settings |= {"dataset": dataset, "architecture": architecture}
        settings |= {"limit": limit, "seed": values["seed"]}
        ended = resumable.begin(path, settings | {"data": card["data"]["fingerprint"]})
        if ended is not None:
            if pathlib.Path(ended["model"]).parent.resolve() != output.resolve():
                raise UserError(
                    f"--run={path} is finished, and its model is {ended['model']}; copy that to "
                    f"--output={output}, or give another --run to train again."
                )
            print(
                f"{path} is finished: {ended['model']}, test accuracy "
                f"{ended['test_accuracy']:.2%}; nothing is left to do."
            )
            return
        flips = datasets.flips_in_training(dataset)
        card |= {"training": settings} | classifiers.fit(
            model, splits, architecture, settings, path, flips
        )
    card["test_accuracy"] = classifiers.accuracy(model, splits.test)
    exported = classifiers.export(model, output, card)
    print(
        f"Test accuracy {card['test_accuracy']:.2%} on {len(splits.test)} images of {splits.name}, "
        f"{splits.source}."
    )
    if card["test_accuracy"] < 2.0 / classes:
        print("This is hardly better than chance; scores by this classifier are meaningless.")
    print(f"Written to {exported}; its model card is {output / 'card.yaml'}.")
    if not values["import_weights"]:
        resumable.finish(path, {"model": str(exported), "test_accuracy": card["test_accuracy"]})


def _command(values: dict) -> str:
    """The command that repeats the training, with placeholders for paths on this machine."""
    private = {"data_dir": "FOLDER", "import_weights": "FILE.npz"}
    defaults = {"data_source": "auto", "architecture": "cnn", "seed": 0}
    arguments = [
        f"--{name}={private.get(name, value)}"
        for name, value in values.items()
        if value is not None and value != defaults.get(name) and name not in ("run", "output")
    ]
    return " ".join(["bin/train_classifier", *arguments])
