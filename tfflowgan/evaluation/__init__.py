"""Evaluations of flows, generators and runs: each returns a dict of values, errors and settings.

There is one module per evaluation, named as in `--evaluations`. `RunEvaluator` runs them for a
run, keeps their results and records where each number comes from. `compare` compares two folders
of images. `card_values` collects the contents of a model card. `export_log_prob` and the like
write programs for devices without TensorFlow.
"""

from tfflowgan.evaluation._compare import compare
from tfflowgan.evaluation._model_card import COMPARED, card_values, command
from tfflowgan.evaluation._programs import (
    export_ais,
    export_jacobian,
    export_log_prob,
    export_sample,
)
from tfflowgan.evaluation._registry import inputs, is_long, label, names, options
from tfflowgan.evaluation._run_evaluator import RunEvaluator

__all__ = [
    "COMPARED",
    "RunEvaluator",
    "command",
    "compare",
    "card_values",
    "export_ais",
    "export_jacobian",
    "export_log_prob",
    "export_sample",
    "is_long",
    "label",
    "names",
    "options",
    "inputs",
]
