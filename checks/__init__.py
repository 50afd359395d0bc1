"""Checks for hardware and servers that the tests do not have: each writes one JSON to send in.

    python -m checks.gpu        a GPU against the CPU       make check-gpu
    python -m checks.serving    a real TensorFlow Serving   make check-serving

A line has a name, numbers, whether it passed, and why not. A line that fails ends nothing.
"""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # before TensorFlow is imported
