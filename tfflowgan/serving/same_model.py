"""Whether a generator is exported already: the same specification, noise draws and weights."""

import json
import os
import pathlib

import numpy as np
import tensorflow as tf

from tfflowgan.errors import UserError
from tfflowgan.generators import Generator
from tfflowgan.model_versions import newest_version
from tfflowgan.serving.saved_model import read_spec
from tfflowgan.serving.signatures import DRAWS

__all__ = ["exported_draws", "exported_version"]


def exported_version(
    generator: Generator, folder: str | os.PathLike, draws: int | None
) -> pathlib.Path | None:
    """The newest version of a model, if it is this generator; None if it is not, or there is none.

    Args:
      generator: the generator.
      folder: NAME.
      draws: noise draws of the signature `bits_per_dim`; None for those of the version.
    """
    try:
        version = newest_version(folder)
        spec = read_spec(version)
    except UserError:
        return None
    if spec.get("model") != json.loads(json.dumps(generator.spec)):
        return None
    if draws not in (None, exported_draws(version)):
        return None
    try:
        saved = _weights(version)
    except (tf.errors.OpError, KeyError):
        return None
    own = [np.asarray(weight) for weight in generator.get_weights()]
    same = len(own) == len(saved) and all(map(np.array_equal, own, saved))
    return version if same else None


def exported_draws(version: pathlib.Path) -> int:
    """Noise draws over which a version's signature `bits_per_dim` averages."""
    return read_spec(version).get("draws", DRAWS)


def _weights(version):
    """The weights of `saved_model.export`, in order, read without loading the graphs."""
    reader = tf.train.load_checkpoint(str(version / "variables" / "variables"))
    names = [
        name
        for name in reader.get_variable_to_shape_map()
        if name.startswith("generator_variables/")
    ]
    return [reader.get_tensor(name) for name in sorted(names, key=lambda n: int(n.split("/")[1]))]
