"""What the Keras models of this package share: every way of keeping a model keeps all its weights.

TensorFlow's walk over the attributes of a Keras 3 model (`tf.train.Checkpoint`,
`tf.saved_model.save`) does not enter lists and dictionaries of layers, and calls a checkpoint
complete all the same. The models here therefore name all their variables in one list.
"""

from typing import Any

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

# isort: split

import keras
import tensorflow as tf

__all__ = ["ArgumentsModel", "Model", "copied", "serializable"]

serializable = keras.saving.register_keras_serializable(package="tfflowgan")


class Model(keras.Model):
    """A Keras model that is built when it is constructed, of which TensorFlow keeps all weights.

    A subclass can be kept as a `.keras` file if it implements `get_config` and `from_config`.
    """

    def kept_variables(self) -> list[tf.Variable]:
        """The variables that a checkpoint of this model must hold, in a fixed order."""
        return [weight.value for weight in self.weights]

    def _trackable_children(self, save_type="checkpoint", **kwargs):
        children = super()._trackable_children(save_type, **kwargs)
        if save_type == "checkpoint":
            named = enumerate(self.kept_variables())
            children |= {f"weight_{i:04}": variable for i, variable in named}
        return children


class ArgumentsModel(Model):
    """A model whose constructor takes plain values, which it keeps as `arguments`: its config."""

    arguments: dict[str, Any]

    def get_config(self) -> dict[str, Any]:
        """The arguments of the constructor."""
        return copied(self.arguments)

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict | None = None
    ) -> "ArgumentsModel":
        """Builds the same model with new weights."""
        return cls(**config)


def copied(value: Any) -> Any:
    """Plain Python lists and dictionaries in place of those that Keras tracks."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}
    return [copied(item) for item in value] if isinstance(value, list | tuple) else value
