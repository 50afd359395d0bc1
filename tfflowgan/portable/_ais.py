"""Annealed importance sampling by an exported program.

OUTPUT/ais.json     what `bin/evaluate --evaluations=annealing` says, and the device
OUTPUT/ais.npz      nats of all images: "ais_nll", "exact_nll" [N], "lower_bound", "upper_bound" [M]
"""

import dataclasses
import pathlib
import time
from collections.abc import Callable

from tfflowgan.portable._annealing import annealed
from tfflowgan.portable._chains import Chains, Layout
from tfflowgan.portable._checks import check_limits, make_output
from tfflowgan.portable._files import read_arrays
from tfflowgan.portable._kept import Kept, finished
from tfflowgan.portable._program import Program, description

__all__ = ["ais"]


def ais(
    folder: pathlib.Path,
    output: pathlib.Path,
    minutes: float | None = None,
    save_minutes: float = 5.0,
    part_mb: float = 15.0,
    show: Callable[[str], None] = print,
    clock: Callable[[], float] = time.monotonic,
) -> dict:
    """Runs the chains of a program.

    Args:
      folder: a program of kind "ais".
      output: where the results go; what is done there already is not done again.
      minutes: at most so long, without compiling; None for no limit.
      save_minutes: time between two writes.
      part_mb: the most megabytes that a file holds.
      show: prints a line.
      clock: gives the time in seconds.

    Returns:
      What `ais.json` holds.

    Raises:
      UserError: an argument or a file is wrong, or a value is not finite.
      OutOfTime: the minutes are over.
    """
    check_limits(part_mb, minutes=minutes, save_minutes=save_minutes)
    about = description(folder)
    make_output(folder, output)
    if result := finished(output, "ais", about.get("identity", "")):
        show(f"{output / 'ais.json'} is there already.")
        return result
    program = Program(folder, "ais")
    arrays = {name: read_arrays(folder, f"images_{name}")[name] for name in about["images"]}
    settings, places = about["settings"], about["places"]

    def layout(count):
        own = Layout.of(count, about["dims"], settings["chains"], 1)
        return dataclasses.replace(own, **places)

    def move(**state):
        return program(*[state[name] for name in about["arguments"]])

    kept = Kept(program, about["identity"], output, minutes, save_minutes, part_mb, show, clock)
    with kept:
        shape = about["dims"], settings["distributions"], settings["chains"]
        chains = Chains(move, layout, *shape, kept.scan)
        advice = "export the program with --dtype=float64"
        found, values = annealed(chains, settings, arrays, advice)
    result = kept.finish("ais", found, values)
    nll, own = result["ais_nll"], result["own_samples"]["gap"]
    error = "" if nll["standard_error"] is None else f" +- {nll['standard_error']:.2f}"
    show(
        f"{result['images']:,} images: NLL by AIS {nll['value']:.2f}{error} nats; the bounds of "
        f"own samples are {own['value']:.2f} nats apart; {output / 'ais.json'}."
    )
    return result
