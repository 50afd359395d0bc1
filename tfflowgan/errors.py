"""The one exception that the command line shows as a sentence instead of a stack trace."""

__all__ = ["UserError"]


class UserError(Exception):
    """Something that the user gave or asked for does not hold; the message says what and what would."""
