"""The ResNet-56 for CIFAR-10 (He et al., 2016, section 4.2): 0.85 million parameters, 55 convolutions and a dense layer.

    block:  y = ReLU(norm(conv(ReLU(norm(conv(x))))) + shortcut(x))             convolutions 3x3
    (x - mean) / std -> conv 3x3 16, norm, ReLU -> 9 blocks of 16, 32, 64 channels each -> mean over the image -> dense K, softmax

The first block of the stages of 32 and 64 has stride 2, and its shortcut is option A: every other pixel, and zero channels,
half of them before and half after, as in the PyTorch version whose weights `import_weights` takes. Padding is one pixel on
each side for stride 2 also, where TensorFlow's "same" would pad one side alone.
"""

import keras
import numpy as np

from tfflowgan.errors import UserError

__all__ = ["RECIPE", "build", "import_weights", "optimizer"]

# He et al. (2016, section 4.2): batches of 128, 64,000 of them, rate 0.1; the cosine decay in place of their steps is ours
RECIPE = {"epochs": 164, "batch_size": 128, "learning_rate": 0.1, "early_stopping": 60}

_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of the three channels, as the imported weights expect
_WIDTHS, _BLOCKS = (16, 32, 64), 9


def build(image_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Builds the network; see `tfflowgan.classifiers.build`.

    Args:
      image_shape: `(H, W, 3)`.
      classes: K.

    Raises:
      UserError: the images have no three channels.
    """
    if image_shape[-1] != 3:
        raise UserError(f"--architecture=resnet56 takes images with 3 channels, not {image_shape[-1]}; --architecture=cnn does.")
    images = keras.Input(image_shape)
    x = keras.layers.Normalization(mean=_MEAN, variance=np.square(_STD), name="normalise")(images)
    x = keras.layers.ReLU(name="relu")(_conv(x, _WIDTHS[0], 1, "conv1", "bn1"))
    for stage, width in enumerate(_WIDTHS, start=1):
        for i in range(_BLOCKS):
            x = _block(x, width, 2 if stage > 1 and i == 0 else 1, f"layer{stage}.{i}")
    features = keras.layers.GlobalAveragePooling2D(name="features")(x)
    probabilities = keras.layers.Dense(classes, activation="softmax", kernel_initializer="he_normal", name="linear")(features)
    return keras.Model(images, {"probabilities": probabilities, "features": features}, name="resnet56")


def optimizer(learning_rate) -> keras.optimizers.Optimizer:
    """Gradient descent with momentum 0.9; He et al.'s weight decay of 1e-4."""
    return keras.optimizers.SGD(learning_rate, momentum=0.9, weight_decay=1e-4)


def import_weights(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    """Sets all weights from arrays named and laid out as in PyTorch.

    Args:
      model: made by `build`.
      arrays: "conv1.weight" `[out, in, 3, 3]`, "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var" `[C]`, and so on,
        with "layer1.0." to "layer3.8." before those in blocks, "linear.weight" `[K, 64]`, "linear.bias" `[K]`.

    Raises:
      UserError: an array is missing, is of another shape, or belongs nowhere.
    """
    left = {name for name in arrays if not name.endswith("num_batches_tracked")}
    for layer in (layer for layer in model.layers if layer.name != "normalise" and layer.weights):
        values = []
        for weight, part in zip(layer.weights, _PARTS[type(layer)], strict=True):
            name = f"{layer.name}.{part}"
            if name not in arrays:
                raise UserError(f"--import_weights has no array {name!r}; --architecture=resnet56 needs it.")
            value = np.asarray(arrays[name])
            value = value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T
            if value.shape != tuple(weight.shape):
                raise UserError(f"--import_weights has {name!r} of shape {value.shape} where {tuple(weight.shape)} is due.")
            values.append(value)
            left.discard(name)
        layer.set_weights(values)
    if left:
        raise UserError(f"--import_weights has {min(left)!r}, which --architecture=resnet56 does not.")


_PARTS = {
    keras.layers.Conv2D: ("weight",),
    keras.layers.BatchNormalization: ("weight", "bias", "running_mean", "running_var"),
    keras.layers.Dense: ("weight", "bias"),
}


def _conv(x, width, stride, name, norm):
    x = keras.layers.ZeroPadding2D(1, name=f"{name}.pad")(x)
    x = keras.layers.Conv2D(width, 3, stride, use_bias=False, kernel_initializer="he_normal", name=name)(x)
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=norm)(x)


def _block(x, width, stride, name):
    y = keras.layers.ReLU(name=f"{name}.relu1")(_conv(x, width, stride, f"{name}.conv1", f"{name}.bn1"))
    y = _conv(y, width, 1, f"{name}.conv2", f"{name}.bn2")
    if stride > 1:
        missing = width - x.shape[-1]
        x = keras.ops.pad(x[:, ::stride, ::stride], [[0, 0], [0, 0], [0, 0], [missing // 2, missing - missing // 2]])
    return keras.layers.ReLU(name=f"{name}.relu2")(keras.layers.Add(name=f"{name}.add")([x, y]))
