"""`bin/report`: compare several evaluated runs on one HTML page."""

import pathlib

from tfflowgan.cli.app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_ROWS = [
    Flag(
        "runs",
        str,
        None,
        "comma-separated directories of evaluated runs and of runs of bin/train_avb (required)",
        "what",
    ),
    Flag("title", str, "Runs side by side", "title of the page", "what"),
    Flag("output", str, "report", "folder for index.html", "where"),
]


def main() -> None:
    """Entry point of `bin/report` and `tfflowgan-report`."""
    run(
        "report",
        "Compares the evaluations of several runs on one self-contained HTML page.",
        _ROWS,
        _report,
        tensorflow=False,
    )


def _report(values: dict) -> None:
    if not values["runs"]:
        raise UserError(
            "--runs is missing; give the directories of evaluated runs, as in --runs=runs/a,runs/b."
        )
    from tfflowgan.report.page import render

    folders = [pathlib.Path(folder) for folder in values["runs"].split(",") if folder]
    page = render(folders, values["title"])
    output = pathlib.Path(values["output"])
    try:
        output.mkdir(parents=True, exist_ok=True)
        (output / "index.html").write_text(page)
    except OSError as error:
        raise UserError(f"--output={output} cannot be written: {error.strerror}.") from None
    print(f"Written to {output / 'index.html'} ({len(page) / 1e6:.1f} MB).")
