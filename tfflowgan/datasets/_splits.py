"""Splits that do not depend on where the images came from.

TensorFlow Datasets stores images in an order of its own, so "the last 10,000" differs between
sources. Images are ordered by a hash of their pixels, then permuted with one fixed seed, then cut:
the same images always make the same splits, in the same order.
"""

import dataclasses
import functools
import hashlib

import numpy as np

from tfflowgan.errors import UserError

__all__ = ["Split", "Splits", "check_splits", "digests", "hold_out", "permutation"]
__all__ += ["splits_from"]

_SPLIT_SEED = 2017


@dataclasses.dataclass(frozen=True)
class Split:
    """Images `uint8 [N, H, W, C]` and their labels `int64 [N]`, or None where there are none."""

    images: np.ndarray
    labels: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.images)

    def first(self, n: int | None) -> "Split":
        """The first n images, or all for None; a fair sample, because the order is random."""
        if n is None:
            return self
        return Split(self.images[:n], None if self.labels is None else self.labels[:n])

    def take(self, indices: np.ndarray) -> "Split":
        """The images at indices, integers `[M]`."""
        labels = None if self.labels is None else self.labels[indices]
        return Split(self.images[indices], labels)


@dataclasses.dataclass(frozen=True)
class Splits:
    """A dataset: three splits, and where they came from."""

    name: str
    source: str
    train: Split
    validation: Split
    test: Split

    def first(self, n: int | None) -> "Splits":
        """The first n images of each split, or all for None; `source` says so."""
        if n is None:
            return self
        parts = {name: getattr(self, name).first(n) for name in ("train", "validation", "test")}
        return dataclasses.replace(self, source=f"{self.source}, first {n} of each split", **parts)

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """`(H, W, C)`."""
        return self.train.images.shape[1:]

    @functools.cached_property
    def _fingerprint(self):
        digest = hashlib.sha256()
        for split in (self.train, self.validation, self.test):
            digest.update(np.ascontiguousarray(split.images).data)
        return digest.hexdigest()[:16]

    def provenance(self) -> dict:
        """Name, source, counts and a fingerprint of all pixels in their order, for results."""
        return {
            "name": self.name,
            "source": self.source,
            "image_shape": list(self.image_shape),
            "train": len(self.train),
            "validation": len(self.validation),
            "test": len(self.test),
            "fingerprint": self._fingerprint,
        }


def splits_from(name: str, source: str, pool: Split, validation: int, test: Split) -> Splits:
    """Splits a pool of training images into training and validation.

    Args:
      name: the dataset's.
      source: where the images came from.
      pool: all images that are not test images, in any order.
      validation: how many of them to hold out, by a fixed random choice.
      test: the test images, in any order.

    Returns:
      The splits, each in its own random order.
    """
    held_out, train = hold_out(pool, validation)
    return Splits(name, source, train, held_out, hold_out(test, 0)[1])


def hold_out(pool: Split, count: int) -> tuple[Split, Split]:
    """Cuts a pool, in its own random order, into the first `count` images and the rest."""
    keys = digests(pool.images)
    order = np.lexsort((keys[:, 1], keys[:, 0]))[permutation(len(pool))]
    return pool.take(order[:count]), pool.take(order[count:])


def check_splits(splits: object, dataset: str) -> None:
    """Checks what a dataset gave.

    Args:
      splits: should be `Splits`.
      dataset: the value of `--dataset`, for messages.

    Raises:
      UserError: it is something else, or the images are not uint8 `[N, H, W, C]` of one shape.
    """
    if not isinstance(splits, Splits):
        raise UserError(
            f"--dataset={dataset} must return Splits of tfflowgan.datasets; it returned a value of "
            f"type {type(splits).__name__}."
        )
    for name in ("train", "validation", "test"):
        images = getattr(splits, name).images
        if images.dtype != np.uint8 or images.ndim != 4 or images.shape[1:] != splits.image_shape:
            raise UserError(
                f"--dataset={dataset} must give uint8 images [N, H, W, C] of one shape; its "
                f"{name} images are {images.dtype} {list(images.shape)}."
            )


def digests(images: np.ndarray) -> np.ndarray:
    """A hash of every image's pixels: 128 bits as two big-endian integers, `[N, 2]`."""
    rows = (np.ascontiguousarray(image).data for image in images)
    found = b"".join(hashlib.blake2b(row, digest_size=16).digest() for row in rows)
    return np.frombuffer(found, ">u8").reshape(-1, 2)


def permutation(count: int) -> np.ndarray:
    """The one random order of this many things, integers `[count]`."""
    return np.random.Generator(np.random.PCG64(_SPLIT_SEED)).permutation(count)
