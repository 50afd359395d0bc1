"""Reads TensorFlow's and TF Serving's error messages: what a check in the served graph says, as one sentence."""

import re

__all__ = ["sentence"]


def sentence(message: str) -> str:
    """A message of TensorFlow or TF Serving as one sentence: of a check in the graph what it says and the values it shows."""
    line = message.split("\n\t [[")[0].strip()
    shape = re.search(r"Shape of tensor \S*given_(\w+?)(?:_\d+)? (\[.*?\]) is not compatible with expected shape (\[.*?\])", line)
    if shape is not None:
        return f"{shape[1]} of shape {shape[2]} where {shape[3].replace('?', 'B')} is due"
    check = re.search(r"assertion failed: \[(.*?)\]((?: \[[^\]]*\])*)", line, re.DOTALL)
    if check is None:
        return line.splitlines()[-1] if line else "no reason given"
    return check[1] + " ".join(["", *re.findall(r"\[([^\]]*)\]", check[2])])
