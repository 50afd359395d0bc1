"""Turns an error message of TensorFlow or TF Serving into one sentence."""

import re

__all__ = ["sentence"]

_SHAPE = re.compile(
    r"Shape of tensor \S*given_(\w+?)(?:_\d+)? (\[.*?\])"
    r" is not compatible with expected shape (\[.*?\])"
)
_CHECK = re.compile(r"assertion failed: \[(.*?)\]((?: \[[^\]]*\])*)", re.DOTALL)


def sentence(message: str) -> str:
    """One sentence that says what a message says.

    Args:
      message: the whole message; of a check in a served graph, its text and its values are kept.
    """
    line = message.split("\n\t [[")[0].strip()
    shape = _SHAPE.search(line)
    if shape is not None:
        return f"{shape[1]} have shape {shape[2]}; it must be {shape[3].replace('?', 'B')}"
    check = _CHECK.search(line)
    if check is None:
        return line.splitlines()[-1] if line else "no reason given"
    return check[1] + " ".join(["", *re.findall(r"\[([^\]]*)\]", check[2])])
