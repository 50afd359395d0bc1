"""`bin/demo`: a local web page that shows one or two exported models."""

import ipaddress
import logging
import socket

from tfflowgan.cli.app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_log = logging.getLogger("tfflowgan.cli.demo")

_ROWS = [
    Flag(
        "models",
        str,
        None,
        "one or two SavedModels of flows, NAME or NAME/VERSION, separated by a comma (required)",
        "what",
    ),
    Flag(
        "host",
        str,
        "127.0.0.1",
        "the address to listen on: this machine's own users only, or with 0.0.0.0 anyone who "
        "reaches it",
        "where",
    ),
    Flag("port", int, 7860, "the page's port", "where"),
    Flag("browser", bool, False, "open the page in the browser", "where"),
]


def main() -> None:
    """Entry point of `bin/demo` and `tfflowgan-demo`."""
    summary = "Serves a local web page with samples, densities, reconstructions and interpolations."
    run("demo", summary, _ROWS, _demo)


def _demo(values: dict) -> None:
    if values["models"] is None:
        raise UserError(
            "--models is missing; give one or two SavedModels, such as saved_models/NAME."
        )
    paths = values["models"].split(",")
    if len(paths) > 2:
        raise UserError(
            f"--models={values['models']} names {len(paths)} models; the page shows one or two."
        )
    if not 1 <= values["port"] < 2**16:
        raise UserError(f"--port={values['port']} must lie in 1..{2**16 - 1}.")
    alone = _loopback(values["host"])
    from tfflowgan.demo import Shown, launch, page

    models = [Shown(path) for path in paths]
    blocks = page(models)
    names = " and ".join(model.name for model in models)
    host, port = values["host"], values["port"]
    if not alone:
        _log.warning(
            "--host=%s: anyone who reaches this machine can use the page and its processors; there "
            "is no password, and what they send is not encrypted.",
            host,
        )
    shown = "127.0.0.1" if host == "0.0.0.0" else host
    announcement = f"http://{shown}:{port} shows {names}; Ctrl-C stops it."
    launch(blocks, host, port, values["browser"], announcement)


def _loopback(host: str) -> bool:
    """Whether only this machine can reach an address of it.

    Raises:
      UserError: it is no IPv4 address of this machine, and no name of one.
    """
    try:
        address = socket.gethostbyname(host)
        with socket.socket() as trial:
            trial.bind((address, 0))
    except (OSError, UnicodeError):
        raise UserError(
            f"--host={host} is no IPv4 address of this machine; give 127.0.0.1, or 0.0.0.0 for all "
            "of them."
        ) from None
    return ipaddress.ip_address(address).is_loopback
