"""Seeds: every random number is a function of the run's seed, its stream, and where it is used.

    TensorFlow    the seed folded with the stream, then with step, update, ...    `stateless_seed`
    NumPy         a generator seeded with [seed, stream, batch]                   `numpy_generator`

So training resumes at any step, and an evaluation at any part, with the very same numbers. Below is
the table of all streams. Never change a number in it: interrupted runs would continue with other
batches, and published results could not be repeated. tests/datasets/test_streams.py pins what each
stream draws.
"""

import numpy as np
import tensorflow as tf

from tfflowgan import draws

__all__ = ["numpy_generator", "stateless_seed"]

# TensorFlow streams, and what follows them
ORDER = 0  # epoch: the order of the training images
NOISE = 1  # step: dequantization noise of the training images
FLIPS = 2  # step: which training images are flipped
EVALUATION = 3  # block, draw: dequantization noise of evaluation images
LATENTS = 4  # step: latents of the generator's own steps
CRITIC = 5  # critic, step, update: all that a critic is updated with
EXTRA = 6  # step: latents of extra images for a conditional critic
BINARY = 100  # step: binary training images
ENCODER_NOISE = 101  # step: noise of the encoder's own steps
DISCRIMINATOR_ENCODER_NOISE = 102  # step: noise of the encoder in updates of discriminators
DISCRIMINATOR_PRIOR = 103  # step: latents of the prior in updates of discriminators

# Critics, the first number after CRITIC
BURST = 0  # the training critic, in its usual updates and in bursts
INDEPENDENT = 1  # updates of a run's independent critic
READING = 2  # images that a run's independent critic is read on

# NumPy streams: independent critics in evaluations
CRITIC_REAL = 0  # batch: real images of updates
CRITIC_GENERATED = 1  # batch: generated images of updates
READING_REAL = 2  # batch: real images that the critic is read on
READING_GENERATED = 3  # batch: generated images that the critic is read on
READING_ORDER = 99  # stream: the order of images of which each is used once

# NumPy streams: measurements of variational auto-encoders, nothing follows them
BINARY_EVALUATION = 100  # binary images
ENCODER_EVALUATION = 101  # noise of the encoder


def stateless_seed(seed: int, *parts: int | tf.Tensor) -> tf.Tensor:
    """The seed of one stateless draw, int32 `[2]`.

    Args:
      seed: the run's.
      parts: the stream, then where in it: integers, or integer tensors of shape `[]`.
    """
    folded = tf.constant([seed, 0], tf.int32)
    for part in parts:
        folded = draws.fold_in(folded, part)
    return folded


def numpy_generator(seed: int, *parts: int) -> np.random.Generator:
    """The NumPy generator of one draw; arguments as for `stateless_seed`, none negative."""
    return np.random.default_rng([seed, *parts])
