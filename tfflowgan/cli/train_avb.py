"""`bin/train_avb`: trains a variational auto-encoder with its ELBO or with a discriminator."""

import json
import pathlib

from tfflowgan import plugins
from tfflowgan.cli.app import Flag, run
from tfflowgan.cli.run_settings import FROM_PYTHON
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Trains a variational auto-encoder on binary images. Its encoder has an exact density, so its "
    "exact KL divergence is compared with discriminators' estimates (Danihelka et al., 2017, "
    "appendix A). Repeat the command to continue a stopped run."
)
_CHOICES = ("avb/encoders", "avb/discriminators")


def main() -> None:
    """Entry point of `bin/train_avb` and `tfflowgan-train_avb`."""
    encoders, discriminators = (", ".join(plugins.names(folder)) for folder in _CHOICES)
    datasets = [name for name in plugins.names("datasets") if name not in FROM_PYTHON]
    rows = [
        Flag("dataset", str, "mnist", ", ".join(datasets), "data"),
        Flag("data_dir", str, None, "folder with the original files", "data"),
        Flag("data_source", str, "auto", "auto, local, prepared, download or embedded", "data"),
        Flag(
            "frames",
            str,
            "all",
            "of a file that holds several, in image folders: take all, or refuse it: all, refuse",
            "data",
        ),
        Flag("limit", int, None, "use only the first N images of each split", "data"),
        Flag("latents", int, 8, "values in a latent vector", "what"),
        Flag("encoder", str, "real_nvp", encoders, "what"),
        Flag(
            "discriminator",
            str,
            "none",
            f"what trains the encoder: none (the exact ELBO), {discriminators}",
            "what",
        ),
        Flag(
            "watch",
            str,
            "joint,autoregressive",
            "discriminators to train alongside, without influence, separated by commas",
            "what",
            may_be_empty=True,
        ),
        Flag("width", int, 256, "units of all hidden layers", "what"),
        Flag("epochs", int, 20, "passes over the training images", "how"),
        Flag("settle_epochs", int, 5, "further epochs of the discriminators alone", "how"),
        Flag("batch_size", int, 100, "images per step, over all devices", "how"),
        Flag("learning_rate", float, 5e-4, "of Adam, for all networks", "how"),
        Flag("discriminator_steps", int, 2, "updates of each discriminator per step", "how"),
        Flag("seed", int, 0, "of weights, order and noise", "how"),
        Flag(
            "run",
            str,
            None,
            "the run's directory (default: runs/avb_DATASET_LATENTS_ENCODER_DISCRIMINATOR)",
            "where",
        ),
        Flag(
            "output",
            str,
            None,
            "NAME; the model goes into NAME/VERSION (default: saved_models/ and the run's name)",
            "where",
        ),
    ]
    run("train_avb", _SUMMARY, rows, _train_avb)


def _train_avb(values: dict) -> None:
    settings = _settings(values)
    path = pathlib.Path(
        values["run"]
        or "runs/avb_{dataset}_{latents}_{encoder}_{discriminator}".format_map(settings)
    )
    output = pathlib.Path(values["output"] or f"saved_models/{path.name}")
    import keras

    from tfflowgan import datasets
    from tfflowgan.avb import export, fit, measure
    from tfflowgan.report import avb as figure
    from tfflowgan.report.format import number, value
    from tfflowgan.report.results import upgrade
    from tfflowgan.runs import resumable
    from tfflowgan.runs.provenance import provenance
    from tfflowgan.runs.run import Run
    from tfflowgan.serving.saved_model import check_output
    from tfflowgan.training.strategy import build_strategy

    check_output(output)
    splits = datasets.load_recorded(
        resumable.settings_of(path).get("data"),
        settings["limit"],
        settings["dataset"],
        values["data_dir"],
        values["data_source"],
        frames=values["frames"],
    )
    data = splits.provenance()
    keras.utils.set_random_seed(settings["seed"])
    strategy = build_strategy("mirrored")
    fit.check(splits, settings, strategy)
    with strategy.scope():
        model = fit.build(splits.image_shape, settings)
    ended = resumable.begin(path, settings | {"data": data["fingerprint"]})
    if ended is not None:
        print(
            f"{path} is finished: {ended['model']}, test ELBO {ended['test']['elbo']:.2f} nats; "
            "nothing is left to do."
        )
        return
    with Run(path).lock():
        rows = fit.fit(path, model, splits, settings, strategy)
        test, training = (
            measure.measure(model, datasets.binary_images(part, settings["seed"]), settings["seed"])
            for part in (splits.test, splits.train.first(len(splits.test)))
        )
        figure.plot([upgrade(row) for row in rows], path / "kl.png", path.name)
        notes = {
            "settings": settings,
            "data": data,
            "test": test,
            "training_images": training,
            "provenance": provenance(),
        }
        model_path = export.export(model, splits.image_shape, output, notes)
        resumable.finish(path, notes | {"model": str(model_path), "seconds": rows[-1]["seconds"]})
    print(f"Finished {settings['epochs']} epochs on {splits.name}, {splits.source}.")
    exact = number(test["kl"]["value"])
    print(f"  ELBO   {test['elbo']:.2f} nats on {len(splits.test):,} test images; exact KL {exact}")
    for name, entry in test["discriminators"].items():
        print(f"  {name:14} estimates {number(entry['value'])}: gap {value(entry['gap'])}")
    print(f"  model  {model_path}\n  figure {path / 'kl.png'}")


def _settings(values):
    """The settings that a run must keep, checked."""
    for folder, name in (("datasets", "dataset"), ("avb/encoders", "encoder")):
        plugins.check(folder, values[name], name)
    plugins.refuse_own(values["dataset"], "dataset", "bin/train_avb")
    if values["discriminator"] != "none":
        plugins.check("avb/discriminators", values["discriminator"], "discriminator")
    watch = [name for name in values["watch"].split(",") if name]
    for name in watch:
        plugins.check("avb/discriminators", name, "watch")
    if values["settle_epochs"] < 0:
        raise UserError(f"--settle_epochs={values['settle_epochs']} must not be negative.")
    for name in (
        "latents",
        "width",
        "epochs",
        "batch_size",
        "learning_rate",
        "discriminator_steps",
        "limit",
    ):
        if values[name] is not None and not 0 < values[name] < float("inf"):
            raise UserError(f"--{name}={values[name]} must be greater than 0.")
    if not 0 <= values["seed"] < 2**31:
        raise UserError(f"--seed={values['seed']} must lie in 0..{2**31 - 1}.")
    names = "dataset limit latents encoder discriminator width epochs settle_epochs".split()
    names += ["batch_size", "learning_rate", "discriminator_steps", "seed"]
    return json.loads(json.dumps({name: values[name] for name in names} | {"watch": watch}))
