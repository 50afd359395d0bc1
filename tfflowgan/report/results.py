"""Reads results from files, in format 2; those of version 0.1.0 are upgraded to it.

In format 2 every number with an error is {"value", "standard_error"}, optionally with "count" and
"interval"; see `tfflowgan.statistics`. Format 1 has no key "format". It has NAME and
NAME_standard_error side by side, or {"mean", "standard_error"} or {"nats", "standard_error"}.
"""

import json
import pathlib

from tfflowgan.errors import UserError

__all__ = ["FORMAT", "read", "upgrade"]

FORMAT = 2
_ERROR = "_standard_error"
_MEANS = ("mean", "nats")  # what format 1 calls a value beside "standard_error"


def read(path: pathlib.Path) -> dict:
    """The result of an evaluation, in format 2.

    Args:
      path: a JSON file that `bin/evaluate` wrote.

    Raises:
      OSError: the file cannot be read.
      ValueError: it holds no result of an evaluation.
      UserError: a later version wrote it.
    """
    result = json.loads(path.read_text())
    if not isinstance(result, dict) or "evaluation" not in result:
        raise ValueError(f"{path} holds no result of an evaluation")
    try:
        return upgrade(result)
    except UserError as error:
        raise UserError(f"{path}: {error}") from None
    except (LookupError, TypeError):
        raise ValueError(f"{path} holds an incomplete result") from None


def upgrade(result: dict) -> dict:
    """A result in format 2, with the same numbers.

    Args:
      result: of an evaluation, or a measurement of an auto-encoder, in format 1 or 2.

    Raises:
      UserError: it has a later format.
    """
    version = result.get("format", 1)
    if version == FORMAT:
        return result
    if version != 1:
        raise UserError(
            f"format {version} is not known; this version reads formats up to {FORMAT}, so a "
            "later version must read it."
        )
    return _DETAILS.get(result.get("evaluation", ""), lambda r: r)(_folded(result)) | {
        "format": FORMAT
    }


def _folded(values):
    """Nested values of format 1, with every number that has an error in a dict of its own."""
    if isinstance(values, list):
        return [_folded(v) for v in values] if values and isinstance(values[0], dict) else values
    if not isinstance(values, dict):
        return values
    folded = {key: _folded(v) for key, v in values.items() if not key.endswith(_ERROR)}
    for key in values:
        if key.endswith(_ERROR):
            name = key.removesuffix(_ERROR)
            folded[name] = {"value": values[name], "standard_error": values[key]}
    for name in _MEANS:
        if name in values and "standard_error" in values:
            folded["value"] = folded.pop(name)
    if "term_gap_standard_errors" in values:  # of auto-encoders: two lists, or None
        gaps, errors = values["term_gaps"], folded.pop("term_gap_standard_errors")
        pairs = None if gaps is None else zip(gaps, errors, strict=True)
        folded["term_gaps"] = pairs and [{"value": g, "standard_error": e} for g, e in pairs]
    return folded


def _critic_distance(result):
    """In format 1, "count" is the number of images, although a distance is a mean over readings."""
    if result.get("distances"):
        count = {"count": result["critic"]["readings"]}
        result["distances"] = {
            name: {k: v for k, v in d.items() if k != "count"} | count | {"images": d["count"]}
            for name, d in result["distances"].items()
        }
        result["overfitting_gap"] |= count
    return result


def _checkpoints(result):
    return result | {"checkpoints": [_critic_distance(entry) for entry in result["checkpoints"]]}


def _mixture(result):
    """Format 1 has no errors of the NLLs by bandwidth."""
    for row in (row for name in ("gmm", "kde") for row in result[name]["curve"]):
        row["validation_nll"] = {"value": row["validation_nll"], "standard_error": None}
    return result


def _reconstruction(result):
    """Format 1 has no error of the reconstruction with all latents kept."""
    whole = result["all_kept"]
    whole["mean_squared_error"] = {"value": whole["mean_squared_error"], "standard_error": None}
    return result


_DETAILS = {
    "checkpoints": _checkpoints,
    "critic_distance": _critic_distance,
    "mixture": _mixture,
    "reconstruction": _reconstruction,
}
