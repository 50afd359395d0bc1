"""What Keras' `fit`, `evaluate` and `predict` do with a flow: maximum likelihood.

    loss = -mean log p(x), in nats per image; with it, bits per dimension

Integer images are pixels and get fresh dequantization noise at every step of training. In
validation the noise of a batch is always the same.
"""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfflowgan import units
from tfflowgan.generators import check_shape

__all__ = ["LikelihoodTraining"]


class LikelihoodTraining(keras.Model):
    """The part of a flow that Keras calls; see the module."""

    dims: int
    image_shape: tuple[int, int, int]

    def fit(self, x: Any = None, *args: Any, **kwargs: Any) -> keras.callbacks.History:
        """Trains by maximum likelihood, or by the loss that `compile` was given.

        Args:
          x: pixels uint8 or dequantized images `[N, H, W, C]`: an array, tensor or
            `tf.data.Dataset` of batches.
          *args: as in Keras.
          **kwargs: as in Keras, such as `epochs`, `batch_size`, `validation_data`, `callbacks`.

        Returns:
          Keras' history, with "loss" in nats per image and "bits_per_dim".

        Raises:
          ValueError: an image is outside the flow's support, not finite, or of another shape.
        """
        x = self._checked_images(x)
        validation = kwargs.get("validation_data")
        if isinstance(validation, list) and np.ndim(validation[0]) == 4:
            validation = tuple(validation)  # images and targets, as Keras takes them too
        if isinstance(validation, tuple):
            kwargs["validation_data"] = (self._checked_images(validation[0]), *validation[1:])
        elif validation is not None:
            kwargs["validation_data"] = self._checked_images(validation)
        return super().fit(x, *args, **_with_targets(x, args, kwargs))

    def evaluate(self, x: Any = None, *args: Any, **kwargs: Any) -> Any:
        """The mean loss, as Keras returns it; takes the images that `fit` takes."""
        x = self._checked_images(x)
        return super().evaluate(x, *args, **_with_targets(x, args, kwargs))

    def predict(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """The log-densities of images, nats per image `[N]`; takes the images that `fit` takes."""
        return super().predict(self._checked_images(x), *args, **kwargs)

    def train_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As in Keras, on images that `fit` takes."""
        return super().train_on_batch(self._checked_images(x), *args, **kwargs)

    def test_on_batch(self, x: Any, *args: Any, **kwargs: Any) -> Any:
        """As in Keras, on images that `fit` takes."""
        return super().test_on_batch(self._checked_images(x), *args, **kwargs)

    def predict_on_batch(self, x: Any) -> Any:
        """As in Keras, on images that `fit` takes."""
        return super().predict_on_batch(self._checked_images(x))

    def train_step(self, data: Any) -> dict[str, Any]:
        """One step of Keras' training, on images with fresh noise if they are pixels."""
        step = tf.cast(keras.ops.convert_to_tensor(self.optimizer.iterations), tf.int32)
        data = self._dequantized(data, [1, step])
        return self._with_bits(super().train_step(data), data)

    def test_step(self, data: Any) -> dict[str, Any]:
        """One step of Keras' evaluation."""
        data = self._dequantized(data, [0, 0])
        return self._with_bits(super().test_step(data), data)

    def predict_step(self, data: Any) -> tf.Tensor:
        """The log-densities of one batch, nats per image `[B]`."""
        return super().predict_step(self._dequantized(data, [0, 0]))

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> tf.Tensor:
        """The mean of -log p(x) over a batch; the loss of `compile` if one was given there."""
        if self._compile_loss is not None:
            return super().compute_loss(x, y, y_pred, sample_weight, training)
        nll = -y_pred
        if sample_weight is not None:
            nll *= tf.cast(tf.reshape(sample_weight, tf.shape(nll)), nll.dtype)
        loss = tf.reduce_mean(nll)  # as in Keras, weights do not change the denominator
        # Keras sums gradients over replicas and, for its reports, multiplies losses by their number
        return (loss + sum(self.losses)) / tf.distribute.get_strategy().num_replicas_in_sync

    def _with_bits(self, logs, data):
        weighted = keras.utils.unpack_x_y_sample_weight(data)[2] is not None
        if self._compile_loss is None and not weighted:
            logs = logs | {"bits_per_dim": units.bits_per_dim(-logs["loss"], self.dims)}
        return logs

    def _dequantized(self, data, seed):
        x, y, sample_weight = keras.utils.unpack_x_y_sample_weight(data)
        x = tf.convert_to_tensor(x)
        _check_dtype(x.dtype)
        if y is None:  # Keras gives a loss or a metric to no data without targets
            y = tf.zeros([tf.shape(x)[0]], self.dtype)
        if x.dtype == tf.uint8:
            replica = tf.distribute.get_replica_context().replica_id_in_sync_group
            noise = tf.random.stateless_uniform(
                tf.shape(x), tf.random.fold_in(tf.cast(seed, tf.int32), replica), dtype=self.dtype
            )
            x = units.dequantize(tf.cast(x, self.dtype), tf.minimum(noise, units.NOISE_LIMIT))
        return keras.utils.pack_x_y_sample_weight(x, y, sample_weight)

    def _checked_images(self, images):
        """Images after the checks of what is known of them: of a dataset, dtype and shape."""
        if isinstance(images, tf.data.Dataset):
            spec = images.element_spec
            spec = spec[0] if isinstance(spec, tuple) else spec
            if isinstance(spec, tf.TensorSpec):
                _check_dtype(spec.dtype)
            return images
        if isinstance(images, list | tuple):
            images = np.stack([np.asarray(image) for image in images])
        if not isinstance(images, np.ndarray | tf.Tensor):
            return images  # a generator or a dataset of another library
        tensor = tf.convert_to_tensor(images)
        _check_dtype(tensor.dtype)
        check_shape(tensor, self.image_shape, "images")
        if not tensor.shape[0]:
            raise ValueError(f"images has shape {tuple(tensor.shape)}, which holds no images.")
        if tensor.dtype.is_floating:
            self.check_images(tensor)
        return images

    def check_images(self, images: np.ndarray | tf.Tensor, values: bool = True) -> tf.Tensor:
        """Checks images and returns them as a tensor; see `Flow.log_prob`."""
        raise NotImplementedError


def _check_dtype(dtype):
    if not (dtype == tf.uint8 or dtype.is_floating):
        raise ValueError(
            f"images has dtype {dtype.name}, but must be uint8 pixels or dequantized "
            "floating-point images."
        )


def _with_targets(x, args, kwargs):
    """The arguments with targets where weights are given: Keras drops weights without targets."""
    weighted = kwargs.get("sample_weight") is not None
    if not weighted or args or kwargs.get("y") is not None:
        return kwargs
    return kwargs | {"y": np.zeros(len(x), np.float32)}
