"""Flow-GAN's table 3: the exact NLL, its estimates by AIS and KDE, and the ranks they imply.

AIS and KDE add Gaussian noise to a generator's samples (Wu et al., 2017; Goodfellow et al., 2014).
A flow's own density needs neither.
"""

from itertools import combinations

from tfflowgan.report.format import number, value

__all__ = ["PUBLISHED", "table", "verdicts"]

PUBLISHED = {
    "MLE": (-3287.69, -2584.40, -167.10),
    "ADV": (26350.30, -2916.10, -3.03),
    "hybrid": (-3121.53, -2703.03, -205.69),
}


def table(results: dict[str, dict[str, dict]]) -> tuple[list[str], list[list[str]]]:
    """One row per run, then the published ones.

    Args:
      results: a run's label -> evaluation's name -> result. Runs without a density, or without
        both annealing and mixture, are left out; without any other run, the table is empty.
    """
    header = [
        "run",
        "exact NLL (nats)",
        "KDE",
        "images",
        "exact NLL, AIS images",
        "AIS",
        "images",
        "AIS's sigma",
    ]
    rows = []
    for label, result in _complete(results).items():
        annealed, mixture = result["annealing"], result["mixture"]
        rows.append(
            [
                label,
                value(mixture["exact"]["test_nll"]),
                value(mixture["kde"]["test_nll"]),
                str(mixture["test"]),
                value(annealed["exact_nll"]),
                value(annealed["ais_nll"]),
                str(annealed["images"]),
                f"{annealed['sigma']:g}",
            ]
        )
    if rows and all(
        result["mixture"]["dataset"] == "mnist" for result in _complete(results).values()
    ):
        rows += [
            [
                f"published: {name}",
                number(exact),
                number(kde),
                "-",
                number(exact),
                number(ais),
                "-",
                "-",
            ]
            for name, (exact, ais, kde) in PUBLISHED.items()
        ]
    return header, rows


def verdicts(results: dict[str, dict[str, dict]]) -> list[str]:
    """One sentence per estimator: how it ranks the runs.

    It also counts the pairs that it orders as the exact NLL of its images does.
    """
    complete = _complete(results)
    if len(complete) < 2:
        return []
    if len({(r["annealing"]["sigma"], r["mixture"]["dataset"]) for r in complete.values()}) > 1:
        return [
            "The runs differ in their images or in AIS's sigma, so no order is derived from them."
        ]
    by = {
        "AIS": {
            label: (r["annealing"]["exact_nll"], r["annealing"]["ais_nll"])
            for label, r in complete.items()
        },
        "KDE": {
            label: (r["mixture"]["exact"]["test_nll"], r["mixture"]["kde"]["test_nll"])
            for label, r in complete.items()
        },
    }
    by = {
        name: {label: tuple(m["value"] for m in pair) for label, pair in pairs.items()}
        for name, pairs in by.items()
    }
    published = {
        "AIS": {label: (exact, ais) for label, (exact, ais, _) in PUBLISHED.items()},
        "KDE": {label: (exact, kde) for label, (exact, _, kde) in PUBLISHED.items()},
    }
    return [
        _sentence(name, where, pairs[name])
        for where, pairs in (("here", by), ("published", published))
        for name in pairs
    ]


def _sentence(name, where, values):
    def order(i):
        return " < ".join(sorted(values, key=lambda label: values[label][i]))

    pairs = list(combinations(values.values(), 2))
    agree = sum((a[0] < b[0]) == (a[1] < b[1]) for a, b in pairs)
    return (
        f"NLL by {name}, {where}: {order(1)}; exact: {order(0)}; {agree} of {len(pairs)} pairs "
        "in the same order."
    )


def _complete(results):
    whole = {label: r for label, r in results.items() if {"annealing", "mixture"} <= r.keys()}
    return {
        label: r
        for label, r in whole.items()
        if r["annealing"]["exact_nll"]["value"] is not None and r["mixture"]["exact"]
    }
