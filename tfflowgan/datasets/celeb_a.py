"""CelebA: faces (Liu et al., 2015), as papers on real NVP use them, 32 x 32 x 3 by default.

The centre 148 x 148 of the aligned 178 x 218 images, resized by area (Dinh et al., 2017); CelebA's
own partition: 162,770 / 19,867 / 19,962 images; flips in training. Local originals are the folder
`img_align_celeba` and `list_eval_partition.txt`, or Kaggle's copy, where the folder lies in another
of the same name and the list is `list_eval_partition.csv`.
"""

import logging
import pathlib

import numpy as np
import tensorflow as tf

from tfflowgan.datasets._sources import Request, first_available
from tfflowgan.datasets._splits import Split, Splits, hold_out
from tfflowgan.datasets._tfds import read_split, tfds_sources
from tfflowgan.errors import UserError

__all__ = ["ANY_SIZE", "FLIPS", "FLOW", "load"]

_log = logging.getLogger(__name__)

LICENCE = "for non-commercial research; cite Liu et al. (2015)"
ANY_SIZE = True
FLIPS = True
FLOW = "real_nvp"

_CROP = 148
_HEIGHT, _WIDTH = 218, 178
_LISTS = ("list_eval_partition.txt", "list_eval_partition.csv")
_FOLDER = "img_align_celeba"


def load(request: Request) -> Splits:
    """Loads CelebA at `image_size`, 32 by default; see `tfflowgan.datasets.load`."""
    size = request.image_size or 32
    sources = {
        "local": lambda request: _local(request, size),
        **tfds_sources(lambda builder: _read(builder, size)),
    }
    source, parts = first_available(
        request, sources, f"the folder {_FOLDER} and the file {_LISTS[0]}"
    )
    return Splits(request.name, source, *[hold_out(part, 0)[1] for part in parts])


def shrink(image: tf.Tensor, size: int) -> tf.Tensor:
    """Crops the centre of an aligned image and resizes it by area.

    Args:
      image: uint8 `[218, 178, 3]`.
      size: of the result.

    Returns:
      uint8 `[size, size, 3]`.
    """
    top, left = (_HEIGHT - _CROP) // 2, (_WIDTH - _CROP) // 2
    crop = tf.image.crop_to_bounding_box(image, top, left, _CROP, _CROP)
    return tf.cast(tf.round(tf.image.resize(crop, [size, size], method="area")), tf.uint8)


def _local(request: Request, size: int) -> tuple[str, list[Split]] | None:
    folder, listed = next(((f, n) for n in _LISTS if (f := request.find(n))), (None, ""))
    if folder is None:
        return None
    partition, images = folder / listed, folder / _FOLDER
    images = images / _FOLDER if (images / _FOLDER).is_dir() else images
    names: list[list[str]] = [[], [], []]
    lines = partition.read_text().splitlines()
    for line in lines[1:] if lines and lines[0].startswith("image_id") else lines:
        match line.replace(",", " ").split():
            case [name, ("0" | "1" | "2") as part]:
                names[int(part)].append(name)
            case []:
                pass
            case _:
                raise UserError(
                    f"{partition} has the line {line!r}; it must be 'NAME 0', 'NAME 1' or 'NAME 2'."
                )
    for part, label in zip(names, ("training", "validation", "test"), strict=True):
        if not part:
            raise UserError(
                f"{partition} names no {label} images; it needs lines ending in 0, 1 and 2."
            )
    _log.info("Reading %d images of %s.", sum(map(len, names)), images)
    return "local originals", [_read_files(images, part, size, listed) for part in names]


def _read_files(folder: pathlib.Path, names: list[str], size: int, partition: str) -> Split:
    images = np.empty((len(names), size, size, 3), np.uint8)
    paths = [str(folder / name) for name in names]
    dataset = tf.data.Dataset.from_tensor_slices(paths)
    iterator = dataset.map(lambda p: _decode(p, size), tf.data.AUTOTUNE).as_numpy_iterator()
    for i, path in enumerate(paths):
        try:
            images[i] = next(iterator)
        except tf.errors.NotFoundError:
            raise UserError(
                f"{path} does not exist, but {partition} names it; place it there."
            ) from None
        except tf.errors.OpError:
            raise UserError(
                f"{path} is not a readable image of {_WIDTH} x {_HEIGHT} pixels; fetch it again."
            ) from None
    return Split(images)


def _decode(path, size):
    image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
    with tf.control_dependencies(
        [tf.debugging.assert_equal(tf.shape(image), [_HEIGHT, _WIDTH, 3])]
    ):
        return shrink(tf.identity(image), size)


def _read(builder, size):
    parts = ("train", "validation", "test")
    return [read_split(builder, part, lambda image: shrink(image, size)) for part in parts]
