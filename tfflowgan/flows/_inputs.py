"""Checks of the images that a caller gives to a flow, so that no wrong input becomes a number.

They look at values, so they run where there are values: in eager calls. In a graph an image outside
the support has log-density -inf.
"""

import warnings
from collections.abc import Callable

import numpy as np
import tensorflow as tf

__all__ = ["check_images"]

_PLAIN = (-1.0, 2.0)  # without a logit every image has a density, but those of [0, 1] lie within
# Own samples' latents have a root mean square near 1, in standard deviations of the prior, with
# a tail if they are few. Four allows for temperatures.
_SPREAD = 4.0


def check_images(
    images: tf.Tensor,
    support: tuple[float, float] | None,
    spread: Callable[[tf.Tensor], tf.Tensor],
) -> None:
    """Checks eager images; does nothing while a graph is traced.

    Args:
      images: `[B, H, W, C]`, floating-point.
      support: the lowest and highest value of the flow's support; None for a flow without a logit.
      spread: maps images to the root mean square of their latents, in standard deviations of the
        prior, `[B]`. A flow without a logit may draw samples outside [-1, 2]; their latents tell
        them from other images.

    Raises:
      ValueError: there are no images, or one has a value that is not finite, or a value at which
        the flow has no density.
    """
    if tf.is_symbolic_tensor(images):
        return
    values = images.numpy()
    if not values.size:
        raise ValueError(f"images has shape {values.shape}, but must have at least one image.")
    if not (np.isfinite(values.min()) and np.isfinite(values.max())):
        raise ValueError(f"images[{_first(~np.isfinite(values))}] has values that are not finite.")
    low, high = support or _PLAIN
    if values.min() < low or values.max() > high:
        outside = (values < low) | (values > high)
        if support is None:
            dims = values[0].size
            odd = ~(spread(images).numpy() <= _SPREAD * (1 + 4 / dims**0.5))
            outside &= odd.reshape(-1, 1, 1, 1)
        if outside.any():
            i = _first(outside)
            raise ValueError(
                f"images[{i}] has values from {values[i].min():.6g} to {values[i].max():.6g}, but "
                f"must lie in {_margin(support)}; tfflowgan.units.dequantize makes such "
                "images of pixels from 0 to 255."
            )
    if _on_a_grid(values):
        warnings.warn(
            "all values of images are multiples of 1/255 or 1/256, as of pixels without noise; a "
            "density is of dequantized images (tfflowgan.units.dequantize, Flow.bits_per_dim).",
            UserWarning,
            stacklevel=4,
        )


def _margin(support):
    if support is None:
        return "[-1, 2], or be samples of this flow"
    return f"[0, 1] (this flow's support: {support[0]:.9g} to {support[1]:.9g})"


def _first(bad):
    """The index of the first image with a bad value."""
    return int(np.flatnonzero(bad.reshape(len(bad), -1).any(axis=1))[0])


def _on_a_grid(values):
    """Whether all values are multiples of 1/255, or all are multiples of 1/256."""

    def on(part, levels):
        steps = part.astype(np.float64) * levels
        return bool((np.abs(steps - np.round(steps)) < 1e-4).all())

    return any(on(values[:1], levels) and on(values, levels) for levels in (255, 256))
