"""Flow-GAN's table 3: the exact NLL against what AIS and KDE make of it, and whether each ranks the models rightly.

AIS and KDE see a generator's samples with Gaussian noise around them (Wu et al., 2017; Goodfellow et al., 2014); a flow's own
density needs neither.
"""

from itertools import combinations

from tfflowgan.report._format import number, value

__all__ = ["PUBLISHED", "table", "verdicts"]

PUBLISHED = {"MLE": (-3287.69, -2584.40, -167.10), "ADV": (26350.30, -2916.10, -3.03), "hybrid": (-3121.53, -2703.03, -205.69)}
_NAMES = ("exact", "AIS", "KDE")


def table(results: dict[str, dict[str, dict]]) -> tuple[list[str], list[list[str]]]:
    """A row a run, then the published ones.

    Args:
      results: a run's label -> evaluation's name -> result; runs without all three of likelihood, annealing and mixture are left
        out, and the table has no rows if there is none.
    """
    header = ["run", "exact NLL (nats)", "AIS", "KDE"]
    rows = []
    for label, result in _complete(results).items():
        exact, annealed, mixture = (result[name] for name in ("likelihood", "annealing", "mixture"))
        rows.append(
            [
                label,
                value(exact["test"]["nll"], exact["test"]["nll_standard_error"]),
                value(annealed["ais_nll"], annealed["ais_nll_standard_error"]),
                value(mixture["kde"]["test_nll"], mixture["kde"]["test_nll_standard_error"]),
            ]
        )
    if rows:
        rows += [[f"published: {name}", *map(number, values)] for name, values in PUBLISHED.items()]
    return header, rows


def verdicts(results: dict[str, dict[str, dict]]) -> list[str]:
    """A sentence an estimator: how it orders the runs, and how many pairs it orders as the exact NLL does."""
    complete = _complete(results)
    if len(complete) < 2:
        return []
    ours = {label: _values(result) for label, result in complete.items()}
    return [*_sentences("here", ours), *_sentences("published", PUBLISHED)]


def _sentences(where, values):
    lines = []
    for i, name in enumerate(_NAMES):
        order = " < ".join(sorted(values, key=lambda label: values[label][i]))
        pairs = list(combinations(values, 2))
        right = sum((values[a][i] < values[b][i]) == (values[a][0] < values[b][0]) for a, b in pairs)
        judged = "" if name == "exact" else f": {right} of {len(pairs)} pairs as the exact NLL has them"
        lines.append(f"NLL by {name}, {where}: {order}{judged}.")
    return lines


def _values(result):
    return result["likelihood"]["test"]["nll"], result["annealing"]["ais_nll"], result["mixture"]["kde"]["test_nll"]


def _complete(results):
    return {label: r for label, r in results.items() if {"likelihood", "annealing", "mixture"} <= r.keys()}
