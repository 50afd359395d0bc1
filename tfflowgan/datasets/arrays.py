"""Images given in Python: arrays, or a `tf.data.Dataset`, made into `Splits`.

A run that was trained from them has the dataset "arrays" in its configuration. They are not on
disk, so the commands that need a run's images refuse such a run; Python can give them again.
"""

from typing import Any, NoReturn

import numpy as np
import tensorflow as tf

from tfflowgan.datasets._sources import Request
from tfflowgan.datasets._splits import Split, Splits, hold_out
from tfflowgan.errors import ArgumentError, UserError

__all__ = ["LIMIT", "load", "splits_of"]

LIMIT = 4 * 2**30  # bytes of images that a `tf.data.Dataset` may hold, as it is read into memory


def load(request: Request) -> NoReturn:
    """Raises `UserError`: these images are not on disk."""
    raise UserError(
        f"--dataset={request.name} means images that were given to tfflowgan.fit in Python and are "
        "not on disk; give them again in Python, to tfflowgan.evaluation.RunEvaluator(run, "
        "given=tfflowgan.datasets.arrays.splits_of(images)), or train on a --dataset."
    )


def splits_of(images: Any, validation_data: Any = None, test_data: Any = None) -> Splits:
    """Makes splits of images in memory.

    Args:
      images: the training images, `uint8 [N, H, W, C]`: an array, a tensor, or a `tf.data.Dataset`
        of single images or of batches; or a pair or dataset of (images, labels), integers `[N]`.
      validation_data: the same. Without it, a tenth of `images` is held out by a fixed random
        choice, whatever their order.
      test_data: the same; without it there are no test images.

    Returns:
      The splits. Images that are given as a split keep their order.

    Raises:
      ArgumentError: an argument has another dtype or shape, or too few or too many images.
    """
    train = _split(images, "images")
    source = "given in Python"
    if validation_data is not None:
        validation = _split(validation_data, "validation_data")
    else:
        if len(train) < 2:
            raise ArgumentError(
                "images holds 1 image, of which none can be held out; give validation_data too."
            )
        validation, train = hold_out(train, max(1, len(train) // 10))
        source += ", a tenth held out"
    test = _split(test_data, "test_data") if test_data is not None else train.take(np.arange(0))
    for argument, split in (("validation_data", validation), ("test_data", test)):
        if split.images.shape[1:] != train.images.shape[1:]:
            raise ArgumentError(
                f"{argument} has images of shape {split.images.shape[1:]}, and images has those of "
                f"{train.images.shape[1:]}; give both in one shape."
            )
    return Splits("arrays", source, train, validation, test)


def _split(data, argument):
    if isinstance(data, tf.data.Dataset):
        data = _read(data, argument)
    images, labels = data if isinstance(data, tuple) and len(data) == 2 else (data, None)
    try:
        images = np.asarray(images)
    except ValueError:
        raise ArgumentError(f"{argument} holds images of several shapes; give one shape.") from None
    _check_dtype(images.dtype, argument)
    if images.ndim != 4:
        hint = f"; {argument}[..., None] adds the last axis" if images.ndim == 3 else ""
        raise ArgumentError(
            f"{argument} has shape {images.shape} but must have shape (N, H, W, C){hint}."
        )
    if not images.size:
        raise ArgumentError(f"{argument} has shape {images.shape}, which holds no images.")
    return Split(images, None if labels is None else _labels(labels, len(images), argument))


def _check_dtype(dtype, argument):
    if dtype == np.uint8:
        return
    hint = ""
    if np.issubdtype(dtype, np.floating):
        hint = ", such as np.uint8(np.round(255 * x)) for x in [0, 1]; training adds the noise"
    elif np.issubdtype(dtype, np.integer):
        hint = ", such as x.astype(np.uint8)"
    raise ArgumentError(
        f"{argument} has dtype {np.dtype(dtype).name} but must be uint8, 0 to 255{hint}."
    )


def _labels(labels, count, argument):
    labels = np.asarray(labels)
    if labels.shape == (count, 1):  # as Keras has them for CIFAR-10
        labels = labels[:, 0]
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise ArgumentError(
            f"{argument} has labels of dtype {labels.dtype.name} and shape {labels.shape} but they "
            f"must be integers of shape ({count},), or be left out."
        )
    return labels.astype(np.int64)


def _read(dataset, argument):
    """The images of a dataset, or the pair of its images and labels, as arrays."""
    spec: Any = dataset.element_spec
    parts: tuple[Any, ...] = spec if isinstance(spec, tuple) and len(spec) == 2 else (spec,)
    if not all(isinstance(part, tf.TensorSpec) for part in parts):
        raise ArgumentError(
            f"{argument} is a dataset of {spec}; map its elements to images or to (images, labels)."
        )
    images = parts[0]
    _check_dtype(images.dtype.as_numpy_dtype, argument)
    if images.shape.rank not in (3, 4):
        raise ArgumentError(
            f"{argument} is a dataset of tensors of shape {images.shape}; give single images, "
            "(H, W, C), or batches, (B, H, W, C)."
        )
    if dataset.cardinality() == tf.data.INFINITE_CARDINALITY:
        raise ArgumentError(
            f"{argument} is a dataset without end; training repeats it itself, so leave repeat() "
            "out, or give take(n) of it."
        )
    return _concatenated(dataset.batch(1000) if images.shape.rank == 3 else dataset, argument)


def _concatenated(batches, argument):
    parts, size = [], 0
    try:
        for part in batches.as_numpy_iterator():
            parts.append(part if isinstance(part, tuple) else (part,))
            size += parts[-1][0].nbytes
            if size > LIMIT:
                raise ArgumentError(
                    f"{argument} is a dataset of more than {LIMIT / 2**30:g} GiB, the most that is "
                    "read into memory; give take(n) of it."
                )
        if not parts:
            raise ArgumentError(f"{argument} is a dataset that holds no images.")
        arrays = tuple(np.concatenate(part) for part in zip(*parts, strict=True))
    except (tf.errors.InvalidArgumentError, ValueError) as error:
        if isinstance(error, ArgumentError):
            raise
        raise ArgumentError(
            f"{argument} is a dataset of images of several shapes; give one shape."
        ) from None
    return arrays if len(arrays) == 2 else arrays[0]
