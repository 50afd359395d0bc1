"""The exceptions that the command line shows as a sentence instead of a stack trace."""

__all__ = ["SetupError", "UserError"]


class UserError(Exception):
    """Something that the user gave or asked for does not hold; the message says what and what would."""


class SetupError(UserError, ImportError):
    """A library is missing, or configured so that tfflowgan cannot use it; the message says what to change."""
