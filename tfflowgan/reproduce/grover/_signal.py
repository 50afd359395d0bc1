"""Whether the adversary's distance follows the NLL; shared by figure 2 and by the claim in words."""

from tfflowgan.reproduce.artefact import Claim

__all__ = ["claim"]


def claim(label: str, result: dict) -> Claim:
    """The claim that it does not: open where the correlation's interval holds 0."""
    signal = result["signals"]["distance"]
    rank = signal["levels"]["spearman"]
    text = f"Spearman {'-' if rank is None else format(rank, '.2f')} over {result['evaluations']} readings: {signal['verdict']}"
    holds = {"follows": False, "opposes": True}.get(signal["verdict"])
    return Claim(f"{label}: the adversary's distance does not follow the validation NLL", holds, text)
