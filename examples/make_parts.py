#!/usr/bin/env python3
"""Draws photos of a machined part, good and defective, to try scores of one's own photos on.

    examples/make_parts.py FOLDER

    FOLDER/photos          600 good parts, to train on
    FOLDER/new/good        200 other good parts
    FOLDER/new/defect      200 with a scratch, a stain or a wedge (a missing piece)

A part is a steel flange with a bore and six bolt holes. Its place, size, turn and colour, the
light, the background and the camera's noise vary from photo to photo, in good and defective parts
alike. JPEG files of 256 x 256, drawn from a seed. Needs NumPy and Pillow.
"""

import argparse
import pathlib

import numpy as np
from PIL import Image

_SIDE = 256
_DEFECTS = ("scratch", "stain", "wedge")


def photo(random: np.random.Generator, defect: str | None = None) -> Image.Image:
    """One photo of a part.

    Args:
      random: for everything that varies.
      defect: None, "scratch", "stain" or "wedge".
    """
    y, x = np.mgrid[:_SIDE, :_SIDE] + 0.5
    x, y = x - _SIDE / 2 - random.uniform(-9, 9), y - _SIDE / 2 - random.uniform(-9, 9)
    radius, turn = random.uniform(82, 92), random.uniform(-0.12, 0.12)
    distance, angle = np.hypot(x, y), np.arctan2(y, x) - turn
    background = random.uniform(196, 226) + random.uniform(-5, 5, 3)
    steel = random.uniform(112, 138) + np.array([-4.0, 0.0, 7.0])
    light = random.uniform(-np.pi, np.pi)
    sheen = (
        22 * np.cos(2 * (angle + turn - light))
        + 10 * (x * np.cos(light) + y * np.sin(light)) / radius
    )
    turned = 3 * np.sin(distance * 1.1)  # grooves of the lathe
    surface = steel + (sheen + turned)[..., np.newaxis]

    solid = _inside(distance, radius) * (1 - _inside(distance, 0.24 * radius))
    for k in range(6):
        hole = np.hypot(
            distance * np.cos(angle - k * np.pi / 3) - 0.66 * radius,
            distance * np.sin(angle - k * np.pi / 3),
        )
        solid *= 1 - _inside(hole, 0.11 * radius)
    rim = 60 * np.exp(-(((distance - radius + 4) / 2.5) ** 2))
    surface = surface - rim[..., np.newaxis]
    if defect == "wedge":
        solid *= 1 - _wedge(random, distance, angle, radius)
    elif defect == "scratch":
        surface = surface + _scratch(random, x, y, radius)[..., np.newaxis]
    elif defect == "stain":
        cover, colour = _stain(random, x, y, radius)
        surface = surface + cover[..., np.newaxis] * (colour - surface)

    shadow = 1 - 0.25 * _soft(np.hypot(x - 5, y - 7), radius, 9)
    pixels = background * shadow[..., np.newaxis]
    pixels = pixels + solid[..., np.newaxis] * (surface - pixels)
    pixels = pixels + random.normal(0, 4, pixels.shape)
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _inside(distance, radius):
    """1 within a circle, 0 outside, with an edge of two pixels."""
    return _soft(distance, radius, 2)


def _soft(distance, radius, width):
    return ((radius - distance) / width + 0.5).clip(0, 1)


def _wedge(random, distance, angle, radius):
    """A piece of the rim that is missing, 14 to 32 degrees wide."""
    middle, half = random.uniform(-np.pi, np.pi), random.uniform(0.12, 0.28)
    away = np.abs(np.angle(np.exp(1j * (angle - middle))))
    return _soft(away * distance, half * distance, 2) * (
        distance > random.uniform(0.5, 0.8) * radius
    )


def _scratch(random, x, y, radius):
    """A bright or dark line 2 to 4 pixels wide, slightly bent, a third to one radius long."""
    way, reach = random.uniform(0, np.pi), random.uniform(0.3, 0.7) * radius
    start = random.uniform(0.35, 0.6) * radius * np.exp(1j * random.uniform(-np.pi, np.pi))
    along = (x - start.real) * np.cos(way) + (y - start.imag) * np.sin(way)
    across = (y - start.imag) * np.cos(way) - (x - start.real) * np.sin(way)
    across = across - random.uniform(-0.004, 0.004) * along**2
    depth = random.choice([-1, 1]) * random.uniform(35, 70)
    return depth * _soft(np.abs(across), random.uniform(1, 2), 1.5) * (np.abs(along) < reach / 2)


def _stain(random, x, y, radius):
    """A spot of oil or rust with a soft edge: how much it covers, and its colour."""
    place = random.uniform(0.35, 0.85) * radius * np.exp(1j * random.uniform(-np.pi, np.pi))
    size, stretch = random.uniform(9, 18), random.uniform(0.6, 1.0)
    cover = _soft(np.hypot(x - place.real, (y - place.imag) / stretch), size, 8)
    colours = [np.array([70.0, 60.0, 40.0]), np.array([135.0, 85.0, 50.0])]
    return random.uniform(0.5, 0.9) * cover, colours[random.integers(2)]


def main() -> None:
    """Draws all photos."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--photos", type=int, default=600, help="good parts to train on")
    parser.add_argument("--new", type=int, default=200, help="other parts of each kind")
    values = parser.parse_args()
    random = np.random.default_rng(values.seed)
    for name, count, defects in (
        ("photos", values.photos, (None,)),
        ("new/good", values.new, (None,)),
        ("new/defect", values.new, _DEFECTS),
    ):
        folder = values.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        for i in range(count):
            defect = defects[i % len(defects)]
            made = photo(random, defect)
            made.save(folder / f"part_{i:04d}{f'_{defect}' if defect else ''}.jpg", quality=92)
    print(f"Written to {values.folder}: {values.photos} photos, 2 x {values.new} new ones.")


if __name__ == "__main__":
    main()
