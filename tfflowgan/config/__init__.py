"""The configuration of a run: one dataclass, presets, strict overrides, JSON.

    defaults  <  preset (`tfflowgan/presets/NAME.py`) or JSON file  <  flags

An unknown key or a value of the wrong type is an error. None means the chosen part's own default;
`tfflowgan.training.resolve` fills it in, so that a run's `config.json` holds everything and
`--config=config.json` repeats the run. Imports no TensorFlow.
"""

from tfflowgan.config._config import (
    CRITIC_FIELDS,
    FLOW_FIELDS,
    FORMAT,
    OBJECTIVE_FIELDS,
    Config,
    fallback,
    parse_steps,
)
from tfflowgan.config._fields import choices, value_type
from tfflowgan.config._files import changes, from_file, from_preset, override, run_name

__all__ = [
    "CRITIC_FIELDS",
    "FLOW_FIELDS",
    "FORMAT",
    "OBJECTIVE_FIELDS",
    "Config",
    "changes",
    "choices",
    "fallback",
    "from_file",
    "from_preset",
    "override",
    "parse_steps",
    "run_name",
    "value_type",
]
