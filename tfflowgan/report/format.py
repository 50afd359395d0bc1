"""Numbers as text."""

__all__ = ["number", "value"]


def number(value: float | None, digits: int = 2) -> str:
    """A number with so many digits after the point, in powers of ten from a million on; "-" for None."""
    if value is None:
        return "-"
    return f"{value:.{digits}f}" if abs(value) < 1e6 else f"{value:.3e}"


def value(mean: float | None, error: float | None, digits: int = 2) -> str:
    """A mean and its standard error."""
    return number(mean, digits) if mean is None or error is None else f"{number(mean, digits)} +- {number(error, digits)}"
