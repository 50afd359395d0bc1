"""The base of every bijector here: value and log-determinant come from one pass.

A plain `tfb.Bijector` answers `inverse` and `inverse_log_det_jacobian` by two methods, so a coupling's network runs twice
for one `log_prob`. Subclasses of `OnePassBijector` instead give

    _forward_and_log_det(z) -> x, log |det dx/dz|
    _inverse_and_log_det(x) -> z, log |det dz/dx|

each running its network once. The base leaves the log-determinant in the bijector's own cache, next to the value, where
TFP's machinery (chains, transformed distributions) finds it.

TFP's cache is keyed by tensor and outlives weight updates: build a fresh bijector for every call, as `Flow` does.
"""

import tensorflow as tf
import tensorflow_probability as tfp

__all__ = ["OnePassBijector"]


class OnePassBijector(tfp.bijectors.Bijector):
    """A bijector whose two methods return the value and the log-determinant together.

    Attributes:
      log_scale: of the last pass, latents to images, elementwise; None where nothing is scaled.
    """

    log_scale: tf.Tensor | None = None

    def __init__(self, dtype, forward_ndims: int, inverse_ndims: int | None = None, name: str | None = None):
        """Makes the bijector.

        Args:
          dtype: floating-point type of both sides.
          forward_ndims: rank of one event z.
          inverse_ndims: rank of one event x; by default the same.
          name: name scope.
        """
        super().__init__(
            forward_min_event_ndims=forward_ndims,
            inverse_min_event_ndims=forward_ndims if inverse_ndims is None else inverse_ndims,
            dtype=tf.as_dtype(dtype),
            name=name,
        )

    def _forward_and_log_det(self, latents: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        raise NotImplementedError

    def _inverse_and_log_det(self, images: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        raise NotImplementedError

    def _forward(self, x):
        y, fldj = self._forward_and_log_det(x)
        self._cache.forward_attributes(x)["ildj"] = -fldj
        return y

    def _inverse(self, y):
        x, ildj = self._inverse_and_log_det(y)
        self._cache.inverse_attributes(y)["ildj"] = ildj
        return x

    def _forward_log_det_jacobian(self, x):
        self.forward(x)
        return -self._cache.forward_attributes(x)["ildj"]

    def _inverse_log_det_jacobian(self, y):
        self.inverse(y)
        return self._cache.inverse_attributes(y)["ildj"]

    @classmethod
    def _parameter_properties(cls, dtype):
        return {}
