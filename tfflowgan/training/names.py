"""What the files of a run are called; imports nothing."""

__all__ = ["WEIGHTS", "snapshot_name"]

WEIGHTS = {"nll": "best", "score": "best_score", "last": "last"}  # by what --select calls them


def snapshot_name(step: int) -> str:
    """What the weights of a step are called."""
    return f"snapshot-{step:09d}"
