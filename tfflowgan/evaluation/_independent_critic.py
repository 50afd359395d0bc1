"""An independent critic: trained from scratch on real and generated images, read on unseen ones.

    W(x, g) = mean f(x) - mean f(g)     x a batch of real, g of generated images
                                        (Danihelka et al., 2017, Eq. 6)
    f       = argmax W(x_real, g)       all weights of f in [-0.01, 0.01]
    W_i     = W(batch i of a part, g_i) the same g_i for every part               (Eq. 7, 8)

The critic is the paper's DCGAN, trained with RMSprop at learning rate 5e-5 and batches of 64. Its
batch normalization always uses the statistics of the current batch, real and generated batches
apart, both in training and in readings: an image has a score only within its batch. Distances can
therefore be compared only at one batch size, and the independent unit is the batch. No real image
occurs twice in the readings.

Another seed gives another critic: `_several_critics` has their mean and its error.
"""

import contextlib
import dataclasses
import math
import random

import numpy as np
import tensorflow as tf

from tfflowgan import units
from tfflowgan.datasets import (
    CRITIC_GENERATED,
    CRITIC_REAL,
    READING_GENERATED,
    READING_REAL,
    Draw,
    each_once,
    from_generator,
    with_replacement,
)
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.critic_updates import build_independent_critic

__all__ = ["FixedImages", "NotFinite", "measure", "read", "settings", "train"]

_BATCH_NORM = "batch statistics, real and generated batches apart, in training and in readings"

_BLOCK = 25  # updates, or batches read, between two saves of partial results
_POINTS = 200  # of the training curve


class NotFinite(UserError):
    """An image or a distance is not finite."""


def measure(
    real: np.ndarray,
    parts: dict[str, np.ndarray],
    generated: Generator | tuple[np.ndarray, np.ndarray],
    *,
    updates: int,
    readings: int,
    batch: int,
    seed: int,
    reading_seed: int | None = None,
    dtype: str = "float32",
    loop: ResumableLoop = ResumableLoop(),
    label: str = "critic",
) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Trains a new critic and reads it.

    Args:
      real: images `[N, H, W, C]` that the critic is trained on, `uint8` (dequantized when drawn)
        or floats in [0, 1].
      parts: images by name to read it on.
      generated: a generator, which draws in evaluation mode and is not changed; or two arrays of
        images, one to train on and one to read on.
      updates: how many updates the critic is trained for.
      readings: the largest number of batches read per part; the smallest part may allow fewer.
      batch: images of each kind in an update and in a reading.
      seed: for the critic's initial weights and all random draws.
      reading_seed: for the batches of given images that it reads, and their noise; None for `seed`.
      dtype: of the critic, "float32" or "float64".
      loop: shows progress and keeps partial results.
      label: the name of the partial results, unique within an evaluation.

    Returns:
      W_i `[readings]` by part, and W on every update's batches before the update, `[updates]`.

    Raises:
      UserError: there are too few images.
      NotFinite: a generated image or a distance is not finite.
    """
    fixed = isinstance(generated, tuple)
    shared = seed if reading_seed is None else reading_seed
    counts = {name: len(images) for name, images in parts.items()} | (
        {"generated images": len(generated[1])} if fixed else {}
    )
    smallest = min(counts, key=lambda name: counts[name])
    count = min(readings, counts[smallest] // batch)
    if count < 2:
        raise UserError(
            f"the independent critic needs --critic_readings of at least 2, and at least two "
            f"batches of --critic_batch={batch} images of each part; {smallest} has "
            f"{counts[smallest]}."
        )
    with _seeded(seed):
        trainer = build_independent_critic(FixedImages(real.shape[1:], dtype))
    if fixed:
        fresh = with_replacement(generated[0], batch, seed, CRITIC_GENERATED)
        unseen = each_once(generated[1], batch, count, shared, READING_GENERATED)
    else:
        fresh = from_generator(generated, batch, seed, CRITIC_GENERATED)
        unseen = from_generator(generated, batch, seed, READING_GENERATED)
    curve = train(
        trainer,
        with_replacement(real, batch, seed, CRITIC_REAL),
        fresh,
        updates,
        loop,
        f"{label}_updates",
    )
    draws = {
        name: each_once(images, batch, count, shared, READING_REAL)
        for name, images in parts.items()
    }
    return read(trainer, draws, unseen, count, loop, f"{label}_readings"), curve


def train(
    trainer: CriticTrainer,
    real: Draw,
    generated: Draw,
    updates: int,
    loop: ResumableLoop = ResumableLoop(),
    label: str = "updates",
) -> np.ndarray:
    """Updates a critic; returns W on every update's batches before the update, `[updates]`."""
    fixed = _fixed(trainer)
    update = tf.function(
        lambda real, generated: trainer.update(fixed, _one(real, generated, fixed.dtype)),
        reduce_retracing=True,
        autograph=False,
    )

    def block(carry, numbers):
        _set(trainer, carry)
        curve = [float(update(real(i), _checked(generated(i)))["distance"]) for i in numbers]
        if not np.isfinite(curve).all():
            raise NotFinite(
                "the independent critic's distance is not finite within updates "
                f"{numbers[0]} to {numbers[-1]}."
            )
        return _state(trainer) | {"curve": np.append(carry["curve"], curve)}

    carry = loop.scan(
        label,
        block,
        _state(trainer) | {"curve": np.zeros(0)},
        _blocks(updates),
        unit=f"{_BLOCK} updates",
    )
    _set(trainer, carry)
    return carry["curve"]


def read(
    trainer: CriticTrainer,
    parts: dict[str, Draw],
    generated: Draw,
    count: int,
    loop: ResumableLoop = ResumableLoop(),
    label: str = "readings",
) -> dict[str, np.ndarray]:
    """W of batches 0..count-1 of every part against the same generated batches, `[count]` each."""
    fixed = _fixed(trainer)
    distance = tf.function(
        lambda real, generated: trainer.distance(fixed, _one(real, generated, fixed.dtype)),
        reduce_retracing=True,
        autograph=False,
    )

    def block(numbers):
        values = {name: [] for name in parts}
        for i in numbers:
            opponent = _checked(generated(i))
            for name, draw in parts.items():
                values[name].append(float(distance(draw(i), opponent)))
        return values

    blocks = loop.map(label, block, _blocks(count), unit=f"{_BLOCK} batches")
    values = {name: np.concatenate([b[name] for b in blocks]) for name in parts}
    if not all(np.isfinite(v).all() for v in values.values()):
        raise NotFinite("the independent critic's distance is not finite on some batches.")
    return values


def settings(curve: np.ndarray, readings: int, batch: int, seeds: list[int], dtype: str) -> dict:
    """How independent critics were trained and read, and whether their training had converged.

    Args:
      curve: W of every update, the mean of all critics.
      readings: batches per part.
      batch: images in each.
      seeds: one per critic; the first is also that of what all of them read.
      dtype: of the critics.
    """
    width = -(-len(curve) // _POINTS)
    bins = [curve[i : i + width] for i in range(0, len(curve), width)]
    fifth = max(1, len(curve) // 5)
    last, before = (
        curve[-fifth:].mean(),
        curve[-2 * fifth : -fifth].mean() if len(curve) > 1 else curve.mean(),
    )
    return {
        "training_curve": {
            "update": [min((i + 1) * width, len(curve)) for i in range(len(bins))],
            "distance": [float(b.mean()) for b in bins],
        },
        "change_over_last_fifth": float((last - before) / abs(last)) if last else 0.0,
        "architecture": "dcgan",
        "clip_weights": 0.01,
        "learning_rate": 5e-5,
        "updates": len(curve),
        "batch": batch,
        "readings": readings,
        "batch_norm": _BATCH_NORM,
        "seed": seeds[0],
        "seeds": seeds,
        "dtype": dtype,
    }


@dataclasses.dataclass(frozen=True)
class FixedImages:
    """A generator whose latents are the images themselves, as `CriticTrainer` needs one."""

    image_shape: tuple[int, int, int]
    dtype: str

    @property
    def dims(self) -> int:
        return units.dimensions(self.image_shape)

    def generate_untracked(self, latents: tf.Tensor) -> tf.Tensor:
        return tf.reshape(latents, [-1, *self.image_shape])


def _fixed(trainer):
    return FixedImages(tuple(trainer.critic.input_shape[1:]), trainer.critic.dtype)


def _one(real, generated, dtype):
    """The batch for one update."""
    real, generated = (tf.cast(images, dtype) for images in (real, generated))
    flat = tf.reshape(generated, [tf.shape(generated)[0], 1, math.prod(generated.shape[1:])])
    return {"real": real[:, None], "latents": flat, "mix": tf.zeros([tf.shape(real)[0], 1], dtype)}


def _checked(images):
    if not np.isfinite(images).all():
        raise NotFinite(
            "a generated image is not finite, so the independent critic cannot score it; "
            "float64 may represent it."
        )
    return images


def _blocks(count):
    return [range(i, min(i + _BLOCK, count)) for i in range(0, count, _BLOCK)]


def _state(trainer):
    return {f"variable_{i}": np.array(v) for i, v in enumerate(trainer.variables)}


def _set(trainer, state):
    for i, variable in enumerate(trainer.variables):
        variable.assign(state[f"variable_{i}"])


@contextlib.contextmanager
def _seeded(seed):
    """Makes Keras initializers, seeded by Python's generator, depend on `seed` alone."""
    state = random.getstate()
    random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
