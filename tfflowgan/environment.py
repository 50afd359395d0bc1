"""What must hold before anything is imported: the Python version and Keras' backend. One sentence where it does not."""

import os
import sys

__all__ = ["check"]

_PYTHON = (3, 11)


def check() -> None:
    """Checks the interpreter and `KERAS_BACKEND`, which Keras would otherwise take silently.

    Raises:
      SystemExit: with one sentence, where tfflowgan cannot work.
    """
    if sys.version_info < _PYTHON:
        wanted = ".".join(map(str, _PYTHON))
        sys.exit(f"tfflowgan needs Python {wanted} or newer; this is {sys.version.split()[0]} ({sys.executable}).")
    backend = os.environ.get("KERAS_BACKEND", "tensorflow")
    if backend != "tensorflow":
        sys.exit(f"tfflowgan needs Keras on TensorFlow, but KERAS_BACKEND={backend}; unset it or set it to tensorflow.")
    os.environ["KERAS_BACKEND"] = "tensorflow"
