"""SavedModels: a trained generator that works without this package.

    NAME/VERSION/                           TF Serving's tree; VERSION is the next whole number, never overwritten
      signatures                            see `tfflowgan.serving.signatures`
      methods                               log_prob(images), sample(n, seed)
      assets.extra/tfflowgan.json           what the generator was built from, for `load`, and notes
      assets.extra/tf_serving_warmup_requests    see `tfflowgan.serving.warmup`

A version is written into a hidden folder and renamed when it is whole, so a server that polls never sees half a model.
"""

import json
import os
import pathlib
import shutil
import tempfile
from collections.abc import Callable

import tensorflow as tf

from tfflowgan.bijectors import sharding
from tfflowgan.config import FORMAT
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, build_spec
from tfflowgan.model_versions import newest_version
from tfflowgan.serving import warmup
from tfflowgan.serving.signatures import DRAWS, signatures

__all__ = ["check_output", "export", "load", "publish"]

_SPEC = pathlib.Path("assets.extra") / "tfflowgan.json"


class _Served(tf.Module):
    """The functions and variables that a SavedModel holds."""

    def __init__(self, generator: Generator, draws: int):
        super().__init__(name="generator")
        self.generator_variables = [weight.value for weight in generator.weights]
        self.named = signatures(generator, draws)

        def sample(n, seed):
            good = tf.debugging.Assert((seed >= 0) & (seed < 2**31), ["seed must lie in 0..2147483647; found:", seed])
            with tf.control_dependencies([good]):
                seed = tf.identity(seed)
            # the same seeds as `Generator.sample`
            seeds = tf.bitwise.left_shift(seed, tf.constant(32, tf.int64)) + tf.range(tf.cast(n, tf.int64))
            return self.named["sample"](seeds, tf.ones_like(seeds, tf.float32))["images"]

        self.sample = tf.function(sample, [tf.TensorSpec([], tf.int32, "n"), tf.TensorSpec([], tf.int64, "seed")])
        if generator.has_density:
            images = tf.TensorSpec([None, *generator.image_shape], tf.float32, "images")
            self.log_prob = tf.function(lambda images: self.named["log_prob"](images)["log_prob"], [images])


def check_output(folder: str | os.PathLike) -> None:
    """Finds out before a long training whether a model can be exported to a folder.

    Raises:
      UserError: it cannot.
    """
    try:
        pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise UserError(f"--output={folder} cannot be written: {error.strerror}.") from None


def export(generator: Generator, folder: str | os.PathLike, notes: dict | None = None, draws: int = DRAWS) -> pathlib.Path:
    """Writes a flow, or a generator without a density, as the next version of a SavedModel.

    Args:
      generator: made by `tfflowgan.flows.build` or `tfflowgan.generators.build`.
      folder: NAME; the model goes into NAME/VERSION, which appears only once it is whole.
      notes: plain values to keep beside the model, such as what it was trained on.
      draws: of an image's noise, whose mean the signature `bits_per_dim` gives.

    Returns:
      The path of the new version.

    Raises:
      UserError: the folder cannot be written, or there are no draws.
    """
    if draws < 1:
        raise UserError(f"--draws={draws} must be at least 1.")
    served = _Served(generator, draws)

    def write(part):
        with sharding.disabled():
            tf.saved_model.save(served, str(part), signatures=served.named)
        (part / _SPEC).parent.mkdir(exist_ok=True)
        spec = {"format": FORMAT, "model": generator.spec, "draws": draws, "notes": notes or {}}
        (part / _SPEC).write_text(json.dumps(spec, indent=2) + "\n")

    return publish(folder, write)


def publish(folder: str | os.PathLike, write: Callable[[pathlib.Path], None]) -> pathlib.Path:
    """Makes the next version of a model.

    Args:
      folder: NAME.
      write: fills the folder that it is given, which then becomes NAME/VERSION.

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
        raise UserError(f"--output={folder} cannot be written: {str(error.message).splitlines()[0]}.") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


def load(path: str | os.PathLike) -> Generator:
    """Loads an exported model as the `Flow`, or generator without a density, that it was: to sample, score, train on or cast.

    Args:
      path: NAME (its newest version) or NAME/VERSION.

    Raises:
      UserError: there is no model that `export` wrote.
    """
    version = newest_version(path)
    try:
        spec = json.loads((version / _SPEC).read_text())
        generator = build_spec(spec["model"], spec.get("format", 1))
    except UserError as error:
        raise UserError(f"{version} was exported by another version of tfflowgan: {error}") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{version} was not written by tfflowgan's export: it has no readable {_SPEC}.") from None
    try:
        generator.set_weights([v.numpy() for v in tf.saved_model.load(str(version)).generator_variables])
    except (OSError, ValueError, tf.errors.OpError, AttributeError) as error:
        raise UserError(f"{version} cannot be loaded: {str(error).splitlines()[0]}") from None
    return generator


def _publish(part, folder):
    """Renames a whole model to the next free number; a rename never replaces a folder that is not empty."""
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
