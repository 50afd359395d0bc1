"""An exported flow as the page uses it: by its signatures, pictures in, pictures and sentences out.

Latents of an interpolation at share t of the way from a to b:

    straight        (1 - t) a + t b
    great circle    [sin((1 - t) w) a / |a| + sin(t w) b / |b|] / sin w  times  (1 - t) |a| + t |b|,   w the angle between a and b
"""

import os

import numpy as np
import PIL.Image
import PIL.ImageOps
import tensorflow as tf

from tfflowgan import units
from tfflowgan.client.error_messages import sentence
from tfflowgan.errors import UserError
from tfflowgan.generators import image_seeds
from tfflowgan.model_versions import digest, newest_version
from tfflowgan.serving import model_card
from tfflowgan.serving.warmup import signature_defs

__all__ = ["Shown", "between"]

_NEEDED = ("log_prob", "bits_per_dim", "sample", "encode", "decode", "reconstruct")


class Shown:
    """A model on the page.

    Attributes:
      name: NAME.
      image_shape: `(H, W, C)`.
      histogram: of bits/dim by its card, {"train", "test": {"edges", "counts"}}, or None.
    """

    def __init__(self, path: str | os.PathLike):
        """Loads a SavedModel.

        Args:
          path: NAME, its newest version, or NAME/VERSION.

        Raises:
          UserError: there is none, or it is not a flow that this version of the package exported.
        """
        version = newest_version(path).resolve()
        known = signature_defs(version)
        missing = [name for name in _NEEDED if name not in known]
        if missing:
            raise UserError(
                f"--models={path} has no signature {missing[0]}; the page needs a flow, exported by this version (bin/export)."
            )
        try:
            self._signatures = tf.saved_model.load(str(version)).signatures
        except (OSError, ValueError, tf.errors.OpError) as error:
            raise UserError(f"{version} cannot be loaded: {str(error).splitlines()[0]}") from None
        self.name = version.parent.name
        self.image_shape = tuple(d.size for d in known["log_prob"].inputs["images"].tensor_shape.dim[1:])
        self.dims = units.dimensions(self.image_shape)
        self.histogram = _histogram(version)

    def sample(self, count: int, seed: int, temperature: float) -> tuple[np.ndarray, float]:
        """Images `[count, H, W, C]` and their mean bits/dim."""
        seeds = image_seeds(seed, count)
        drawn = self._call("sample", seeds=seeds, temperature=np.full(count, temperature, np.float32))
        return drawn["images"], float(units.bits_per_dim(drawn["log_prob"], self.dims).mean())

    def pixels(self, picture: PIL.Image.Image, invert: bool = False) -> np.ndarray:
        """What the model sees of a picture of any size and kind: uint8 `[H, W, C]`, its middle, scaled."""
        height, width, channels = self.image_shape
        picture = PIL.ImageOps.exif_transpose(picture)
        if picture.mode in ("I", "F"):
            raise UserError(f"pictures of Pillow's mode {picture.mode} have no known range; save it with 8 or 16 bits.")
        if picture.mode.startswith("I;16"):  # Pillow would cut off what is above 255
            picture = PIL.Image.fromarray((np.asarray(picture) // 257).astype(np.uint8))
        if picture.mode in ("RGBA", "LA", "P"):
            picture = PIL.Image.alpha_composite(PIL.Image.new("RGBA", picture.size, "white"), picture.convert("RGBA"))
        picture = PIL.ImageOps.fit(picture.convert("L" if channels == 1 else "RGB"), (width, height), PIL.Image.Resampling.BOX)
        pixels = np.asarray(picture, np.uint8).reshape(self.image_shape)
        return 255 - pixels if invert else pixels

    def bits_per_dim(self, pixels: np.ndarray) -> float:
        """Of one image, uint8 `[H, W, C]`."""
        return float(self._call("bits_per_dim", images=pixels[np.newaxis], seeds=np.zeros(1, np.int64))["bits_per_dim"][0])

    def rank(self, bits: float, part: str) -> float | None:
        """The share of a part's images with fewer bits/dim; None without a card."""
        if self.histogram is None:
            return None
        edges, counts = (np.asarray(self.histogram[part][name], float) for name in ("edges", "counts"))
        return float(np.interp(bits, edges, np.concatenate([[0.0], counts.cumsum()]) / counts.sum()))

    def reconstruct(self, pixels: np.ndarray, keep: float, count: int, seed: int) -> np.ndarray:
        """Images `[count, H, W, C]` from the first share `keep` of one image's latents, the others drawn."""
        images = np.repeat(_middle(pixels)[np.newaxis], count, axis=0)
        seeds = image_seeds(seed, count)
        return self._call("reconstruct", images=images, seeds=seeds, keep=np.full(count, keep, np.float32))["images"]

    def interpolate(self, first: np.ndarray, second: np.ndarray, count: int, great_circle: bool) -> np.ndarray:
        """Images `[count, H, W, C]` from one image to another."""
        ends = self._call("encode", images=np.stack([_middle(first), _middle(second)]))["latents"]
        return self._call("decode", latents=between(*ends, np.linspace(0, 1, count), great_circle))["images"]

    def _call(self, name, **inputs):
        try:
            answer = self._signatures[name](**{key: tf.convert_to_tensor(value) for key, value in inputs.items()})
        except tf.errors.InvalidArgumentError as error:
            raise UserError(f"{self.name}: {sentence(error.message)}.") from None
        return {key: value.numpy() for key, value in answer.items()}


def between(first: np.ndarray, second: np.ndarray, shares: np.ndarray, great_circle: bool) -> np.ndarray:
    """Latents on the way from one to another.

    Args:
      first: `[D]`.
      second: `[D]`.
      shares: of the way, `[N]`.
      great_circle: with the direction on a great circle and the length straight, or straight altogether.

    Returns:
      `[N, D]`, of the first's dtype.
    """
    a, b = first.astype(np.float64), second.astype(np.float64)
    t = shares[:, np.newaxis]
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    angle = np.arccos(np.clip(a @ b / (lengths[0] * lengths[1]), -1.0, 1.0)) if min(lengths) > 0 else 0.0
    if not great_circle or np.sin(angle) < 1e-6:  # on one line with the origin there is no circle, or no single one
        return ((1 - t) * a + t * b).astype(first.dtype)
    direction = (np.sin((1 - t) * angle) * a / lengths[0] + np.sin(t * angle) * b / lengths[1]) / np.sin(angle)
    return (direction * ((1 - t) * lengths[0] + t * lengths[1])).astype(first.dtype)


def _middle(pixels):
    """An image in [0, 1] in the middle of its noise."""
    return units.dequantize(pixels.astype(np.float32), np.float32(0.5))


def _histogram(version):
    """The card's, if it is of this version."""
    try:
        card = model_card.read(version.parent)
    except UserError:
        return None
    found = card.get("bits_per_dim_histogram")
    good = card.get("sha256") == digest(version) and isinstance(found, dict) and {"train", "test"} <= set(found)
    return found if good and all(sum(found[part]["counts"]) > 0 for part in ("train", "test")) else None
