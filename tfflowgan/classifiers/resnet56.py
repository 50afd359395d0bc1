"""The ResNet-56 for CIFAR-10 (He et al., 2016, section 4.2): 55 convolutions and a dense layer.

    block:    y = ReLU(norm(conv(ReLU(norm(conv(x))))) + shortcut(x)),    3x3 convolutions
    network:  (x - mean) / std -> conv 3x3 16, norm, ReLU
              -> 9 blocks each with 16, 32 and 64 channels
              -> mean over the image -> dense K, softmax

It has 0.85 million parameters. The first blocks with 32 and 64 channels have stride 2 and the
shortcut of option A: every other pixel, with zero channels padded, half of them before and half
after, as in the PyTorch version whose weights `import_weights` accepts. Convolutions of stride 2
also pad one pixel on each side; TensorFlow's "same" would pad only one side.
"""

import keras
import numpy as np

from tfflowgan.errors import UserError

__all__ = ["RECIPE", "build", "import_weights", "optimizer"]

# He et al. (2016, section 4.2): 64,000 steps, batch size 128, learning rate 0.1; they decay it in
# steps, we along a cosine.
RECIPE = {"epochs": 164, "batch_size": 128, "learning_rate": 0.1, "early_stopping": 60}

# Mean and standard deviation per channel, as the imported weights expect.
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_WIDTHS, _BLOCKS = (16, 32, 64), 9


def build(image_shape: tuple[int, int, int], classes: int) -> keras.Model:
    """Builds the network; see `tfflowgan.classifiers.build`.

    Args:
      image_shape: `(H, W, 3)`.
      classes: K, the number of classes.

    Raises:
      UserError: the number of channels is not 3.
    """
    if image_shape[-1] != 3:
        raise UserError(
            f"--architecture=resnet56 takes images with 3 channels, not {image_shape[-1]}; use "
            "--architecture=cnn."
        )
    images = keras.Input(image_shape)
    x = keras.layers.Normalization(mean=_MEAN, variance=np.square(_STD), name="normalise")(images)
    x = keras.layers.ReLU(name="relu")(_conv(x, _WIDTHS[0], 1, "conv1", "bn1"))
    for stage, width in enumerate(_WIDTHS, start=1):
        for i in range(_BLOCKS):
            x = _block(x, width, 2 if stage > 1 and i == 0 else 1, f"layer{stage}.{i}")
    features = keras.layers.GlobalAveragePooling2D(name="features")(x)
    last = keras.layers.Dense(
        classes, activation="softmax", kernel_initializer="he_normal", name="linear"
    )
    outputs = {"probabilities": last(features), "features": features}
    return keras.Model(images, outputs, name="resnet56")


def optimizer(
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
) -> keras.optimizers.Optimizer:
    """Returns SGD with momentum 0.9 and weight decay 1e-4, as in He et al. (2016)."""
    return keras.optimizers.SGD(learning_rate, momentum=0.9, weight_decay=1e-4)


def import_weights(model: keras.Model, arrays: dict[str, np.ndarray]) -> None:
    """Sets all weights from arrays with PyTorch's names and layout.

    Args:
      model: built by `build`.
      arrays: "conv1.weight" `[out, in, 3, 3]`; "bn1.weight", "bn1.bias", "bn1.running_mean" and
        "bn1.running_var" `[C]`; the same in blocks, prefixed by "layer1.0." to "layer3.8.";
        "linear.weight" `[K, 64]` and "linear.bias" `[K]`.

    Raises:
      UserError: an array is missing, has the wrong shape, or is not part of the architecture.
    """
    left = {name for name in arrays if not name.endswith("num_batches_tracked")}
    for layer in (layer for layer in model.layers if layer.name != "normalise" and layer.weights):
        values = []
        for weight, part in zip(layer.weights, _PARTS[type(layer)], strict=True):
            name = f"{layer.name}.{part}"
            if name not in arrays:
                raise UserError(
                    f"--import_weights has no array {name!r}, which --architecture=resnet56 needs."
                )
            value = np.asarray(arrays[name])
            value = value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T
            if value.shape != tuple(weight.shape):
                raise UserError(
                    f"--import_weights has an array {name!r} of shape {value.shape}, but "
                    f"--architecture=resnet56 needs shape {tuple(weight.shape)}."
                )
            values.append(value)
            left.discard(name)
        layer.set_weights(values)
    if left:
        raise UserError(
            f"--import_weights has an array {min(left)!r}, which --architecture=resnet56 does not."
        )


_PARTS = {
    keras.layers.Conv2D: ("weight",),
    keras.layers.BatchNormalization: ("weight", "bias", "running_mean", "running_var"),
    keras.layers.Dense: ("weight", "bias"),
}


def _conv(x, width, stride, name, norm):
    x = keras.layers.ZeroPadding2D(1, name=f"{name}.pad")(x)
    x = keras.layers.Conv2D(
        width, 3, stride, use_bias=False, kernel_initializer="he_normal", name=name
    )(x)
    return keras.layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=norm)(x)


def _block(x, width, stride, name):
    y = keras.layers.ReLU(name=f"{name}.relu1")(
        _conv(x, width, stride, f"{name}.conv1", f"{name}.bn1")
    )
    y = _conv(y, width, 1, f"{name}.conv2", f"{name}.bn2")
    if stride > 1:
        missing = width - x.shape[-1]
        channels = [missing // 2, missing - missing // 2]
        x = keras.ops.pad(x[:, ::stride, ::stride], [[0, 0], [0, 0], [0, 0], channels])
    return keras.layers.ReLU(name=f"{name}.relu2")(keras.layers.Add(name=f"{name}.add")([x, y]))
