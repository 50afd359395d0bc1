"""SavedModels: trained generators that work without this package.

    NAME/VERSION/                                TF Serving's layout; VERSION counts up from 1
      signatures                                 see `tfflowgan.serving.signatures`
      methods                                    log_prob(images), sample(n, seed)
      assets.extra/tfflowgan.json                what `load` builds the generator from, and notes
      assets.extra/tf_serving_warmup_requests    see `tfflowgan.serving.warmup`

A version is written into a hidden folder and renamed when it is complete, so a server that polls
never sees half a model. A version is never overwritten.
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

__all__ = ["check_output", "export", "load", "publish", "read_spec"]

_SPEC = pathlib.Path("assets.extra") / "tfflowgan.json"


class _Served(tf.Module):
    """The functions and variables that a SavedModel holds."""

    def __init__(self, generator: Generator, draws: int):
        super().__init__(name="generator")
        self.generator_variables = [weight.value for weight in generator.weights]
        self.named = signatures(generator, draws)

        def sample(n, seed):
            good = tf.debugging.Assert(
                (seed >= 0) & (seed < 2**31), ["seed must lie in 0..2147483647; found:", seed]
            )
            with tf.control_dependencies([good]):
                seed = tf.identity(seed)
            # the same seeds as `Generator.sample`
            first = tf.bitwise.left_shift(seed, tf.constant(32, tf.int64))
            seeds = first + tf.range(tf.cast(n, tf.int64))
            return self.named["sample"](seeds, tf.ones_like(seeds, tf.float32))["images"]

        specs = [tf.TensorSpec([], tf.int32, "n"), tf.TensorSpec([], tf.int64, "seed")]
        self.sample = tf.function(sample, specs)
        if generator.has_density:
            images = tf.TensorSpec([None, *generator.image_shape], tf.float32, "images")
            self.log_prob = tf.function(
                lambda images: self.named["log_prob"](images)["log_prob"], [images]
            )


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
) -> pathlib.Path:
    """Writes a flow, or a generator without a density, as the next version of a SavedModel.

    Args:
      generator: made by `tfflowgan.flows.build` or `tfflowgan.generators.build`.
      folder: NAME; the model goes into NAME/VERSION, which appears once it is complete.
      notes: plain values to keep beside the model, such as what it was trained on.
      draws: number of draws of an image's noise over which the signature `bits_per_dim` averages.

    Returns:
      The path of the new version.

    Raises:
      UserError: the folder cannot be written, or `draws` is less than 1.
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


def load(path: str | os.PathLike) -> Generator:
    """Loads an exported model as the `Flow`, or generator without a density, that it was.

    Args:
      path: NAME, for its newest version, or NAME/VERSION.

    Returns:
      The generator, which can sample, score, be trained further or cast.

    Raises:
      UserError: the path holds no model that `export` wrote, or it cannot be loaded.
    """
    version = newest_version(path)
    try:
        generator = build_spec(*read_spec(version))
    except UserError as error:
        raise UserError(
            f"{version} was exported by another version of tfflowgan: {error}"
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UserError(
            f"{version} was not written by tfflowgan's export: it has no readable {_SPEC}."
        ) from None
    try:
        variables = tf.saved_model.load(str(version)).generator_variables
        generator.set_weights([variable.numpy() for variable in variables])
    except (OSError, ValueError, tf.errors.OpError, AttributeError) as error:
        raise UserError(f"{version} cannot be loaded: {str(error).splitlines()[0]}") from None
    return generator


def read_spec(version: pathlib.Path) -> tuple[dict, int]:
    """What an exported model was built from: its `Generator.spec`, and the format of the file.

    Raises:
      OSError, ValueError, KeyError, TypeError, AttributeError: `export` did not write it.
    """
    spec = json.loads((version / _SPEC).read_text())
    return spec["model"], spec.get("format", 1)


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
