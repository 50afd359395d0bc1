"""`bin/demo`: a local web page that shows one or two exported models."""

from tfflowgan.cli.app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_ROWS = [
    Flag(
        "models",
        str,
        None,
        "one or two SavedModels of flows, NAME or NAME/VERSION, separated by a comma (required)",
        "what",
    ),
    Flag("port", int, 7860, "the page's port, on the loopback interface only", "where"),
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
    from tfflowgan.demo import Shown, launch, page

    models = [Shown(path) for path in paths]
    if len({model.image_shape for model in models}) > 1:
        shapes = " and ".join(f"{model.name}'s are {model.image_shape}" for model in models)
        raise UserError(f"--models={values['models']} must have one image shape; {shapes}.")
    blocks = page(models)
    names = " and ".join(model.name for model in models)
    port = values["port"]
    announcement = f"http://127.0.0.1:{port} shows {names}; Ctrl-C stops it."
    launch(blocks, port, values["browser"], announcement)
