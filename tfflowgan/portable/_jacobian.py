"""Singular values of Jacobians by an exported program: the matrices there, their values here.

OUTPUT/jacobian.json     what `bin/evaluate --evaluations=jacobian` says, and the device
OUTPUT/jacobian.npz      "singular_values" [draws, D], and "own_log_det" [draws] of a flow, in nats

A decomposition has no form in StableHLO that every device compiles. So the device computes the
Jacobian and the flow's own log-determinant, and NumPy decomposes on the host, in float64.
"""

import functools
import pathlib
import time
from collections.abc import Callable

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.portable._checks import check_draws, check_limits, make_output
from tfflowgan.portable._kept import Kept, finished
from tfflowgan.portable._program import Program, description
from tfflowgan.portable._spectrum import log_dets, singular_values, spectrum

__all__ = ["jacobian"]


def jacobian(
    folder: pathlib.Path,
    output: pathlib.Path,
    count: int = 64,
    seed: int = 0,
    minutes: float | None = None,
    save_minutes: float = 5.0,
    part_mb: float = 15.0,
    show: Callable[[str], None] = print,
    clock: Callable[[], float] = time.monotonic,
) -> dict:
    """Decomposes the Jacobian at draws from the prior.

    Args:
      folder: a program of kind "jacobian".
      output: where the results go; what is done there already is not done again.
      count: draws.
      seed: 0 to 2^31 - 1.
      minutes: at most so long, without compiling; None for no limit.
      save_minutes: time between two writes.
      part_mb: the most megabytes that a file holds.
      show: prints a line.
      clock: gives the time in seconds.

    Returns:
      What `jacobian.json` holds.

    Raises:
      UserError: an argument is out of range, or a Jacobian is not finite.
      OutOfTime: the minutes are over.
    """
    check_limits(part_mb, minutes=minutes, save_minutes=save_minutes)
    check_draws(count, seed)
    about = description(folder)
    make_output(folder, output)
    identity = f"{about['identity']}, {count} draws of seed {seed}"
    if result := finished(output, "jacobian", identity):
        show(f"{output / 'jacobian.json'} is there already.")
        return result
    program = Program(folder, "jacobian")
    start = {"singular_values": np.zeros([count, about["dims"]])}
    if "own_log_det" in about["results"]:
        start["own_log_det"] = np.zeros(count)
    kept = Kept(program, identity, output, minutes, save_minutes, part_mb, show, clock)
    with kept:
        part = functools.partial(_draw, program, seed)
        found = kept.scan("singular_values", part, start, range(count), unit="draw")
    result = {
        "draws": count,
        "seed": seed,
        "dtype": about["dtype"],
        "dims": about["dims"],
        **spectrum(found["singular_values"], about["dtype"]),
        **log_dets(found["singular_values"], found.get("own_log_det")),
    }
    result = kept.finish("jacobian", result, found)
    rank, log_det = result["rank"]["mean"], result["own_log_det"] or result["log_det"]
    nats = "" if log_det is None else f", log|det| {log_det['value']:.2f} nats"
    show(
        f"{count:,} draws: rank {rank:.1f} of {about['dims']:,}{nats}; {output / 'jacobian.json'}."
    )
    return result


def _draw(program, seed, carry, i):
    found = program(np.array([(seed << 32) + i], np.int64))
    if not np.isfinite(found["jacobian"]).all():
        dtype = program.about["dtype"]
        way = "" if dtype == "float64" else "; export the program with --dtype=float64"
        raise UserError(f"the Jacobian at draw {i} is not finite in {dtype}{way}.")
    new = {name: values.copy() for name, values in carry.items()}
    new["singular_values"][i] = singular_values(found["jacobian"])
    if "own_log_det" in new:
        new["own_log_det"][i] = found["own_log_det"]
    return new
