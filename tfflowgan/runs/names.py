"""The names of a run's weights. Imports nothing."""

__all__ = ["WEIGHTS", "score_name", "snapshot_name", "state_name"]

WEIGHTS = {"nll": "best", "score": "best_score", "last": "last"}  # value of --select: file


def score_name(dataset: str) -> str:
    """The score that selects the `best_score` weights.

    The Inception score on CIFAR-10, the MODE score elsewhere (Flow-GAN, tables 1 and 2).
    """
    return "inception_score" if dataset == "cifar10" else "mode_score"


def snapshot_name(step: int) -> str:
    """The file name of the weights at a step."""
    return f"snapshot-{step:09d}"


def state_name(step: int) -> str:
    """The file name of the training state at a step."""
    return f"step-{step:09d}"
