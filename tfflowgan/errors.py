"""The exception that the command line reports as one sentence instead of a stack trace."""

__all__ = ["UserError"]


class UserError(Exception):
    """An invalid flag, argument or file; the message says what is wrong and what would be right."""
