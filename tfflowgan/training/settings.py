"""The configuration of a training whose generator and images are given in Python."""

import difflib
import os
from typing import Any

import numpy as np

from tfflowgan import config as config_module
from tfflowgan.config import FLOW_FIELDS, Config, format_options, parse_options
from tfflowgan.errors import ArgumentError
from tfflowgan.generators import Generator
from tfflowgan.runs.parts import spec_settings
from tfflowgan.training.resolve import resolve

__all__ = ["configure"]

_IMAGES = ("dataset", "data_dir", "data_source", "image_size", "frames")
_MODEL = ("flow", "generator", *FLOW_FIELDS)


def configure(
    generator: Generator, settings: dict[str, Any], arguments: list[str], kept: bool
) -> Config:
    """Lays settings over a preset or the defaults, and describes the generator.

    Args:
      generator: to be trained.
      settings: as flags of `bin/train`, without those that describe the images.
      arguments: names of other arguments, to recognize a misspelt one.
      kept: whether the run is to be on disk, so that commands must be able to build the generator.

    Returns:
      A resolved configuration of the dataset "arrays".

    Raises:
      UserError: a setting is not known, is not the generator's, or does not go with another.
    """
    settings = {name: _plain(value) for name, value in settings.items() if value is not None}
    _check_names(settings, arguments)
    model = _described(generator)
    known = model or {}
    for name in _MODEL:
        if name in settings and settings[name] != known.get(name):
            raise ArgumentError(
                f"{name}={settings[name]!r} describes another flow than the one that is given; "
                "leave it out, or build such a flow."
            )
    if kept and model is None:
        raise ArgumentError(
            f"run is for a flow that commands can build again, and this {type(generator).__name__} "
            "was not made by tfflowgan.build; leave run out, and save the flow yourself."
        )
    if not kept and "snapshots" in settings:
        raise ArgumentError(f"snapshots={settings['snapshots']} needs run, a folder for them.")
    base = config_module.from_preset(settings["preset"]) if "preset" in settings else {}
    base = {name: value for name, value in base.items() if name not in (*_IMAGES, *_MODEL)}
    if model is None:  # a stand-in, from which nothing is built
        model = {} if generator.has_density else {"generator": "dcgan"}
        usual = ("batch_size", "learning_rate", "clip_norm")  # not those of the stand-in
        base = {name: config_module.fallback(name) for name in usual} | base
    own = parse_options(settings.get("options")) | parse_options(model.get("options"))
    model |= {"options": format_options(own)}
    chosen: dict[str, Any] = config_module.lay(base, settings) | model | {"dataset": "arrays"}
    return resolve(Config(**chosen))


def _plain(value):
    """NumPy's numbers and paths as what a configuration holds."""
    if isinstance(value, np.generic):
        return value.item()
    return os.fspath(value) if isinstance(value, os.PathLike) else value


def _check_names(settings, arguments):
    known = [field for field in Config.__dataclass_fields__ if field not in _IMAGES]
    for name in settings:
        if name in _IMAGES:
            raise ArgumentError(f"{name}={settings[name]!r} does not apply: the images are given.")
        if name == "init_from":
            raise ArgumentError(
                f"init_from={settings[name]!r} does not apply: training starts from the weights of "
                "the flow; give the flow that tfflowgan.load loads."
            )
        if name not in known:
            close = difflib.get_close_matches(name, [*arguments, *known], n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise ArgumentError(
                f"{name} is not an argument of fit{hint}; settings have the names of the flags of "
                "bin/train."
            )


def _described(generator):
    """The settings that build the generator; None if it was not made by this package's `build`."""
    spec = generator.spec
    if any(isinstance(value, dict) for name, value in spec.items() if name != "code"):
        return None
    spec = spec_settings(spec)
    if "logit_alpha" in spec:
        spec["logit_alpha"] = spec["logit_alpha"] or 0.0  # None would be the flow's default
    return spec
