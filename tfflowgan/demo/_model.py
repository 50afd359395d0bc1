"""An exported flow as the page uses it, through its signatures.

Interpolated latents between a and b, with w the angle between them and t in [0, 1]:

    straight        (1 - t) a + t b
    great circle    [sin((1 - t) w) a / |a| + sin(t w) b / |b|] / sin w
                    times (1 - t) |a| + t |b|
"""

import os

import numpy as np
import PIL.Image
import tensorflow as tf

from tfflowgan import units
from tfflowgan.client.error_messages import sentence
from tfflowgan.errors import UserError
from tfflowgan.generators import image_seeds
from tfflowgan.images import read
from tfflowgan.model_versions import digest, newest_version
from tfflowgan.serving import model_card
from tfflowgan.serving.warmup import signature_defs

__all__ = ["Shown", "between"]

_NEEDED = ("log_prob", "bits_per_dim", "sample", "encode", "decode", "reconstruct")


class Shown:
    """A model on the page.

    Attributes:
      name: the model's name.
      image_shape: `(H, W, C)`.
      colour: whether C is 3; else the images are grey.
      dims: number of values per image.
      histogram: of bits/dim, from the model card, {"train": ..., "test": {"edges": [...],
        "counts": [...]}}; None without a card.
    """

    def __init__(self, path: str | os.PathLike):
        """Loads a SavedModel.

        Args:
          path: NAME, for its newest version, or NAME/VERSION.

        Raises:
          UserError: there is no model, or it is not a flow that this version of tfflowgan exported.
        """
        version = newest_version(path).resolve()
        known = signature_defs(version)
        missing = [name for name in _NEEDED if name not in known]
        if missing:
            raise UserError(
                f"--models={path} has no signature {missing[0]}; the page needs a flow that this "
                "version of bin/export exported."
            )
        try:
            self._signatures = tf.saved_model.load(str(version)).signatures
        except (OSError, ValueError, tf.errors.OpError) as error:
            raise UserError(
                f"--models={version} cannot be loaded: {str(error).splitlines()[0]}"
            ) from None
        self.name = version.parent.name
        shape = known["log_prob"].inputs["images"].tensor_shape
        self.image_shape = tuple(d.size for d in shape.dim[1:])
        self.colour = self.image_shape[-1] == 3
        self.dims = units.dimensions(self.image_shape)
        self.histogram = _histogram(version)

    def sample(self, count: int, seed: int, temperature: float) -> tuple[np.ndarray, float]:
        """Draws images.

        Args:
          count: number of images.
          seed: 0 to 2^31 - 1.
          temperature: of the latents.

        Returns:
          Images float32 `[count, H, W, C]` and their mean bits per dimension.
        """
        temperatures = np.full(count, temperature, np.float32)
        drawn = self._call("sample", seeds=image_seeds(seed, count), temperature=temperatures)
        return drawn["images"], float(units.bits_per_dim(drawn["log_prob"], self.dims).mean())

    def pixels(self, picture: PIL.Image.Image, invert: bool = False) -> np.ndarray:
        """What the model sees of a picture, as `tfflowgan.images` reads it: its centre, resized.

        Args:
          picture: of any size and mode that Pillow can convert.
          invert: whether to swap black and white.

        Returns:
          uint8 `[H, W, C]`.

        Raises:
          UserError: the picture's mode has no known range.
        """
        height, width, channels = self.image_shape
        try:
            picture, _ = read.flat(picture)
        except read.Unreadable as error:
            raise UserError(f"the picture cannot be read: {error}.") from None
        pixels = read.pixels(picture, channels, (width, height))
        return 255 - pixels if invert else pixels

    def bits_per_dim(self, pixels: np.ndarray) -> float:
        """Bits per dimension of one image, uint8 `[H, W, C]`."""
        seeds = np.zeros(1, np.int64)
        answer = self._call("bits_per_dim", images=pixels[np.newaxis], seeds=seeds)
        return float(answer["bits_per_dim"][0])

    def rank(self, bits: float, part: str) -> float | None:
        """The share of images that have fewer bits per dimension.

        Args:
          bits: bits per dimension.
          part: "train" or "test".

        Returns:
          A share from 0 to 1; None without a model card.
        """
        if self.histogram is None:
            return None
        edges = np.asarray(self.histogram[part]["edges"], float)
        counts = np.asarray(self.histogram[part]["counts"], float)
        shares = np.concatenate([[0.0], counts.cumsum()]) / counts.sum()
        return float(np.interp(bits, edges, shares))

    def reconstruct(self, pixels: np.ndarray, keep: float, count: int, seed: int) -> np.ndarray:
        """Keeps the first latents of one image and draws the others, several times.

        Args:
          pixels: uint8 `[H, W, C]`.
          keep: the share of latents kept, 0 to 1.
          count: number of draws.
          seed: 0 to 2^31 - 1.

        Returns:
          Images float32 `[count, H, W, C]`.
        """
        images = np.repeat(_middle(pixels)[np.newaxis], count, axis=0)
        kept = np.full(count, keep, np.float32)
        answer = self._call("reconstruct", images=images, seeds=image_seeds(seed, count), keep=kept)
        return answer["images"]

    def interpolate(
        self, first: np.ndarray, second: np.ndarray, count: int, great_circle: bool
    ) -> np.ndarray:
        """Interpolates between the latents of two images.

        Args:
          first: uint8 `[H, W, C]`.
          second: uint8 `[H, W, C]`.
          count: number of images, both ends included.
          great_circle: see `between`.

        Returns:
          Images float32 `[count, H, W, C]`.
        """
        ends = self._call("encode", images=np.stack([_middle(first), _middle(second)]))["latents"]
        latents = between(ends[0], ends[1], np.linspace(0, 1, count), great_circle)
        return self._call("decode", latents=latents)["images"]

    def _call(self, name, **inputs):
        try:
            tensors = {key: tf.convert_to_tensor(value) for key, value in inputs.items()}
            answer = self._signatures[name](**tensors)
        except tf.errors.InvalidArgumentError as error:
            raise UserError(f"{self.name}: {sentence(error.message)}.") from None
        return {key: value.numpy() for key, value in answer.items()}


def between(
    first: np.ndarray, second: np.ndarray, shares: np.ndarray, great_circle: bool
) -> np.ndarray:
    """Latents between two others.

    Args:
      first: `[D]`.
      second: `[D]`.
      shares: of the distance from the first, 0 to 1, `[N]`.
      great_circle: if true, the direction follows a great circle and only the length changes
        linearly; if false, the latents lie on a straight line.

    Returns:
      Latents `[N, D]` of the first one's dtype.
    """
    a, b = first.astype(np.float64), second.astype(np.float64)
    t = shares[:, np.newaxis]
    lengths = np.linalg.norm(a), np.linalg.norm(b)
    cosine = a @ b / (lengths[0] * lengths[1]) if min(lengths) > 0 else 1.0
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    # latents on one line through the origin have no great circle, or many
    if not great_circle or np.sin(angle) < 1e-6:
        return ((1 - t) * a + t * b).astype(first.dtype)
    from_first = np.sin((1 - t) * angle) * a / lengths[0]
    from_second = np.sin(t * angle) * b / lengths[1]
    direction = (from_first + from_second) / np.sin(angle)
    return (direction * ((1 - t) * lengths[0] + t * lengths[1])).astype(first.dtype)


def _middle(pixels):
    """The image in [0, 1], float32, with the mean of the dequantization noise."""
    return units.dequantize(pixels.astype(np.float32), np.float32(0.5))


def _histogram(version):
    """The histogram of the model card; None if there is none or the card is of another version."""
    try:
        card = model_card.read(version.parent)
    except UserError:
        return None
    found = card.get("bits_per_dim_histogram")
    parts = {"train", "test"}
    if card.get("sha256") != digest(version) or not isinstance(found, dict):
        return None
    good = parts <= set(found) and all(sum(found[part]["counts"]) > 0 for part in parts)
    return found if good else None
