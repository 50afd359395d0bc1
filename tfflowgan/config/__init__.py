"""The configuration of a run: one dataclass, presets, strict overrides, JSON.

    defaults  <  preset (`tfflowgan/presets/NAME.py`) or JSON file  <  flags

An unknown key or a value of the wrong type is an error. None means the chosen part's own default;
`tfflowgan.training.resolve` fills it in, so that a run's `config.json` holds everything and
`--config=config.json` repeats the run. Imports no TensorFlow.
"""

from tfflowgan.config._config import (
    CHOICES,
    CRITIC_FIELDS,
    FLOW_FIELDS,
    FORMAT,
    OBJECTIVE_FIELDS,
    Config,
    default_flow,
    fallback,
)
from tfflowgan.config._fields import choices, lay, value_type
from tfflowgan.config._files import changes, filled, from_file, from_preset, override, run_name
from tfflowgan.config._options import check_type, format_options, parse_options, parse_steps

__all__ = [
    "CHOICES",
    "CRITIC_FIELDS",
    "FLOW_FIELDS",
    "FORMAT",
    "OBJECTIVE_FIELDS",
    "Config",
    "changes",
    "check_type",
    "choices",
    "default_flow",
    "fallback",
    "filled",
    "format_options",
    "from_file",
    "from_preset",
    "lay",
    "override",
    "parse_options",
    "parse_steps",
    "run_name",
    "value_type",
]
