"""Tables 1 and 2: what they share. Best score over training, and the test NLL of the weights with the best validation NLL."""

from tfflowgan.report._format import number, value
from tfflowgan.reproduce import drawing
from tfflowgan.reproduce.artefact import Claim, Evaluation, Rendered, above
from tfflowgan.reproduce.found import Found

__all__ = ["NEEDS", "ending", "render", "score"]

NEEDS = [Evaluation("likelihood", "nll"), Evaluation("sample_scores", "score")]


def score(found: Found, name: str, select: str = "score") -> tuple[float, float]:
    """A score of the run's samples with its standard error."""
    samples = found.result("sample_scores", select)["samples"]
    return samples[name], samples[f"{name}_standard_error"]


def ending(found: Found) -> str:
    """How long a run was."""
    return f"{found.end['step']:,} steps, {found.end['seconds'] / 60:.0f} min"


def render(found: dict[str, Found], published: dict[str, tuple[float, float]], name: str, in_bits: bool) -> Rendered:
    """A table of scores and NLLs, and the paper's order of both.

    Args:
      found: the runs.
      published: label -> score and test NLL, where the paper has them.
      name: "mode_score" or "inception_score".
      in_bits: whether the NLL is in bits/dim, else in nats.
    """
    unit, key = ("bits/dim", "bits_per_dim") if in_bits else ("nats", "nll")
    title = {"mode_score": "MODE", "inception_score": "Inception"}[name]
    header = ["objective", f"{title}, published", f"{title}, here", f"test NLL ({unit}), published", f"test NLL ({unit}), here"]
    header += ["FID, here", "own samples (bits/dim)", "run"]
    rows, scores, nlls = [], {}, {}  # value and standard error
    for label, run in found.items():
        likelihood = run.result("likelihood", "nll")
        test, (best, error) = likelihood["test"], score(run, name)
        scores[label], nlls[label] = (best, error), (test[key], test[f"{key}_standard_error"])
        theirs = [number(v) for v in published.get(label, (None, None))]
        ours = value(test[key], test[f"{key}_standard_error"], 3 if in_bits else 2)
        own = number(likelihood["own_samples"]["bits_per_dim"], 3)
        fid = number(run.result("sample_scores", "score")["samples"]["fid"])
        rows.append([label, theirs[0], value(best, error), theirs[1], ours, fid, own, ending(run)])
    first = next(iter(found.values())).result("sample_scores", "score")
    real = first["test"][name]
    rows.append(["real test images", "-", value(real, first["test"][f"{name}_standard_error"]), "-", "-", "-", "-", "-"])
    statements = [("the adversary's samples score higher than those of MLE", scores, "ADV", "MLE", True)]
    statements += [("the hybrid's samples score higher than those of MLE", scores, "hybrid", "MLE", True)]
    better = published["hybrid"][0] > published["ADV"][0]
    where = "above" if better else "below"
    statements += [(f"the hybrid's score is {where} the adversary's", scores, "hybrid", "ADV", better)]
    better = published["hybrid"][1] > published["MLE"][1]
    where = "above" if better else "below"
    statements += [(f"the hybrid's test NLL is {where} that of MLE", nlls, "hybrid", "MLE", better)]
    statements += [("the adversary's test NLL is above that of MLE", nlls, "ADV", "MLE", True)]
    statements += [("and above that of the hybrid", nlls, "ADV", "hybrid", True)]
    claims = [Claim(text, _holds(of[a], of[b], due), f"{a} {number(of[a][0], 3)}, {b} {number(of[b][0], 3)}")
              for text, of, a, b, due in statements if a in of and b in of]  # fmt: skip
    judge = first["classifier"]
    notes = [
        f"Scores are of {first['count']:,} samples in {first['score_splits']} parts by {judge['name']} (sha256 "
        f"{judge['sha256'][:12]}...), of the weights with the best {title} score while training; the paper's classifier "
        "is not published. A claim is open where the two are less than two standard errors apart.",
        "NLLs are of the weights with the best validation NLL, of "
        f"{next(iter(found.values())).result('likelihood', 'nll')['test']['count']:,} test images.",
        f"Order of scores here: {drawing.order({k: v for k, (v, _) in scores.items()})}; of test NLLs: "
        f"{drawing.order({k: v for k, (v, _) in nlls.items()}, 3 if in_bits else 2)}.",
    ]
    return Rendered(claims, (header, rows), notes=notes, numbers={"scores": scores, f"test_nll_{key}": nlls})


def _holds(one, other, due):
    found = above(*one, *other)
    return None if found is None else found is due
