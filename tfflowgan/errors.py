"""The exceptions that the command line reports as one sentence instead of a stack trace."""

import contextlib
import re
from collections.abc import Iterator

__all__ = ["ArgumentError", "Interrupted", "SetupError", "UserError", "in_python_words"]

_DASHES = re.compile(r"(?<![\w/.-])--(?=[a-z])")  # of a flag; those inside a path stay


class UserError(Exception):
    """An invalid flag, argument or file; the message says what is wrong and what would be right."""


class SetupError(UserError, ImportError):
    """A library that is missing or misconfigured; the message says what to change."""


class ArgumentError(UserError, ValueError):
    """An invalid argument of a Python function; the message names arguments, not flags."""


@contextlib.contextmanager
def in_python_words() -> Iterator[None]:
    """Turns the flags in a `UserError`'s message into arguments: `--epochs=0` into `epochs=0`.

    Raises:
      ArgumentError: in place of the `UserError`.
    """
    try:
        yield
    except (ArgumentError, SetupError):
        raise
    except UserError as error:
        raise ArgumentError(_DASHES.sub("", str(error))) from None


class Interrupted(KeyboardInterrupt):
    """A signal ended the work; the message says what became of it.

    Attributes:
      code: the exit status of a command, 128 and the number of the signal.
    """

    def __init__(self, number: int, message: str = "interrupted.") -> None:
        """Creates the exception.

        Args:
          number: of the signal.
          message: for the user.
        """
        super().__init__(message)
        self.code = 128 + number
