"""`bin/export_program`: write a run's training as a program for devices without TensorFlow."""

import pathlib

from tfflowgan.cli import run_settings
from tfflowgan.cli.app import Flag, run
from tfflowgan.errors import UserError

__all__ = ["main"]

_SUMMARY = (
    "Writes a run's training as a program (StableHLO) with state, settings and images, for GPUs "
    "and TPUs where JAX is and TensorFlow is not. There: python -m tfflowgan.portable PROGRAM "
    "--output=STATE. Then bin/import_state --run=RUN --state=STATE puts the state back. "
    "Takes the flags of bin/train; --run alone takes the run as it stands."
)


def main() -> None:
    """Entry point of `bin/export_program` and `tfflowgan-export_program`."""
    own = [
        Flag("output", str, None, "folder of the program (default: programs/NAME)", "where"),
        Flag("part_mb", float, 15.0, "megabytes per file of state and images", "where"),
    ]
    rows = run_settings.rows(own)
    run("export_program", _SUMMARY, rows, _export, details=run_settings.DETAILS)


def _export(values: dict) -> None:
    output, part_mb = values.pop("output"), values.pop("part_mb")
    if not part_mb > 0:
        raise UserError(f"--part_mb={part_mb} must be greater than 0.")
    config, directory = run_settings.take(values)
    import tensorflow as tf

    from tfflowgan.training.given import Given
    from tfflowgan.training.program_export import export_program
    from tfflowgan.training.train import train

    if config.minutes is not None:
        raise UserError(
            f"--minutes={config.minutes:g} is a time on this machine; give a program --steps or "
            "--epochs."
        )
    folder = pathlib.Path(output or pathlib.Path("programs") / directory.resolve().name)
    written = []

    def export(session):
        written.append(export_program(session, folder, int(part_mb * 2**20)))
        return written[0]

    here = tf.distribute.get_strategy()
    train(config, directory, None, Given(strategy=here, instead=export))
    if not written:
        raise UserError(f"--run={directory} has finished; give more --epochs or --steps.")
    about = written[0]
    print(
        f"{folder}: steps {about['step']:,} to {about['total_steps']:,} of {directory}\n"
        f"  there    python -m tfflowgan.portable {folder.name} --output=STATE\n"
        f"  then     bin/import_state --run={directory} --state=STATE"
    )
