"""What can go wrong between a client and a server."""

import re

from tfflowgan.errors import UserError

__all__ = ["ServerAway", "UnknownModel", "WrongInput", "sentence"]


class ServerAway(UserError):
    """Nothing answers at the address, or not in time, or not as TF Serving does."""


class UnknownModel(UserError):
    """The server has no such model, version or signature."""


class WrongInput(UserError):
    """The model refuses the input."""


def sentence(message: str) -> str:
    """A server's message as one sentence: of a check in the graph what it says and the values it shows."""
    line = message.split("\n\t [[")[0].strip()
    check = re.search(r"assertion failed: \[(.*?)\]((?: \[[^\]]*\])*)", line, re.DOTALL)
    if check is None:
        return line.splitlines()[-1] if line else "no reason given"
    return check[1] + " ".join(["", *re.findall(r"\[([^\]]*)\]", check[2])])
