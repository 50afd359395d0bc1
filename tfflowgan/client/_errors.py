"""What can go wrong between a client and a server."""

from tfflowgan.errors import UserError

__all__ = ["ServerAway", "UnknownModel", "WrongInput"]


class ServerAway(UserError):
    """Nothing answers at the address, or not in time, or what answers is not TF Serving."""


class UnknownModel(UserError):
    """The server has no such model, version or signature."""


class WrongInput(UserError):
    """The model refuses the input."""
