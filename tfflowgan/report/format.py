"""Numbers as text."""

from collections.abc import Mapping

__all__ = ["interval", "number", "value"]


def number(value: float | None, digits: int = 2) -> str:
    """A number with that many decimals, in scientific notation from a million on; "-" for None."""
    if value is None:
        return "-"
    return f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.3e}"


def value(mean: Mapping | None, digits: int = 2) -> str:
    """A mean with its standard error, as far as they are known.

    Args:
      mean: {"value", "standard_error"}, or None.
      digits: decimals.
    """
    known, error = (mean["value"], mean["standard_error"]) if mean else (None, None)
    text = number(known, digits)
    return text if known is None or error is None else f"{text} +- {number(error, digits)}"


def interval(estimate: Mapping, digits: int = 2, signed: bool = False) -> str:
    """The ends of an estimate's interval, such as "0.10 to 0.30"; "-" for an end that is not known.

    Args:
      estimate: with "interval", or without one.
      digits: decimals.
      signed: whether positive ends have a sign.
    """
    ends = estimate.get("interval") or [None, None]
    plus = ["+" if signed and end is not None and end >= 0 else "" for end in ends]
    return " to ".join(f"{sign}{number(end, digits)}" for sign, end in zip(plus, ends, strict=True))
