"""`bin/report`: compare several runs on one HTML page, and draw their numbers over a setting."""

import pathlib

from tfflowgan.cli.app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_ROWS = [
    Flag(
        "runs",
        str,
        None,
        "comma-separated runs, folders of runs, or patterns such as 'runs/sweep*'; also runs of "
        "bin/train_avb (required)",
        "what",
    ),
    Flag("x", str, None, "draw numbers over this setting, such as nll_weight", "what"),
    Flag(
        "y",
        str,
        None,
        "with --x: these numbers of bin/evaluate and metrics.jsonl, comma-separated, such as "
        "mode_score,test_nll",
        "what",
    ),
    Flag("curves_over", str, "steps", "learning curves over steps, epochs or minutes", "what"),
    Flag("title", str, "Runs side by side", "title of the page", "what"),
    Flag("output", str, "report", "folder for index.html, runs.csv and sweep.png", "where"),
]


def main() -> None:
    """Entry point of `bin/report` and `tfflowgan-report`."""
    run(
        "report",
        "Compares several runs on one self-contained HTML page, and in a CSV file of one row each.",
        _ROWS,
        _report,
        tensorflow=False,
    )


def _report(values: dict) -> None:
    if not values["runs"]:
        raise UserError(
            "--runs is missing; give the directories of evaluated runs, as in --runs=runs/a,runs/b."
        )
    if values["y"] and not values["x"]:
        raise UserError(f"--y={values['y']} needs --x, the setting to draw it over.")
    from tfflowgan.report import sweep
    from tfflowgan.report.curves import OVER
    from tfflowgan.report.folders import find
    from tfflowgan.report.page import Layout, read, render_runs

    over = values["curves_over"]
    if over not in OVER:
        raise UserError(f"--curves_over={over} is not known; it can be {', '.join(OVER)}.")
    asked = [name.strip() for name in (values["y"] or "").split(",") if name.strip()]
    if values["y"] and not asked:
        raise UserError(f"--y={values['y']} names no number; give some, as in --y=test_nll,fid.")
    runs, encoders = read(find(values["runs"]))
    found = sweep.sweep(runs, values["x"], asked)
    output = pathlib.Path(values["output"])
    layout = Layout(values["title"], output, over, found if values["x"] else None)
    page, drawing = render_runs(runs, encoders, layout), sweep.figure(found)
    written = []
    try:
        output.mkdir(parents=True, exist_ok=True)
        (output / "index.html").write_text(page)
        if runs:
            (output / "runs.csv").write_text(sweep.as_csv(found))
            written.append("runs.csv")
        if drawing is not None:
            drawing.savefig(output / "sweep.png", dpi=150)
            written.append("sweep.png")
    except OSError as error:
        raise UserError(f"--output={output} cannot be written: {error.strerror}.") from None
    more = f", with {' and '.join(written)}" if written else ""
    print(f"Written to {output / 'index.html'} ({len(page) / 1e6:.1f} MB){more}.")
