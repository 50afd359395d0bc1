"""Classifiers, for the scores of samples: Keras models from images to class probabilities, one architecture a file.

Each file has `build`, `RECIPE` (how `bin/train_classifier` trains it unless told otherwise), `optimizer`, and, where weights
trained elsewhere fit, `import_weights`.
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
      classes: K.

    Returns:
      A new Keras model from images `[B, H, W, C]` in [0, 1] to {"probabilities": `[B, K]`, "features": `[B, F]`, its last
      hidden layer}.

    Raises:
      UserError: no such classifier, or one that does not take such images.
    """
    return plugins.load("classifiers", name, "architecture").build(tuple(image_shape), classes)


def recipe(name: str) -> dict:
    """An architecture's own {"epochs", "batch_size", "learning_rate", "early_stopping"}."""
    return dict(plugins.load("classifiers", name, "architecture").RECIPE)
