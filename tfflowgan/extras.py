"""Libraries of the package's extras; if one is missing, the error has the command to install it."""

import importlib
import types

from tfflowgan.errors import SetupError

__all__ = ["install_command", "require"]


def install_command(extra: str) -> str:
    """The command that installs an extra, such as "serving"."""
    return f'pip install "tfflowgan[{extra}]"'


def require(module: str, extra: str, purpose: str) -> types.ModuleType:
    """Imports a module of a library that an extra installs.

    Args:
      module: its full name, such as "tensorflow_serving.apis.predict_pb2".
      extra: the extra that installs it.
      purpose: what needs it, as the subject of a sentence, such as "The gRPC client".

    Raises:
      SetupError: the library is not installed. An error inside an installed library passes through.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        library = module.partition(".")[0]
        if error.name is None or error.name.partition(".")[0] != library:
            raise
        raise SetupError(
            f"{purpose} needs {library}, which is not installed; {install_command(extra)} installs "
            "it.",
            name=library,
        ) from None
