"""Singular values of the generators' Jacobians (Grover et al., 2018, Figure 4), log-dets, ranks."""

from typing import TypeGuard

from matplotlib.figure import Figure

from tfflowgan.report.format import number, value

__all__ = ["figure", "notes", "table"]

_ROOM = 2.0  # decades shown below the resolution


def table(results: dict[str, dict]) -> tuple[list[str], list[list[str]]]:
    """One row per run."""
    header = [
        "run",
        "draws",
        "dtype",
        "log|det| (nats)",
        "own log|det| (nats)",
        "condition number (5 % - 95 %)",
        "rank",
        "D",
    ]
    rows = []
    for label, result in results.items():
        condition = result["log10_condition_number"]
        low, middle, high = (
            _power(condition[name]) for name in ("quantile_05", "median", "quantile_95")
        )
        rows.append(
            [
                label,
                str(result["draws"]),
                result["dtype"],
                value(result["log_det"]),
                value(result["own_log_det"]),
                f"{middle} ({low} - {high})",
                number(result["rank"]["mean"], 1),
                str(result["dims"]),
            ]
        )
    return header, rows


def figure(results: dict[str, dict]) -> Figure:
    """The cumulative distribution of singular values, for all runs.

    Dotted lines mark the value below which singular values do not count in the rank.
    """
    drawing = Figure(figsize=(7, 4), layout="constrained")
    axis = drawing.subplots()
    left, right = [], []
    for label, result in results.items():
        quantiles = result["log10_singular_values"]
        (line,) = axis.plot(
            quantiles["values"], quantiles["levels"], label=f"{label} ({result['dtype']})"
        )
        axis.axvline(result["log10_resolution"], color=line.get_color(), linestyle=":", linewidth=1)
        left.append(max(quantiles["values"][0], result["log10_resolution"] - _ROOM))
        right.append(quantiles["values"][-1])
    axis.set_xlim(min(left) - 0.3, max(right) + 0.3)
    axis.set_xlabel("log10 of the singular value s of dG/dz (dotted: D eps max s)")
    axis.set_ylabel("fraction of singular values below s")
    axis.grid(alpha=0.3)
    axis.legend(fontsize="small")
    return drawing


def notes(results: dict[str, dict]) -> list[str]:
    """Where the dtype is too coarse."""
    lines = []
    for label, result in results.items():
        dtype, own = result["dtype"], result["own_log_det"]
        advice = "; evaluate with --dtype=float64" if dtype != "float64" else ""
        agrees = own is not None and own["agrees"]
        doubt = (
            "; the log-determinants agree nevertheless"
            if agrees
            else f", and may be rounding noise{advice}"
        )
        lost = result["dims"] - result["rank"]["mean"]
        if lost > 0:
            lines.append(
                f"{label}: {number(lost, 1)} of {result['dims']} singular values lie below "
                f"D eps max s in {dtype} and do not count in the rank{doubt}."
            )
        if result["zero_share"] > 0:
            lines.append(
                f"{label}: {100 * result['zero_share']:.3g} % of the singular values are exactly "
                f"zero in {dtype}, where the generator saturates, so the sum of their logarithms "
                f"is not finite{advice}."
            )
        elif own is not None and not own["agrees"]:
            lines.append(
                f"{label}: the sum of log singular values differs from the flow's own "
                f"log-determinant by up to {number(own['greatest_difference'])} nats in {dtype}; "
                f"trust the latter{advice}."
            )
        lines.append(
            f"{label}: {result['draws']} draws from the prior, seed {result['seed']}"
            + (
                f"; the log-determinants differ by at most {own['greatest_difference']:.1e} nats."
                if _known(own)
                else "."
            )
        )
    return lines


def _known(own) -> TypeGuard[dict]:
    return own is not None and own["greatest_difference"] is not None


def _power(log10):
    return "infinite" if log10 is None else f"10^{log10:.1f}"
