"""Classifiers for scoring samples: Keras models from images to class probabilities.

There is one architecture per file. Each file defines `build`, `RECIPE` (the default settings of
`bin/train_classifier`), `optimizer` and, if it accepts weights trained elsewhere, `import_weights`.
"""

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow

# isort: split

import keras

from tfflowgan import plugins
from tfflowgan.classifiers._training import accuracy, augment, export, fit, import_weights

__all__ = ["accuracy", "augment", "build", "export", "fit", "import_weights", "recipe"]


def build(name: str, image_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Builds a classifier by name.

    Args:
      name: one of `tfflowgan.plugins.names("classifiers")`.
      image_shape: `(H, W, C)`.
      classes: K, the number of classes.

    Returns:
      A new Keras model from images `[B, H, W, C]` in [0, 1] to a dict of "probabilities" `[B, K]`
      and
        "features" `[B, F]`, the output of its last hidden layer.

    Raises:
      UserError: there is no such classifier, or it does not support the image shape.
    """
    return plugins.load("classifiers", name, "architecture").build(tuple(image_shape), classes)


def recipe(name: str) -> dict[str, int | float]:
    """Returns the default settings of an architecture.

    Returns:
      "epochs", "batch_size", "learning_rate" and "early_stopping".
    """
    return dict(plugins.load("classifiers", name, "architecture").RECIPE)
