"""What `nvp` and `real_nvp` share: levels of affine couplings with residual networks, on `MultiScale`.

A level is a plan, read from the images inwards:

    Level(checkerboard=3, channel_wise=3)     3 checkerboard couplings, squeeze, 3 channel-wise; half of the channels leave
    Level(checkerboard=7)                     a last level: 7 checkerboard couplings, no squeeze; nothing leaves

Each coupling's network gives (t, r); the log-scale is r bounded softly, s = limit tanh(r / limit): r itself where it is small.
"""

import dataclasses

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.bijectors.checkerboard_coupling import CheckerboardCoupling
from tfflowgan.bijectors.multi_scale import MultiScale
from tfflowgan.bijectors.split_coupling import SplitCoupling
from tfflowgan.bijectors.squeeze import Squeeze
from tfflowgan.errors import UserError
from tfflowgan.flows._flow import Flow

__all__ = ["Level", "MultiScaleFlow"]

tfb = tfp.bijectors


@dataclasses.dataclass(frozen=True)
class Level:
    """How many couplings of each kind; with channel-wise ones comes a squeeze."""

    checkerboard: int
    channel_wise: int = 0


class MultiScaleFlow(Flow):
    """Levels of affine couplings over images whose height and width the squeezes divide."""

    def __init__(
        self, image_shape, plan, make_network, prior, logit_alpha, dtype, name, recompute, limit=2.0, learned_limit=False
    ):
        """Makes the networks.

        Args:
          image_shape: `(H, W, C)`.
          plan: a `Level` each, from the images inwards.
          make_network: (inputs, outputs, level, name) -> a Keras network over images.
          prior: as in `Flow`.
          logit_alpha: as in `Flow`.
          dtype: as in `Flow`.
          name: as in `Flow`.
          recompute: compute the networks once more for their gradients, and keep none of their features until then.
          limit: bound of the log-scales.
          learned_limit: one bound a coupling, a weight that starts at `limit`.
        """
        super().__init__(image_shape, prior, logit_alpha, dtype, name)
        _check_size(image_shape, sum(level.channel_wise > 0 for level in plan), name)
        self.plan, self._recompute = plan, recompute
        self.networks, self.limits, self._shapes = [], [], []
        height, width, channels = image_shape
        for i, level in enumerate(plan):
            outside = (height, width, channels)
            labels = [f"level_{i}_checkerboard_{j}" for j in range(level.checkerboard)]
            sizes = [(channels, 2 * channels)] * level.checkerboard
            if level.channel_wise:
                height, width, channels = height // 2, width // 2, 4 * channels
                labels += [f"level_{i}_channel_wise_{j}" for j in range(level.channel_wise)]
                sizes += [(channels // 2, channels)] * level.channel_wise
            self._shapes.append((outside, (height, width, channels)))
            for label, (inputs, outputs) in zip(labels, sizes, strict=True):
                self.networks.append(make_network(inputs, outputs, i, label))
                self.limits.append(self._limit(label, limit, learned_limit))
            channels //= 2

    def image_bijector(self, training):
        networks = iter(zip(self.networks, self.limits, strict=True))
        levels = []
        for i, (level, (outside, _)) in enumerate(zip(self.plan, self._shapes, strict=True)):
            inwards = []
            for j in range(level.checkerboard):
                network, limit = next(networks)
                affine = self._affine(network, limit, training)
                inwards.append(CheckerboardCoupling(affine, outside, j % 2 == 1, self.dtype, network.name))
            inwards += [Squeeze(self.dtype)] if level.channel_wise else []
            for j in range(level.channel_wise):
                network, limit = next(networks)
                affine = self._affine(network, limit, training)
                inwards.append(SplitCoupling(affine, 3, j % 2 == 1, self.dtype, network.name))
            levels.append(tfb.Chain(inwards, name=f"level_{i}"))  # a chain's own name lists all it holds, in every node
        return MultiScale(levels, self.image_shape, [inside for _, inside in self._shapes], self.dtype)

    def _limit(self, label, limit, learned):
        if not learned:
            return limit
        return self.add_weight(shape=(), initializer=keras.initializers.Constant(limit), name=f"{label}_limit")

    def _affine(self, network, limit, training):
        def run(features):
            return network(features, training=training)

        run = tf.recompute_grad(run) if self._recompute and training else run

        def shift_and_log_scale(features):
            shift, raw = tf.split(tf.cast(run(features), self.dtype), 2, axis=-1)
            bound = tf.cast(limit, self.dtype)
            return shift, bound * tf.tanh(raw / bound)

        return shift_and_log_scale


def _check_size(image_shape, squeezes, name):
    height, width, _ = image_shape
    factor = 2**squeezes
    if height % factor == 0 and width % factor == 0:
        return
    sizes = {max(1, height // factor) * factor, (height // factor + 1) * factor}
    near = " or ".join(f"{n}x{n}" for n in sorted(sizes))
    raise UserError(
        f"--flow={name} with {squeezes} squeezes needs a height and a width that {factor} divides, and {height}x{width} "
        f"is not; {near} would do{', or fewer --levels' if name == 'nvp' else ''}."
    )
