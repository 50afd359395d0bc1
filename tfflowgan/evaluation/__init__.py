"""Evaluations: each judges a flow, a generator or a run, and returns a plain dict of values, errors and settings.

One module per evaluation, the value of `--evaluations`. `RunEvaluator` makes them for a run, keeps their results and says where
each number comes from; `compare` judges two folders of images; `describe` fills a model card.
"""

from tfflowgan.evaluation._compare import compare
from tfflowgan.evaluation._model_card import COMPARED, command, describe
from tfflowgan.evaluation._registry import is_long, names, options, subjects
from tfflowgan.evaluation._run_evaluator import RunEvaluator

__all__ = [
    "COMPARED",
    "RunEvaluator",
    "command",
    "compare",
    "describe",
    "is_long",
    "names",
    "options",
    "subjects",
]
