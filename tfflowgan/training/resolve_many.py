"""`python -m tfflowgan.training.resolve_many`: the complete settings of several runs, for programs.

standard input     {"NAME": {"preset": ..., "width": ..., ...}, ...}    flags of bin/train
standard output    {"NAME": {...}, ...}                                 as in a run's config.json
"""

import dataclasses
import json
import sys

from tfflowgan import config as config_module
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.training.resolve import resolve

__all__ = ["resolve_many"]


def resolve_many(runs: dict[str, dict]) -> dict[str, dict]:
    """Fills in what the flags of runs leave to presets and defaults.

    Args:
      runs: name -> flags of `bin/train`.

    Returns:
      Name -> all settings.

    Raises:
      UserError: a run's flags are unknown or do not go together; the message names the run.
    """
    resolved = {}
    for name, flags in runs.items():
        given = {flag: value for flag, value in flags.items() if flag != "preset"}
        try:
            base = config_module.from_preset(flags["preset"]) if "preset" in flags else {}
            config = Config(**config_module.override(base, given, "the run"))
            resolved[name] = dataclasses.asdict(resolve(config))
        except UserError as error:
            raise UserError(f"{name}: {error}") from None
    return resolved


def main() -> None:
    """Entry point."""
    try:
        runs = json.load(sys.stdin)
        if not isinstance(runs, dict) or not all(
            isinstance(flags, dict) for flags in runs.values()
        ):
            raise UserError(
                "standard input must hold a JSON object from names to objects of flags."
            )
        print(json.dumps(resolve_many(runs)))
    except ValueError as error:
        sys.exit(f"tfflowgan.training.resolve_many: standard input is not JSON: {error}.")
    except UserError as error:
        sys.exit(f"tfflowgan.training.resolve_many: {error}")


if __name__ == "__main__":
    main()
