"""What the files of a run are called; imports nothing."""

__all__ = ["WEIGHTS", "score_name", "snapshot_name"]

WEIGHTS = {"nll": "best", "score": "best_score", "last": "last"}  # by what --select calls them


def score_name(dataset: str) -> str:
    """What chooses the `best_score` weights: the Inception score on CIFAR-10, else MODE (Flow-GAN tables 1 and 2)."""
    return "inception_score" if dataset == "cifar10" else "mode_score"


def snapshot_name(step: int) -> str:
    """What the weights of a step are called."""
    return f"snapshot-{step:09d}"
