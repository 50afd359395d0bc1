"""The fast learning critic f(x, xe) of Danihelka et al. (2017, section 4, Figures 10 and 11).

    e        = conv(mean over xe of h(xe))            the embedding of the generator's distribution, [1, H / 4, W / 4, 2 width]
    h        = [conv 4x4 stride 2 -> leaky ReLU -> + gated] twice,   gated(a, b) = tanh(a) sigmoid(b),  (a, b) = conv 3x3
    f(x, xe) = the DCGAN critic of x, with e added after its second convolution and normalisation

xe are extra images of the generator. The critic is told what the generator makes now, instead of finding it out by gradient
descent, and needs fewer updates. With zeros in place of e it is the DCGAN critic. The weights of e are not clipped, and nothing
is learned by the generator through xe.

Images of 4 pixels or less have one strided convolution, and e is added to that. Figure 11 leaves open how many channels there
are, where exactly e is added, and what its second plain convolution is for; our e is added after the normalisation, which would
otherwise take its mean over the image away, and starts at zero, so that a new critic is the DCGAN critic. The gated layer is
Figure 10's, with no convolution after the product.
"""

import keras

from tfflowgan.critics import _layers, dcgan
from tfflowgan.critics._conditional import ConditionalCritic

__all__ = ["PENALISED_NORM", "build"]

PENALISED_NORM = dcgan.PENALISED_NORM


def build(image_shape: tuple[int, int, int], width: int = 64, norm: str = "batch", dtype="float32") -> ConditionalCritic:
    """Builds the critic.

    Args:
      image_shape: `(H, W, C)`, any size.
      width: channels of the first convolutions of both parts.
      norm: "batch", "layer" or "none", of the features of x; those of xe have none.
      dtype: of its weights.
    """
    start = keras.initializers.RandomNormal(0.0, 0.02)
    extra = keras.Input(image_shape, dtype=dtype)
    hidden = keras.layers.Rescaling(2.0, -1.0, dtype=dtype, name="rescale_extra")(extra)
    for i in range(min(2, _layers.halvings(image_shape))):
        hidden = _layers.conv(width * 2**i, 4, 2, dtype, f"extra_conv_{i}", True, start)(hidden)
        hidden = _layers.LeakyReLU(dtype, f"extra_relu_{i}")(hidden)
        hidden = _gated_residual(hidden, dtype, f"gated_{i}", start)
    features = keras.Model(extra, hidden, name="extra_features")
    mean = keras.Input(batch_shape=(1, *features.output_shape[1:]), dtype=dtype)
    embedding = keras.Model(mean, _layers.conv(mean.shape[-1], 3, 1, dtype, "embedding", True, "zeros")(mean), name="embedding")
    images = keras.Input(image_shape, dtype=dtype)
    bias = keras.Input(batch_shape=embedding.output_shape, dtype=dtype)
    scores = keras.Model([images, bias], dcgan.scores(images, width, norm, dtype, bias), name="scores")
    return ConditionalCritic(features, embedding, scores, dtype, name="fast_learning_critic")


def _gated_residual(features, dtype, name, start):
    """The features plus tanh(a) sigmoid(b) (van den Oord et al., 2016, without their masks)."""
    both = _layers.conv(2 * features.shape[-1], 3, 1, dtype, name, True, start)(features)
    channels = features.shape[-1]
    gate = keras.ops.tanh(both[..., :channels]) * keras.ops.sigmoid(both[..., channels:])
    return keras.layers.Add(dtype=dtype, name=f"{name}_residual")([features, gate])
