"""What must hold before anything is imported: Python's version, Keras' backend, the packages. One sentence where not."""

import importlib.util
import os
import sys

__all__ = ["check"]

_PYTHON = (3, 11)
_NEEDED = (
    "absl gradio grpc jinja2 keras markdown matplotlib mlxtend numpy PIL requests scipy tensorflow tensorflow_datasets "
    "tensorflow_probability tensorflow_serving tf_keras tqdm"
).split()


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
    for module in _NEEDED:
        if importlib.util.find_spec(module) is None:
            sys.exit(
                f"tfflowgan needs {module}, which {sys.executable} does not have; activate the environment that make "
                "quickstart made (source .venv/bin/activate), or pip install -r requirements.txt."
            )
