"""Base class of this package's bijectors: one pass computes the value and the log-determinant.

A plain `tfb.Bijector` computes `inverse` and `inverse_log_det_jacobian` in separate methods, so a
coupling layer's network would run twice for one `log_prob`. Subclasses of `OnePassBijector`
implement

    _forward_and_log_det(z) -> x, log |det dx/dz|
    _inverse_and_log_det(x) -> z, log |det dz/dx|

instead, each of which runs its network once. The base class stores the log-determinant next to the
value in TFP's cache, where chains and transformed distributions find it.

A pass over images by convolutions needs tensors with one batch axis. With `one_batch_axis` the base
class reshapes any leading axes into one, and back.

The cache is keyed by tensor and outlives weight updates. Create a new bijector for every call, as
`Flow` does.
"""

import tensorflow as tf
import tensorflow_probability as tfp

__all__ = ["OnePassBijector"]


class OnePassBijector(tfp.bijectors.Bijector):
    """A bijector that computes its value and its log-determinant together.

    Attributes:
      log_scale: elementwise log-scale of the forward map in the last pass; None if nothing is
        scaled.
    """

    log_scale: tf.Tensor | None = None

    def __init__(
        self,
        dtype: tf.DType | str,
        forward_ndims: int,
        inverse_ndims: int | None = None,
        name: str | None = None,
        one_batch_axis: bool = False,
    ):
        """Creates the bijector.

        Args:
          dtype: floating-point type of inputs and outputs.
          forward_ndims: rank of a single event z.
          inverse_ndims: rank of a single event x; None means `forward_ndims`.
          name: name scope.
          one_batch_axis: whether both passes need tensors `[B, ...]`; leading axes, none or
            several, are then reshaped into one.
        """
        self._one_batch_axis = one_batch_axis
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
        y, fldj = self._pass(self._forward_and_log_det, x, self.forward_min_event_ndims)
        self._cache.forward_attributes(x)["ildj"] = -fldj
        return y

    def _inverse(self, y):
        x, ildj = self._pass(self._inverse_and_log_det, y, self.inverse_min_event_ndims)
        self._cache.inverse_attributes(y)["ildj"] = ildj
        return x

    def _pass(self, function, batch, event_ndims):
        if not self._one_batch_axis or batch.shape.rank == event_ndims + 1:
            return function(batch)
        event = self._event(batch, event_ndims)
        leading = tf.shape(batch)[: tf.rank(batch) - event_ndims]
        values, log_dets = function(tf.reshape(batch, [-1, *event]))
        log_dets = tf.reshape(log_dets, leading)
        values = tf.reshape(values, tf.concat([leading, values.shape[1:]], axis=0))
        if batch.shape.rank is not None:  # what is known of the leading axes stays known
            static = batch.shape[: batch.shape.rank - event_ndims]
            log_dets.set_shape(static)
            values.set_shape(static.concatenate(values.shape[len(static) :]))
        return values, log_dets

    def _event(self, batch, event_ndims):
        """The static shape of one event of `batch`."""
        return batch.shape[-event_ndims:]

    def _forward_log_det_jacobian(self, x):
        self.forward(x)
        return -self._cache.forward_attributes(x)["ildj"]

    def _inverse_log_det_jacobian(self, y):
        self.inverse(y)
        return self._cache.inverse_attributes(y)["ildj"]

    @classmethod
    def _parameter_properties(cls, dtype):
        return {}
