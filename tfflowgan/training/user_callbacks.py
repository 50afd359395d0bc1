"""A user's callbacks: they see the measurements of an evaluation, as `metrics.jsonl` has them."""

from collections.abc import Callable

import keras

__all__ = ["UserCallbacks"]


_OWN = ("data", "epoch")  # a text, and what Keras gives callbacks as an argument


class UserCallbacks(keras.callbacks.Callback):
    """Calls a user's callbacks, at the end of a period with the line of metrics in `logs`.

    So `EarlyStopping("validation_nll")` works. Keras' own display keeps to the running means.
    """

    def __init__(
        self, callbacks: tuple[keras.callbacks.Callback, ...], row: Callable[[], dict]
    ) -> None:
        """Creates the callback.

        Args:
          callbacks: the user's, called in this order.
          row: gives the newest line of metrics.
        """
        super().__init__()
        self._callbacks, self._row = keras.callbacks.CallbackList(list(callbacks)), row

    def set_params(self, params: dict) -> None:
        super().set_params(params)
        self._callbacks.set_params(params)

    def set_model(self, model: keras.Model) -> None:
        super().set_model(model)
        self._callbacks.set_model(model)

    def on_train_begin(self, logs: dict | None = None) -> None:
        self._callbacks.on_train_begin(logs)

    def on_train_end(self, logs: dict | None = None) -> None:
        self._callbacks.on_train_end(logs)

    def on_epoch_begin(self, epoch: int, logs: dict | None = None) -> None:
        self._callbacks.on_epoch_begin(epoch, logs)

    def on_epoch_end(self, epoch: int, logs: dict | None = None) -> None:
        numbers = {name: value for name, value in self._row().items() if name not in _OWN}
        nan = float("nan")
        row = {name: nan if value is None else value for name, value in numbers.items()}
        self._callbacks.on_epoch_end(epoch, (logs or {}) | row)

    def on_train_batch_begin(self, batch: int, logs: dict | None = None) -> None:
        self._callbacks.on_train_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: dict | None = None) -> None:
        self._callbacks.on_train_batch_end(batch, logs)
