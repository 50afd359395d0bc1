"""How long the steps of an exported program take on a device."""

import json
import pathlib
import time
from collections.abc import Callable

import numpy as np

from tfflowgan.portable._checks import make_output
from tfflowgan.portable._train import Steps

__all__ = ["time_steps"]


def time_steps(
    folder: pathlib.Path,
    output: pathlib.Path,
    repeats: int = 5,
    show: Callable[[str], None] = print,
    clock: Callable[[], float] = time.monotonic,
) -> dict:
    """Times the steps of a program, which are taken and forgotten.

    Args:
      folder: a program of `bin/export_program`.
      output: where times.json goes.
      repeats: calls that are timed, each of the program's most steps, after one that is not.
      show: prints a line.
      clock: gives the time in seconds.

    Returns:
      What `times.json` holds: seconds per step, the median and all of them, images per second, the
      device, the seconds of compiling.

    Raises:
      UserError: a file is wrong, or a value is not finite.
    """
    make_output(folder, output)
    taken = Steps(folder)
    about, program = taken.about, taken.program
    steps, seconds = about["steps_per_call"], []
    for _ in range(repeats + 1):
        begun = clock()
        taken.take(steps)
        seconds.append((clock() - begun) / steps)
    median = float(np.median(seconds[1:]))
    found = {
        "name": about["name"],
        "settings": about["settings"],
        "device": str(program.device.device_kind),
        "platform": program.device.platform,
        "compile_seconds": program.compile_seconds,
        "steps_per_call": steps,
        "step_seconds": {"median": median, "all": seconds[1:]},
        "images_per_second": about["batch_size"] / median,
    }
    (output / "times.json").write_text(json.dumps(found, indent=2) + "\n")
    show(
        f"{about['name']} on {found['device']}: {1e3 * median:.3f} ms per step of "
        f"{about['batch_size']} images, {found['images_per_second']:,.0f} images/s."
    )
    return found
