"""The multi-scale architecture: every level but the last factors out half of its values.

                 images [H, W, C]
                     |
      inverse     level 1  (ends with half the resolution, four times the channels)
         |           |------------------------> second half of the channels: latents of level 1
         v           | first half
                  level 2
                     |------------------------> latents of level 2
                     |
                  level L  ...................> latents of level L

      latents [D] = (level L, ..., level 2, level 1), each flattened: the coarsest come first

      log |det dz/dx| = the sum over levels

(Dinh et al., 2017, section 3.6, Eq. 14-16.) With two or more levels, the second half of the latent
vector is exactly what level 1 factors out: the finest detail.
"""

import math

import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.bijectors.one_pass import OnePassBijector

__all__ = ["MultiScale"]


class MultiScale(OnePassBijector):
    """Maps flat latents `[..., D]` to images `[..., H, W, C]` through several levels."""

    def __init__(
        self,
        levels: list[tfp.bijectors.Bijector],
        image_shape: tuple[int, int, int],
        output_shapes: list[tuple[int, int, int]],
        dtype: tf.DType | str = tf.float32,
        name: str = "multi_scale",
    ):
        """Creates the bijector.

        Args:
          levels: one image bijector per level, starting next to the images; `forward` maps towards
            the images.
          image_shape: `(H, W, C)` of the images.
          output_shapes: `(H, W, C)` of the output of each level's inverse, before half of its
            channels are factored out.
          dtype: floating-point type of inputs and outputs.
          name: name scope.
        """
        self.levels = levels
        self._image_shape = image_shape
        self._output_shapes = output_shapes
        super().__init__(dtype, forward_ndims=1, inverse_ndims=3, name=name)

    def _forward_event_shape_tensor(self, shape):
        return tf.constant(self._image_shape)

    def _forward_event_shape(self, shape):
        return tf.TensorShape(self._image_shape)

    def _inverse_event_shape_tensor(self, shape):
        return tf.reduce_prod(shape, keepdims=True)

    def _inverse_event_shape(self, shape):
        return tf.TensorShape([shape.num_elements()])

    def _inverse_and_log_det(self, images):
        hidden, log_det, factored_out = images, 0.0, []
        for level in self.levels:
            inner = level.inverse(hidden)
            log_det += level.inverse_log_det_jacobian(hidden, event_ndims=3)
            hidden = inner
            if level is not self.levels[-1]:
                hidden, out = tf.split(hidden, 2, axis=-1)
                factored_out.append(_flatten(out))
        return tf.concat([_flatten(hidden), *reversed(factored_out)], axis=-1), log_det

    def _forward_and_log_det(self, latents):
        *halves, whole = self._output_shapes
        shapes = [whole, *[(h, w, c // 2) for h, w, c in reversed(halves)]]
        parts = tf.split(latents, [math.prod(s) for s in shapes], axis=-1)
        batch = tf.shape(latents)[:-1]
        parts = [
            tf.reshape(part, tf.concat([batch, shape], axis=0))
            for part, shape in zip(parts, shapes, strict=True)
        ]
        hidden, log_det = None, 0.0
        for level, part in zip(reversed(self.levels), parts, strict=True):
            hidden = part if hidden is None else tf.concat([hidden, part], axis=-1)
            outer = level.forward(hidden)
            log_det += level.forward_log_det_jacobian(hidden, event_ndims=3)
            hidden = outer
        return hidden, log_det


def _flatten(images):
    shape = tf.concat([tf.shape(images)[:-3], [math.prod(images.shape[-3:])]], axis=0)
    return tf.reshape(images, shape)
