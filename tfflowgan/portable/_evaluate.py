"""Evaluations by exported programs: log-densities of a split, samples.

OUTPUT/log_prob.npy      nats per image, and log_prob.json: the mean in all units
OUTPUT/images.npy        float32 [N, H, W, C]; image i is that of seed * 2^32 + i
"""

import json
import pathlib
from collections.abc import Callable

import numpy as np

from tfflowgan import statistics, units
from tfflowgan.files import write_atomically
from tfflowgan.portable._checks import check_draws, make_output
from tfflowgan.portable._files import read_arrays
from tfflowgan.portable._kept import finished, origin
from tfflowgan.portable._program import Program, description

__all__ = ["log_prob", "sample"]


def log_prob(
    folder: pathlib.Path, output: pathlib.Path, show: Callable[[str], None] = print
) -> dict:
    """Computes the log-density of every image of the program.

    Args:
      folder: a program of kind "log_prob".
      output: where the results go.
      show: prints a line.

    Returns:
      What `log_prob.json` holds.

    Raises:
      UserError: a file is wrong, or the results of another program are there.
    """
    identity = description(folder).get("identity", "")
    make_output(folder, output)
    if result := finished(output, "log_prob", identity):
        show(f"{output / 'log_prob.json'} is there already.")
        return result
    program = Program(folder, "log_prob")
    about, name = program.about, program.about["images"][0]
    images, block = read_arrays(folder, f"images_{name}")[name], program.about["block"]
    found = []
    for number, start in enumerate(range(0, len(images), block)):
        part = images[start : start + block]
        padded = np.zeros([block, *images.shape[1:]], np.uint8)
        padded[: len(part)] = part
        found.append(program(padded, np.int32(number))["log_prob"][: len(part)])
    values = np.concatenate(found)
    losses = -values.astype(np.float64)
    nll = statistics.mean_with_error(losses)
    result = {
        "split": name,
        "seed": about["seed"],
        "device": str(program.device.device_kind),
        "nll": nll,
        "bits_per_dim": units.bits_per_dim(-losses.mean(), about["dims"]),
        **origin(about),
        "program": identity,
    }
    np.save(output / "log_prob.npy", values)
    write_atomically(output / "log_prob.json", json.dumps(result, indent=2) + "\n")
    error = "" if nll["standard_error"] is None else f" +- {nll['standard_error']:.2f}"
    show(
        f"{len(values):,} images of {name}: NLL {nll['value']:.2f}{error} nats, "
        f"{result['bits_per_dim']:.3f} bits/dim on {result['device']}."
    )
    return result


def sample(
    folder: pathlib.Path,
    output: pathlib.Path,
    count: int = 100,
    seed: int = 0,
    show: Callable[[str], None] = print,
) -> np.ndarray:
    """Draws the images of `Generator.sample`.

    Args:
      folder: a program of kind "sample".
      output: where they go.
      count: how many.
      seed: 0 to 2^31 - 1.
      show: prints a line.

    Returns:
      Images float32 `[count, H, W, C]`.

    Raises:
      UserError: an argument is out of range.
    """
    check_draws(count, seed)
    make_output(folder, output)
    program = Program(folder, "sample")
    block = program.about["block"]
    seeds = (seed << 32) + np.arange(-(-count // block) * block, dtype=np.int64)
    images = np.concatenate([program(part)["images"] for part in seeds.reshape(-1, block)])[:count]
    np.save(output / "images.npy", images)
    show(f"{count:,} images in {output / 'images.npy'}, drawn on {program.device.device_kind}.")
    return images
