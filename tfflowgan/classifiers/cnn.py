"""A small convolutional network for greyscale digits and clothes: 460,000 parameters on 28x28x1.

    conv 5x5 C, pool -> conv 3x3 2C, pool -> conv 3x3 2C -> dense 4C (the features) -> dropout 1/2 -> dense K, softmax

C = 32; every convolution is followed by batch normalisation and ReLU, pooling is the maximum over 2x2. Ours: the published
Flow-GAN scores rest on an MNIST classifier that was never published.
"""

import keras

__all__ = ["RECIPE", "build", "optimizer"]

RECIPE = {"epochs": 12, "batch_size": 128, "learning_rate": 1e-3, "early_stopping": 5}


def build(image_shape: tuple[int, int, int], classes: int, width: int = 32) -> keras.Model:
    """Builds the network; see `tfflowgan.classifiers.build`.

    Args:
      image_shape: `(H, W, C)`, any size from 4x4 up.
      classes: K.
      width: channels of the first convolution.
    """
    layers = keras.layers
    images = x = keras.Input(image_shape)
    for i, (channels, kernel, pooled) in enumerate(((width, 5, True), (2 * width, 3, True), (2 * width, 3, False))):
        x = layers.Conv2D(channels, kernel, padding="same", use_bias=False, kernel_initializer="he_normal", name=f"conv_{i}")(x)
        x = layers.ReLU(name=f"relu_{i}")(layers.BatchNormalization(name=f"norm_{i}")(x))
        if pooled:
            x = layers.MaxPooling2D(name=f"pool_{i}")(x)
    x = layers.Flatten(name="flat")(x)
    features = layers.Dense(4 * width, activation="relu", kernel_initializer="he_normal", name="features")(x)
    probabilities = layers.Dense(classes, activation="softmax", name="last")(layers.Dropout(0.5, name="dropout")(features))
    return keras.Model(images, {"probabilities": probabilities, "features": features}, name="cnn_classifier")


def optimizer(learning_rate) -> keras.optimizers.Optimizer:
    """Adam as it comes, with a number or a schedule."""
    return keras.optimizers.Adam(learning_rate)
