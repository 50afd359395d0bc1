"""Small flows, images and folders that the tests of scoring share."""

import functools
import pathlib

import numpy as np
from PIL import Image

from tests.helpers import small_flow, synthetic_splits
from tfflowgan.scoring import models, reference
from tfflowgan.scoring.measurements import Measure

SHAPE = (8, 8, 3)


def pixels(count=5, shape=SHAPE, seed=0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), np.uint8)


@functools.cache
def measure(name="nice", shape=SHAPE, draws=3, dtype="float32") -> Measure:
    return Measure(small_flow(name, shape, logit_alpha=0.05, dtype=dtype), draws)


@functools.cache
def model(name="nice", shape=SHAPE) -> models.Model:
    """A flow with a reference of synthetic images."""
    found = measure(name, shape)
    return models.Model(found, reference.from_splits(found, synthetic_splits(40, shape)))


def write(folder: pathlib.Path, images: np.ndarray, ending=".png") -> list[pathlib.Path]:
    """Image files 0.png, 1.png, ..."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{i:03d}{ending}" for i in range(len(images))]
    for path, image in zip(paths, images, strict=True):
        Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).save(path)
    return paths
