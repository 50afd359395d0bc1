"""SavedModels: trained generators that work without this package.

    NAME/VERSION/                                TF Serving's layout; VERSION counts up from 1
      signatures                                 see `tfflowgan.serving.signatures`
      methods                                    log_prob(images), sample(n, seed)
      assets.extra/tfflowgan.json                what `load` builds the generator from, and notes
      assets.extra/tf_serving_warmup_requests    see `tfflowgan.serving.warmup`
      assets.extra/scoring.npz                   see `tfflowgan.scoring.models`, if it was given

A version is written into a hidden folder and renamed when it is complete, so a server that polls
never sees half a model. A version is never overwritten.
"""

import json
import os
import pathlib
import shutil
import tempfile
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tfflowgan import own_code
from tfflowgan.bijectors import sharding
from tfflowgan.config import FORMAT
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, build_spec
from tfflowgan.model_versions import newest_version
from tfflowgan.serving import warmup
from tfflowgan.serving.signatures import DRAWS, signatures

__all__ = ["check_output", "export", "load", "notes", "publish", "read_spec"]

_SPEC = pathlib.Path("assets.extra") / "tfflowgan.json"


class _Served(tf.Module):
    """The functions and variables that a SavedModel holds.

    The methods have no input signature. TensorFlow binds the arguments of a function that has one
    while it holds a lock, and keeps the lock if they do not fit: a wrong call would leave every
    other thread waiting. Each method is traced once instead, before it is saved.
    """

    def __init__(self, generator: Generator, named: dict):
        super().__init__(name="generator")
        self.generator_variables = [weight.value for weight in generator.weights]

        def sample(n, seed):
            good = tf.debugging.Assert(
                (seed >= 0) & (seed < 2**31), ["seed must lie in 0..2147483647; found:", seed]
            )
            with tf.control_dependencies([good]):
                seed = tf.identity(seed)
            # the same seeds as `Generator.sample`
            first = tf.bitwise.left_shift(seed, tf.constant(32, tf.int64))
            seeds = first + tf.range(tf.cast(n, tf.int64))
            return named["sample"](seeds, tf.ones_like(seeds, tf.float32))["images"]

        specs = [tf.TensorSpec([], tf.int32, "n"), tf.TensorSpec([], tf.int64, "seed")]
        self.sample = _traced(sample, specs)
        if generator.has_density:
            images = tf.TensorSpec([None, *generator.image_shape], tf.float32, "images")
            self.log_prob = _traced(lambda images: named["log_prob"](images)["log_prob"], [images])


def _traced(method, specs):
    """A function that knows one graph; no argument makes it trace another after it is loaded."""
    function = tf.function(method, autograph=False)
    with sharding.disabled():
        function.get_concrete_function(*specs)
    return function


def check_output(folder: str | os.PathLike) -> None:
    """Checks that a model can be exported to a folder, before a long training.

    Args:
      folder: NAME; it is made if it is not there.

    Raises:
      UserError: the folder cannot be written.
    """
    try:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise UserError(f"--output={folder} cannot be written: {error.strerror}.") from None


def export(
    generator: Generator,
    folder: str | os.PathLike,
    notes: dict | None = None,
    draws: int = DRAWS,
    assets: dict[str, bytes] | None = None,
) -> pathlib.Path:
    """Writes a flow, or a generator without a density, as the next version of a SavedModel.

    Args:
      generator: made by `tfflowgan.flows.build` or `tfflowgan.generators.build`.
      folder: NAME; the model goes into NAME/VERSION, which appears once it is complete.
      notes: plain values to keep beside the model, such as what it was trained on.
      draws: number of draws of an image's noise over which the signature `bits_per_dim` averages.
      assets: further files of the folder assets.extra, from name to content.

    Returns:
      The path of the new version.

    Raises:
      UserError: the folder cannot be written, or `draws` is less than 1.
    """
    if draws < 1:
        raise UserError(f"--draws={draws} must be at least 1.")
    _check_exportable(generator)
    named = signatures(generator, draws)
    served = _Served(generator, named)

    def write(part):
        with sharding.disabled():
            tf.saved_model.save(served, str(part), signatures=named)
        (part / _SPEC).parent.mkdir(exist_ok=True)
        spec = {"format": FORMAT, "model": generator.spec, "draws": draws, "notes": notes or {}}
        (part / _SPEC).write_text(json.dumps(spec, indent=2) + "\n")
        for name, content in (assets or {}).items():
            (part / _SPEC).with_name(name).write_bytes(content)

    return publish(folder, write)


def _check_exportable(generator):
    if not isinstance(generator, Generator):
        raise UserError(
            f"{type(generator).__name__} is no generator of this package; keep a Keras model by "
            "its own save or export."
        )
    for name, value in vars(generator).items():
        if isinstance(value, tf.Variable):
            raise UserError(
                f"{type(generator).__name__}.{name} is a tf.Variable, which Keras does not count "
                "among a model's weights; make it by add_weight, so that it is kept."
            )


def publish(folder: str | os.PathLike, write: Callable[[pathlib.Path], None]) -> pathlib.Path:
    """Writes the next version of a model.

    Args:
      folder: NAME.
      write: writes the SavedModel into the folder that it is given, which becomes NAME/VERSION.

    Returns:
      The path of the new version.

    Raises:
      UserError: the folder cannot be written.
    """
    check_output(folder)
    folder = pathlib.Path(folder)
    part = pathlib.Path(tempfile.mkdtemp(prefix=".part-", dir=folder))
    try:
        write(part)
        warmup.write(part)
        part.chmod(0o755)
        return _publish(part, folder)
    except OSError as error:
        raise UserError(f"--output={folder} cannot be written: {error.strerror}.") from None
    except tf.errors.OpError as error:
        reason = str(error.message).splitlines()[0]
        raise UserError(f"--output={folder} cannot be written: {reason}.") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def load(path: str | os.PathLike, *, allow_code: bool = False, **own: Any) -> Generator:
    """Loads an exported model as the `Flow`, or generator without a density, that it was.

    Args:
      path: NAME, for its newest version, or NAME/VERSION.
      allow_code: whether a file of Python code that the model names may be executed.
      **own: for a model that was made with functions of the user's own which no file holds: these
        functions, as `flow`, `generator` or `network`.

    Returns:
      The generator, which can sample, score, be trained further or cast.

    Raises:
      UserError: the path holds no model that `export` wrote, it cannot be loaded, or code of the
        user's own is missing, has changed or may not be executed.
    """
    version = newest_version(path)
    spec = read_spec(version)
    try:
        with own_code.consent(own.values(), everything=allow_code):
            generator = build_spec(spec["model"], spec.get("format", 1), **own)
    except UserError as error:
        raise UserError(f"{version} cannot be loaded: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        if own:
            raise  # from a function of the user's own
        raise _foreign(version) from None
    try:
        saved = tf.saved_model.load(str(version))
        generator.set_weights([variable.numpy() for variable in saved.generator_variables])
    except (OSError, ValueError, tf.errors.OpError, AttributeError) as error:
        raise UserError(f"{version} cannot be loaded: {str(error).splitlines()[0]}") from None
    if not generator.built_by_name:
        _check_same(generator, saved, version)
    return generator


def _check_same(generator, saved, version):
    """Refuses code that fits the weights and makes another model of them than was exported."""
    images = saved.sample(tf.constant(2), tf.constant(0, tf.int64)).numpy()
    if not np.allclose(images, generator.sample(2, seed=0), rtol=1e-2, atol=1e-3):
        raise UserError(
            f"{version} cannot be loaded: with this code its weights draw other images than the "
            "exported model; give the functions that it was made with."
        )


def read_spec(version: pathlib.Path) -> dict:
    """What `export` wrote beside a model: "model" (`Generator.spec`), "format", "draws", "notes".

    Raises:
      UserError: `export` did not write it.
    """
    try:
        spec = json.loads((version / _SPEC).read_text())
    except (OSError, ValueError):
        raise _foreign(version) from None
    if not isinstance(spec, dict):
        raise _foreign(version)
    return spec


def _foreign(version):
    return UserError(
        f"{version} was not written by tfflowgan's export: it has no readable {_SPEC}."
    )


def notes(path: str | os.PathLike) -> tuple[dict, int]:
    """What an export says beside its model.

    Args:
      path: NAME, for its newest version, or NAME/VERSION.

    Returns:
      Its notes, and the noise draws of its signature `bits_per_dim`.

    Raises:
      UserError: the path holds no model that `export` wrote.
    """
    spec = read_spec(newest_version(path))
    return spec.get("notes") or {}, spec.get("draws", DRAWS)


def _publish(part, folder):
    """Renames a complete model to the next free number; a rename never replaces a full folder."""
    taken = [int(p.name) for p in folder.iterdir() if p.name.isdecimal()]
    version = max(taken, default=0) + 1
    while True:
        try:
            os.rename(part, folder / str(version))
            return folder / str(version)
        except OSError:
            if not (folder / str(version)).exists():
                raise
            version += 1
