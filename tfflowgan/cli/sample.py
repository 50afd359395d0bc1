"""`bin/sample`: draw images from an exported model or a run, as a PNG file or an array."""

import os
import pathlib

from tfflowgan.cli.app import Flag, allow_code, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_ROWS = [
    Flag(
        "model",
        str,
        None,
        "a SavedModel (NAME or NAME/VERSION) or a run's directory (required)",
        "what",
    ),
    Flag(
        "select",
        str,
        None,
        "which weights of a run: nll, score, last or snapshot-N (default: the run's own --select)",
        "what",
    ),
    allow_code("what"),
    Flag("n", int, 64, "number of images", "what"),
    Flag("seed", int, 0, "image i depends only on the seed and i", "what"),
    Flag(
        "temperature",
        float,
        1.0,
        "scales the latents; below 1, images are more typical and less varied",
        "what",
    ),
    Flag("output", str, "samples.png", "PNG file with the grid of images", "where"),
    Flag("npy", str, None, "also write float32 images [n, H, W, C] to this .npy file", "where"),
    Flag("columns", int, None, "images per row (default: as square a grid as possible)", "where"),
]

_BATCH = (
    64  # fixed, with padding: rounding depends on the batch size, and images must repeat exactly
)


def main() -> None:
    """Entry point of `bin/sample` and `tfflowgan-sample`."""
    run("sample", "Draws images from a trained model and writes them as a grid.", _ROWS, _sample)


def _sample(values: dict) -> None:
    if values["model"] is None:
        raise UserError("--model is missing; give a SavedModel or a run's directory.")
    for name in ("n", "columns"):
        if values[name] is not None and values[name] < 1:
            raise UserError(f"--{name}={values[name]} must be at least 1.")
    if not 0 <= values["temperature"] < float("inf"):
        raise UserError(f"--temperature={values['temperature']} must be finite and at least 0.")
    if pathlib.Path(values["output"]).suffix.lower() != ".png":
        raise UserError(f"--output={values['output']} must end in .png.")
    for name in ("output", "npy"):
        folder = pathlib.Path(values[name] or ".").resolve().parent
        if not os.access(folder, os.W_OK):
            raise UserError(
                f"--{name}={values[name]} cannot be written: {folder} is not a writable folder."
            )
    path = pathlib.Path(values["model"])
    if not path.is_dir():
        raise UserError(f"--model={path} is not a folder.")
    import numpy as np

    from tfflowgan import image_grid
    from tfflowgan.generators import image_seeds

    seeds = image_seeds(values["seed"], -(-values["n"] // _BATCH) * _BATCH)
    generator = _load(path, values["select"])
    batches = [seeds[i : i + _BATCH] for i in range(0, len(seeds), _BATCH)]
    parts = [
        generator.decode(generator.latents(batch, values["temperature"])).numpy()
        for batch in batches
    ]
    images = np.concatenate(parts)[: values["n"]].astype(np.float32)
    if not np.isfinite(images).all():
        bad = int((~np.isfinite(images).all(axis=(1, 2, 3))).sum())
        raise UserError(
            f"{bad} of {len(images)} samples are not finite; try a lower --temperature."
        )
    try:
        image_grid.save_grid(pathlib.Path(values["output"]), images, values["columns"])
        print(f"Written to {values['output']}.")
        if values["npy"] is not None:
            with open(values["npy"], "wb") as file:
                np.save(file, images)
            print(f"Written to {values['npy']}.")
    except OSError as error:
        raise UserError(f"{error.filename} cannot be written: {error.strerror}.") from None


def _load(path: pathlib.Path, select: str | None):
    if (path / "config.json").exists():
        from tfflowgan.runs.load import load_generator
        from tfflowgan.runs.run import Run

        return load_generator(Run.open(path), select)
    if select:
        raise UserError(
            f"--select={select} applies to runs only; --model={path} is an exported model."
        )
    from tfflowgan.serving.saved_model import load

    return load(path)
