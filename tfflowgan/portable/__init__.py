"""Programs of `bin/export_program` on any device of JAX: TPUs, GPUs, CPUs; without TensorFlow.

    python -m tfflowgan.portable PROGRAM --output=STATE --minutes=9

Needs NumPy, SciPy and JAX alone. `bin/import_state` puts the state back into the run.
"""

from tfflowgan.portable._ais import ais
from tfflowgan.portable._annealing import annealed, finite
from tfflowgan.portable._calls import CallLength
from tfflowgan.portable._chains import (
    ACCEPTANCE,
    LEAPFROG_STEPS,
    PART,
    Chains,
    Layout,
    sigmoid_schedule,
)
from tfflowgan.portable._checks import LEAST_PART_MB
from tfflowgan.portable._evaluate import log_prob, sample
from tfflowgan.portable._files import read_arrays, write_arrays
from tfflowgan.portable._jacobian import jacobian
from tfflowgan.portable._kept import OutOfTime
from tfflowgan.portable._order import BatchOrder
from tfflowgan.portable._program import FORMAT, Program, description
from tfflowgan.portable._spectrum import log_dets, singular_values, spectrum
from tfflowgan.portable._state import read_progress, read_variables
from tfflowgan.portable._time import time_steps
from tfflowgan.portable._train import train

__all__ = [
    "ACCEPTANCE",
    "FORMAT",
    "LEAPFROG_STEPS",
    "LEAST_PART_MB",
    "PART",
    "BatchOrder",
    "CallLength",
    "Chains",
    "Layout",
    "OutOfTime",
    "Program",
    "ais",
    "annealed",
    "description",
    "finite",
    "jacobian",
    "log_dets",
    "log_prob",
    "read_arrays",
    "read_progress",
    "read_variables",
    "sample",
    "sigmoid_schedule",
    "singular_values",
    "spectrum",
    "time_steps",
    "train",
    "write_arrays",
]
