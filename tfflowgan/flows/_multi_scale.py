"""Base class of `nvp` and `real_nvp`: levels of affine coupling layers with residual networks.

A `Level` lists its layers in the order in which an image passes through them:

    Level(checkerboard=3, channel_wise=3)    3 checkerboard couplings, squeeze, 3 channel-wise ones;
                                             half of the channels are factored out
    Level(checkerboard=7)                    last level: 7 checkerboard couplings, no squeeze;
                                             nothing is factored out

With `mixing`, a learned linear map mixes the channels before each channel-wise coupling (see
`ChannelMixing`); it starts as the identity.

The network of each coupling layer returns (t, r). The log-scale is soft-clamped to
s = limit tanh(r / limit), which is close to r if r is small.
"""

import dataclasses
from collections.abc import Callable
from typing import Any

import keras
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan import keras_models
from tfflowgan.bijectors.channel_mixing import ChannelMixing
from tfflowgan.bijectors.checkerboard_coupling import CheckerboardCoupling
from tfflowgan.bijectors.multi_scale import MultiScale
from tfflowgan.bijectors.split_coupling import SplitCoupling
from tfflowgan.bijectors.squeeze import Squeeze
from tfflowgan.errors import UserError
from tfflowgan.flows._flow import Flow
from tfflowgan.generators import Generator

__all__ = ["Level", "MultiScaleFlow"]

tfb = tfp.bijectors


@dataclasses.dataclass(frozen=True)
class Level:
    """The number of coupling layers of each kind; a squeeze precedes the channel-wise ones."""

    checkerboard: int
    channel_wise: int = 0


@keras_models.serializable
class MultiScaleFlow(Flow):
    """A multi-scale flow of affine coupling layers."""

    def __init__(
        self,
        image_shape: tuple[int, int, int],
        plan: list[Level],
        make_network: Callable[[int, int, int, str], keras.Model],
        prior: str,
        logit_alpha: float | None,
        dtype: str,
        name: str,
        recompute: bool,
        limit: float = 2.0,
        learned_limit: bool = False,
        mixing: bool = False,
    ):
        """Creates the networks.

        Args:
          image_shape: `(H, W, C)`; H and W must be divisible by 2 to the power of the number of
            squeezes.
          plan: the levels, starting next to the images.
          make_network: maps (input channels, output channels, level, name) to a Keras network over
            images.
          prior: as in `Flow`.
          logit_alpha: as in `Flow`.
          dtype: as in `Flow`.
          name: as in `Flow`.
          recompute: save memory by computing the networks' features a second time in the backward
            pass instead of storing them.
          limit: bound of the log-scales.
          learned_limit: learn one bound per coupling layer, a weight initialized to `limit`.
          mixing: mix channels (see the module).

        Raises:
          UserError: H or W is not divisible as above.
        """
        super().__init__(image_shape, prior, logit_alpha, dtype, name)
        self._options = {"limit": limit, "learned_limit": learned_limit, "mixing": mixing}
        _check_size(image_shape, sum(level.channel_wise > 0 for level in plan), name)
        self.plan, self._recompute = plan, recompute
        self.networks, self.limits, self.mixings, self._shapes = [], [], [], []
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
            for j, (label, (inputs, outputs)) in enumerate(zip(labels, sizes, strict=True)):
                mixed = mixing and j >= level.checkerboard
                self.networks.append(make_network(inputs, outputs, i, label))
                self.limits.append(self._limit(label, limit, learned_limit))
                self.mixings.append(self._mixing(label, channels) if mixed else [])
            channels //= 2

    def get_config(self) -> dict[str, Any]:
        """What `from_config` builds the flow from: its specification, or each of its networks.

        Raises:
          NotImplementedError: a network of a flow of one's own cannot be serialized.
        """
        if self.built_by_name:
            return super().get_config()
        places, distinct = {}, []  # a network may stand in several coupling layers
        for network in self.networks:
            if id(network) not in places:
                places[id(network)] = len(distinct)
                distinct.append(network)
        return {
            "origin": keras_models.copied(self.spec),
            "image_shape": list(self.image_shape),
            "plan": [dataclasses.asdict(level) for level in self.plan],
            "networks": [_serialized(network) for network in distinct],
            "order": [places[id(network)] for network in self.networks],
            "prior": self.prior_name,
            "logit_alpha": self.logit_alpha,
            "dtype": self.dtype,
            "name": self.name,
            "recompute": self._recompute,
            **self._options,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict | None = None) -> Generator:
        """Builds the flow that `get_config` describes, with new weights."""
        if "spec" in config:
            return super().from_config(config)
        distinct = [
            keras.saving.deserialize_keras_object(network, custom_objects)
            for network in config["networks"]
        ]
        networks = iter(config["order"])

        def make_network(*_):
            return distinct[next(networks)]

        kept = ("networks", "order", "origin")
        others = {k: value for k, value in config.items() if k not in kept}
        others |= {"plan": [Level(**level) for level in config["plan"]]}
        flow = cls(**others, make_network=make_network)
        flow.spec = config["origin"]
        return flow

    def image_bijector(self, training: bool) -> tfp.bijectors.Bijector:
        parts = iter(zip(self.networks, self.limits, self.mixings, strict=True))
        levels = []
        for i, (level, (outside, _)) in enumerate(zip(self.plan, self._shapes, strict=True)):
            inwards = []
            for j in range(level.checkerboard):
                network, limit, _ = next(parts)
                affine = self._affine(network, limit, training)
                flip = j % 2 == 1
                inwards.append(
                    CheckerboardCoupling(affine, outside, flip, self.dtype, network.name)
                )
            inwards += [Squeeze(self.dtype)] if level.channel_wise else []
            for j in range(level.channel_wise):
                network, limit, mixing = next(parts)
                if mixing:
                    triangles, log_scale = mixing
                    inwards.append(ChannelMixing(triangles, log_scale, f"{network.name}_mixing"))
                affine = self._affine(network, limit, training)
                inwards.append(SplitCoupling(affine, 3, j % 2 == 1, self.dtype, network.name))
            # Without a name, the name of every node would list all bijectors of the chain.
            levels.append(tfb.Chain(inwards, name=f"level_{i}"))
        output_shapes = [inside for _, inside in self._shapes]
        return MultiScale(levels, self.image_shape, output_shapes, self.dtype)

    def _limit(self, label, limit, learned):
        if not learned:
            return limit
        initializer = keras.initializers.Constant(limit)
        return self.add_weight(shape=(), initializer=initializer, name=f"{label}_limit")

    def _mixing(self, label, channels):
        return [
            self.add_weight(shape=shape, initializer="zeros", name=f"{label}_mixing_{kind}")
            for kind, shape in (("triangles", (channels, channels)), ("scale", (channels,)))
        ]

    def _affine(self, network, limit, training):
        def run(features):
            return network(features, training=training)

        run = tf.recompute_grad(run) if self._recompute and training else run

        def shift_and_log_scale(features):
            shift, raw = tf.split(tf.cast(run(features), self.dtype), 2, axis=-1)
            bound = tf.cast(limit, self.dtype)
            return shift, bound * tf.tanh(raw / bound)

        return shift_and_log_scale


def _serialized(network):
    try:
        return keras.saving.serialize_keras_object(network)
    except (NotImplementedError, TypeError, ValueError) as error:
        raise NotImplementedError(
            f"the flow cannot be serialized because its network {network.name} cannot: {error}"
        ) from error


def _check_size(image_shape, squeezes, name):
    height, width, _ = image_shape
    factor = 2**squeezes
    if height % factor == 0 and width % factor == 0:
        return
    sizes = {max(1, height // factor) * factor, (height // factor + 1) * factor}
    near = " or ".join(f"{n}x{n}" for n in sorted(sizes))
    fewer = ", or --levels must be smaller" if name in ("nvp", "real_nvp") else ""
    raise UserError(
        f"--flow={name} cannot model {height}x{width} images: height and width must be divisible "
        f"by {factor}, such as {near}{fewer}."
    )
