"""`bin/sample`: draw images from an exported model or a run, as PNG files or an array.

Images are drawn batch by batch, and only a grid holds all of them in memory.
"""

import contextlib
import os
import pathlib
from collections.abc import Iterator

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
    Flag(
        "output",
        str,
        None,
        "PNG file with the grid of images (default: samples.png, or none with --folder)",
        "where",
    ),
    Flag(
        "folder",
        str,
        None,
        "also write every image as an 8-bit PNG file to this folder, which must be new or empty",
        "where",
    ),
    Flag("npy", str, None, "also write float32 images [n, H, W, C] to this .npy file", "where"),
    Flag("columns", int, None, "images per row (default: as square a grid as possible)", "where"),
]

_BATCH = (
    64  # fixed, with padding: rounding depends on the batch size, and images must repeat exactly
)


def main() -> None:
    """Entry point of `bin/sample` and `tfflowgan-sample`."""
    summary = (
        "Draws images from a trained model and writes them as a grid, single files or an array."
    )
    run("sample", summary, _ROWS, _sample)


def _sample(values: dict) -> None:
    if values["model"] is None:
        raise UserError("--model is missing; give a SavedModel or a run's directory.")
    for name in ("n", "columns"):
        if values[name] is not None and values[name] < 1:
            raise UserError(f"--{name}={values[name]} must be at least 1.")
    if not 0 <= values["temperature"] < float("inf"):
        raise UserError(f"--temperature={values['temperature']} must be finite and at least 0.")
    output, folder, npy = _targets(values)
    path = pathlib.Path(values["model"])
    if not path.is_dir():
        raise UserError(f"--model={path} is not a folder.")
    generator = _load(path, values["select"])
    import numpy as np

    from tfflowgan import image_grid
    from tfflowgan.images.npy import NpyFile
    from tfflowgan.images.png_folder import PngFolder

    n, shape = values["n"], generator.image_shape
    kept = []
    try:
        with contextlib.ExitStack() as stack:
            writers = []
            if folder is not None:
                writers.append(stack.enter_context(PngFolder(folder, n)))
            if npy is not None:
                writers.append(stack.enter_context(NpyFile(npy, (n, *shape))))
            for images in _batches(generator, n, values["seed"], values["temperature"]):
                for writer in writers:
                    writer.append(images)
                if output is not None:
                    kept.append(images)
            if output is not None:
                image_grid.save_grid(output, np.concatenate(kept), values["columns"])
    except OSError as error:
        raise UserError(f"{error.filename} cannot be written: {error.strerror}.") from None
    for written in (output, folder, npy):
        if written is not None:
            print(f"Written to {written}.")


def _targets(values: dict) -> tuple[pathlib.Path | None, ...]:
    """Where the grid, the single files and the array go; None for what is not asked for."""
    output = values["output"] or (None if values["folder"] else "samples.png")
    if output is not None and pathlib.Path(output).suffix.lower() != ".png":
        raise UserError(f"--output={output} must end in .png.")
    if output is None and values["columns"] is not None:
        raise UserError(
            f"--columns={values['columns']} is of the grid; with --folder, give --output too."
        )
    targets = {"output": output, "folder": values["folder"], "npy": values["npy"]}
    for name, value in targets.items():
        parent = pathlib.Path(value or ".").resolve().parent
        if not os.access(parent, os.W_OK):
            raise UserError(
                f"--{name}={value} cannot be written: {parent} is not a writable folder."
            )
    return tuple(None if value is None else pathlib.Path(value) for value in targets.values())


def _batches(generator, n: int, seed: int, temperature: float) -> Iterator:
    """Images float32 `[B, H, W, C]`, n of them in all; the last batch is padded and cut."""
    import numpy as np

    from tfflowgan.generators import image_seeds

    seeds = image_seeds(seed, -(-n // _BATCH) * _BATCH)
    for start in range(0, n, _BATCH):
        latents = generator.latents(seeds[start : start + _BATCH], temperature)
        images = generator.decode(latents).numpy()[: n - start].astype(np.float32)
        bad = int((~np.isfinite(images).all(axis=(1, 2, 3))).sum())
        if bad:
            raise UserError(
                f"{bad} of samples {start} to {start + len(images) - 1} are not finite; try a "
                "lower --temperature."
            )
        yield images


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
