"""A small convolutional network for MNIST and Fashion-MNIST: 460,000 parameters for 28x28x1 images.

    conv 5x5 C, pool -> conv 3x3 2C, pool -> conv 3x3 2C
    -> dense 4C (the features) -> dropout 1/2 -> dense K, softmax

C = 32. Batch normalization and ReLU follow every convolution; pooling is 2x2 max pooling. The
architecture is ours, because the MNIST classifier behind Flow-GAN's scores was never published.
"""

import keras

__all__ = ["RECIPE", "build", "optimizer"]

RECIPE = {"epochs": 12, "batch_size": 128, "learning_rate": 1e-3, "early_stopping": 5}


def build(image_shape: tuple[int, int, int], classes: int, width: int = 32) -> keras.Model:
    """Builds the network; see `tfflowgan.classifiers.build`.

    Args:
      image_shape: `(H, W, C)`, at least 4x4.
      classes: K, the number of classes.
      width: channels of the first convolution.
    """
    layers = keras.layers
    images = x = keras.Input(image_shape)
    stages = ((width, 5, True), (2 * width, 3, True), (2 * width, 3, False))
    for i, (channels, kernel, pooled) in enumerate(stages):
        conv = layers.Conv2D(
            channels,
            kernel,
            padding="same",
            use_bias=False,
            kernel_initializer="he_normal",
            name=f"conv_{i}",
        )
        x = conv(x)
        x = layers.ReLU(name=f"relu_{i}")(layers.BatchNormalization(name=f"norm_{i}")(x))
        if pooled:
            x = layers.MaxPooling2D(name=f"pool_{i}")(x)
    x = layers.Flatten(name="flat")(x)
    hidden = layers.Dense(
        4 * width, activation="relu", kernel_initializer="he_normal", name="features"
    )
    features = hidden(x)
    dropped = layers.Dropout(0.5, name="dropout")(features)
    probabilities = layers.Dense(classes, activation="softmax", name="last")(dropped)
    outputs = {"probabilities": probabilities, "features": features}
    return keras.Model(images, outputs, name="cnn_classifier")


def optimizer(
    learning_rate: float | keras.optimizers.schedules.LearningRateSchedule,
) -> keras.optimizers.Optimizer:
    """Returns Adam with Keras' defaults and the given learning rate or schedule."""
    return keras.optimizers.Adam(learning_rate)
