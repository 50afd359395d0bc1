"""AIS against the exact likelihood: NLLs of test images, and both bounds for own samples."""

import numpy as np
from matplotlib.figure import Figure

__all__ = ["figure", "notes", "table"]

_WIDE = 10_000.0  # range in nats from which a scale is logarithmic beyond 1,000


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """One row per run, in nats per image."""
    header = [
        "run",
        "images",
        "distributions",
        "chains",
        "sigma",
        "cap",
        "NLL by AIS",
        "NLL, exact",
        "acceptance rate",
    ]
    header += ["own samples", "log p, lower bound", "log p, upper bound", "gap"]
    rows = []
    for label, r in results.items():
        own = r["own_samples"]
        settings = [
            str(r["images"]),
            str(r["distributions"]),
            str(r["chains"]),
            f"{r['sigma']:.4g}",
            f"{r['cap']:.1f}",
        ]
        values = [
            _number(r["ais_nll"]),
            _number(r["exact_nll"]),
            f"{r['acceptance']:.2f}",
            str(own["count"]),
        ]
        rows.append(
            [
                label,
                *settings,
                *values,
                *(_number(own[name]) for name in ("lower_bound", "upper_bound", "gap")),
            ]
        )
    return header, rows


def figure(results: dict[str, dict]) -> Figure:
    """Left: AIS against exact NLL, one point per test image. Right: the bounds for own samples."""
    drawing = Figure(figsize=(9, 3.8), layout="constrained")
    left, right = drawing.subplots(1, 2)
    scored = {label: r for label, r in results.items() if r["nlls"]["exact"] is not None}
    for i, (label, r) in enumerate(results.items()):
        colour, own = f"C{i % 10}", r["own_samples"]
        if label in scored:
            left.plot(
                r["nlls"]["exact"], r["nlls"]["ais"], ".", color=colour, alpha=0.6, label=label
            )
        left.axhline(-r["cap"], color=colour, linestyle=":", linewidth=1)
        right.plot(
            [own["lower_bound"]["value"], own["upper_bound"]["value"]],
            [i, i],
            "|-",
            color=colour,
            markersize=14,
        )
        right.plot(r["cap"], i, "x", color=colour, label="cap" if i == 0 else None)
    if scored:
        exact, ais = (
            [v for r in scored.values() for v in r["nlls"][name]] for name in ("exact", "ais")
        )
        ends = np.linspace(min(exact), max(exact), 1000)  # many points: the scale may be nonlinear
        left.plot(ends, ends, color="0.5", linewidth=1, label="equal")
        left.legend(fontsize="small")
        _fold(left, "x", exact)
        _fold(left, "y", [*exact, *ais])
    left.set_xlabel("exact NLL (nats)")
    left.set_ylabel("NLL by AIS (nats); dotted: -cap")
    left.set_title("test images", fontsize="medium")
    right.set_yticks(range(len(results)), list(results))
    right.set_ylim(len(results) - 0.5, -0.5)
    _fold(
        right,
        "x",
        [
            r["own_samples"][k]["value"]
            for r in results.values()
            for k in ("lower_bound", "upper_bound")
        ],
    )
    right.set_xlabel("mean log p (nats): lower to upper bound")
    right.set_title("own samples", fontsize="medium")
    right.legend(fontsize="small")
    for axis in (left, right):
        axis.grid(alpha=0.3)
    return drawing


def notes(results: dict[str, dict]) -> list[str]:
    """What the numbers mean, and how far to trust them."""
    lines = [
        "AIS estimates the likelihood of G(z) plus noise of standard deviation sigma, not of the "
        "model itself, and in expectation from below; it cannot exceed the cap "
        "-D/2 log(2 pi sigma^2). Values of different sigma must not be compared.",
    ]
    for label, r in results.items():
        gap, exact = r["own_samples"]["gap"]["value"], r["exact_nll"]["value"]
        if gap > 10.0:
            lines.append(
                f"{label}: on the model's own samples the two bounds are {gap:.0f} nats apart, so "
                "the NLL by AIS may be too high by as much; more distributions bring them closer."
            )
        if abs(r["acceptance"] - r["target_acceptance"]) > 0.1:
            lines.append(
                f"{label}: {r['acceptance']:.0%} of the moves were accepted; the target is "
                f"{r['target_acceptance']:.0%}. More distributions give the step size more time "
                "to adapt."
            )
        if exact is not None and -exact > r["cap"]:
            lines.append(
                f"{label}: the exact log-likelihood lies above the cap, which AIS with this sigma "
                "can never reach."
            )
    return lines


def _number(mean):
    value, error = mean["value"], mean["standard_error"]
    if value is None:
        return "-"
    return f"{value:.2f}" if error is None else f"{value:.2f} +- {error:.2f}"


def _fold(axes, name, values):
    """Makes a scale logarithmic beyond 1,000 if its values have a wide range."""
    if max(values) - min(values) > _WIDE:
        getattr(axes, f"set_{name}scale")("symlog", linthresh=1000.0)
        powers = [sign * 10.0**i for i in range(3, 40) for sign in (-1, 1)]
        getattr(axes, f"set_{name}ticks")(
            [0.0] + [p for p in powers if min(values) <= p <= max(values)]
        )
