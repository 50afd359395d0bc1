"""SavedModels: a trained generator that works without this package.

    NAME/VERSION/                        TF Serving's tree; VERSION is the next whole number, never overwritten
      signatures   log_prob              images float32 [B, H, W, C] in [0, 1] -> log_prob [B], nats per image
                   sample                seeds int64 [B], temperature float32 [B] -> images [B, H, W, C], log_prob [B]
                   serving_default       log_prob
      methods      log_prob(images), sample(n, seed)
      assets.extra/tfflowgan.json        what the generator was built from, for `load`, and notes

A generator without a density has `sample` alone, and its `serving_default` is that; `log_prob` is not among its outputs.

`sample` takes one seed an image, because a server that batches requests needs every input to begin with the batch. The density
that it returns is that of temperature 1.
"""

import hashlib
import json
import os
import pathlib
import shutil
import tempfile
from collections.abc import Callable

import tensorflow as tf

from tfflowgan import cores
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, build_spec

__all__ = ["check_output", "digest", "export", "load", "newest_version", "publish"]

_SPEC = pathlib.Path("assets.extra") / "tfflowgan.json"


class _Served(tf.Module):
    """The functions and variables that a SavedModel holds."""

    def __init__(self, generator: Generator):
        super().__init__(name="generator")
        self.generator_variables = [weight.value for weight in generator.weights]

        def draw(seeds, temperature):
            latents = generator.latents(seeds, temperature)
            if not generator.has_density:
                return {"images": generator.generate(latents)}
            return dict(zip(("images", "log_prob"), generator.decode_and_log_prob(latents), strict=True))

        def sample(n, seed):
            # the same seeds as `Generator.sample`
            seeds = tf.bitwise.left_shift(seed, tf.constant(32, tf.int64)) + tf.range(tf.cast(n, tf.int64))
            return draw(seeds, tf.ones_like(seeds, tf.float32))["images"]

        self.sample = tf.function(sample, [tf.TensorSpec([], tf.int32, "n"), tf.TensorSpec([], tf.int64, "seed")])
        seeds, temperature = tf.TensorSpec([None], tf.int64, "seeds"), tf.TensorSpec([None], tf.float32, "temperature")
        sample_signature = tf.function(draw, [seeds, temperature])
        named = {"sample": sample_signature, "serving_default": sample_signature}
        if generator.has_density:
            images = tf.TensorSpec([None, *generator.image_shape], tf.float32, "images")

            def log_prob(images):
                return generator.distribution().log_prob(tf.cast(images, generator.dtype))

            self.log_prob = tf.function(log_prob, [images])
            log_prob_signature = tf.function(lambda images: {"log_prob": log_prob(images)}, [images])
            named |= {"log_prob": log_prob_signature, "serving_default": log_prob_signature}
        self.named = named


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


def export(generator: Generator, folder: str | os.PathLike, notes: dict | None = None) -> pathlib.Path:
    """Writes a flow, or a generator without a density, as the next version of a SavedModel.

    Args:
      generator: made by `tfflowgan.flows.build` or `tfflowgan.generators.build`.
      folder: NAME; the model goes into NAME/VERSION, which appears only once it is whole.
      notes: plain values to keep beside the model, such as what it was trained on.

    Returns:
      The path of the new version.

    Raises:
      UserError: the folder cannot be written.
    """
    served = _Served(generator)

    def write(part):
        with cores.alone():
            tf.saved_model.save(served, str(part), signatures=served.named)
        (part / _SPEC).parent.mkdir(exist_ok=True)
        (part / _SPEC).write_text(json.dumps({"model": generator.spec, "notes": notes or {}}, indent=2) + "\n")

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
        part.chmod(0o755)
        return _publish(part, folder)
    except OSError as error:
        raise UserError(f"--output={folder} cannot be written: {error.strerror}.") from None
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
        spec = json.loads((version / _SPEC).read_text())["model"]
        generator = build_spec(spec)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise UserError(f"{version} was not written by tfflowgan's export: it has no readable {_SPEC}.") from None
    try:
        generator.set_weights([v.numpy() for v in tf.saved_model.load(str(version)).generator_variables])
    except (OSError, ValueError, tf.errors.OpError, AttributeError) as error:
        raise UserError(f"{version} cannot be loaded: {str(error).splitlines()[0]}") from None
    return generator


def newest_version(path: str | os.PathLike) -> pathlib.Path:
    """The SavedModel at a path: the path itself, or the highest whole number below it.

    Raises:
      UserError: there is none.
    """
    path = pathlib.Path(path)
    if (path / "saved_model.pb").exists():
        return path
    versions = _versions(path)
    if not versions:
        raise UserError(f"{path} holds no SavedModel: neither saved_model.pb nor a folder named by a number.")
    return path / str(max(versions))


def digest(path: str | os.PathLike) -> str:
    """The sha256 of a SavedModel: of its files' names and contents, in the order of their names."""
    path, result = pathlib.Path(path), hashlib.sha256()
    for file in sorted(p for p in path.rglob("*") if p.is_file()):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        result.update(f"{file.relative_to(path).as_posix()} {content}\n".encode())
    return result.hexdigest()


def _versions(folder):
    if not folder.is_dir():
        return []
    return [int(p.name) for p in folder.iterdir() if p.name.isdecimal() and (p / "saved_model.pb").exists()]


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
