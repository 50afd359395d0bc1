"""Keras must run on TensorFlow: importing this module raises `SetupError` for another backend.

Every folder that imports Keras imports this module first. Keras takes its backend from
`KERAS_BACKEND`, then from keras.json in `KERAS_HOME` or ~/.keras, and else uses TensorFlow. A
backend that is not installed would end Keras's own import with another library's error, so both
places are read here, before Keras is imported.
"""

import json
import os
import pathlib
import sys

from tfflowgan.errors import SetupError

__all__ = ["check"]


def check() -> None:
    """Checks the backend that Keras has, or will have once it is imported.

    Raises:
      SetupError: it is not TensorFlow.
    """
    backend, source = _configured()
    if backend != "tensorflow":
        raise SetupError(
            f"tfflowgan needs Keras on TensorFlow, but {source}; set KERAS_BACKEND=tensorflow "
            "before Keras is imported."
        )


def _configured():
    """The backend, and the setting that it comes from."""
    if keras := sys.modules.get("keras"):
        backend = keras.config.backend()
        return backend, f"Keras is imported already, on {backend}"
    if backend := os.environ.get("KERAS_BACKEND"):
        return backend, f"KERAS_BACKEND={backend}"
    path = pathlib.Path(os.environ.get("KERAS_HOME", "~/.keras")).expanduser() / "keras.json"
    try:
        backend = json.loads(path.read_text()).get("backend", "tensorflow")
    except (OSError, ValueError, AttributeError):
        return "tensorflow", "Keras's default"
    return backend, f"{path} has backend {backend}"


check()
