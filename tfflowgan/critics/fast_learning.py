"""The fast learning critic f(x, xe) of Danihelka et al. (2017, section 4, Figures 10 and 11).

    h        = [conv 4x4 stride 2 -> leaky ReLU -> + gated] twice
               gated(a, b) = tanh(a) sigmoid(b),  (a, b) = conv 3x3
    e        = conv(mean over xe of h(xe))        embedding, [1, H / 4, W / 4, 2 width]
    f(x, xe) = the DCGAN critic of x, with e added after its second convolution and normalization

xe are extra samples of the generator, and e is an embedding of the generator's current
distribution. The critic need not learn this distribution by gradient descent, so it takes fewer
updates. With e = 0 it is the DCGAN critic. The weights of e are not clipped, and no gradient flows
to the generator through xe.

Images of at most 4x4 pixels have a single strided convolution, to which e is added. Figure 11 does
not specify the number of channels, where exactly e is added, or the purpose of the second plain
convolution. We add e after the normalization, which would otherwise remove the mean of e over the
image. We initialize e to zero, so a new critic equals the DCGAN critic. The gated layer is that of
Figure 10, without a convolution after the product.
"""

import keras

from tfflowgan.critics import _layers, dcgan
from tfflowgan.critics._conditional import ConditionalCritic

__all__ = ["PENALIZED_NORM", "build"]

PENALIZED_NORM = dcgan.PENALIZED_NORM


def build(
    image_shape: tuple[int, int, int], width: int = 64, norm: str = "batch", dtype: str = "float32"
) -> ConditionalCritic:
    """Builds the critic.

    Args:
      image_shape: `(H, W, C)`, any size.
      width: channels of the first convolution of f and of h.
      norm: "batch", "layer" or "none", the normalization of f; h has none.
      dtype: dtype or dtype policy of the layers.
    """
    start = keras.initializers.RandomNormal(0.0, 0.02)
    full = _layers.weights_dtype(dtype)
    extra = keras.Input(image_shape, dtype=full)
    hidden = keras.layers.Rescaling(2.0, -1.0, dtype=full, name="rescale_extra")(extra)
    for i in range(min(2, _layers.halvings(image_shape))):
        hidden = _layers.conv(width * 2**i, 4, 2, dtype, f"extra_conv_{i}", True, start)(hidden)
        hidden = _layers.LeakyReLU(dtype, f"extra_relu_{i}")(hidden)
        hidden = _gated_residual(hidden, dtype, f"gated_{i}", start)
    features = keras.Model(extra, hidden, name="extra_features")
    mean = keras.Input(batch_shape=(1, *features.output_shape[1:]), dtype=full)
    conv = _layers.conv(mean.shape[-1], 3, 1, dtype, "embedding", True, "zeros")
    embedding = keras.Model(mean, conv(mean), name="embedding")
    images = keras.Input(image_shape, dtype=full)
    bias = keras.Input(batch_shape=embedding.output_shape, dtype=full)
    score = dcgan.scores(images, width, norm, dtype, bias)
    scores = keras.Model([images, bias], score, name="scores")
    return ConditionalCritic(features, embedding, scores, full, name="fast_learning_critic")


def _gated_residual(features, dtype, name, start):
    """Adds tanh(a) sigmoid(b) to the features (van den Oord et al., 2016, without their masks)."""
    both = _layers.conv(2 * features.shape[-1], 3, 1, dtype, name, True, start)(features)
    channels = features.shape[-1]
    gate = keras.ops.tanh(both[..., :channels]) * keras.ops.sigmoid(both[..., channels:])
    return keras.layers.Add(dtype=dtype, name=f"{name}_residual")([features, gate])
