"""The exceptions that the command line reports as one sentence instead of a stack trace."""

__all__ = ["SetupError", "UserError"]


class UserError(Exception):
    """An invalid flag, argument or file; the message says what is wrong and what would be right."""


class SetupError(UserError, ImportError):
    """A library that is missing or misconfigured; the message says what to change."""
