"""Where in an image each term of its log-density comes from.

The layers of these flows do not mix positions. A coupling layer, a logit or a scaling changes every
value where it stands, by a function of the others, and what lies between only moves values. So each
latent z_i belongs to one value of the image, and with s_ki the log-derivative that layer k adds at
that value,

    log p(x) = sum_i [log p(z_i) + sum_k s_ki]

is a sum over the values of the image, exactly. The term of a value is not its own density: the
networks of the coupling layers make it depend on the whole image.

The exception is `ChannelMixing`. It mixes the channels of one position, which after a squeeze are a
block of pixels. Within a block, only the sum of the terms is exact.
"""

import functools
from typing import Any

import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan.bijectors.affine import Affine
from tfflowgan.bijectors.channel_mixing import ChannelMixing
from tfflowgan.bijectors.checkerboard_coupling import CheckerboardCoupling
from tfflowgan.bijectors.flow_bijector import FlowBijector
from tfflowgan.bijectors.logit import Logit
from tfflowgan.bijectors.multi_scale import MultiScale
from tfflowgan.bijectors.scaling import Scaling
from tfflowgan.bijectors.split_coupling import SplitCoupling
from tfflowgan.bijectors.squeeze import Squeeze

__all__ = ["inverse_in_place"]

tfb = tfp.bijectors
State = tuple[Any, Any, Any]  # values, log-derivatives, places
_CHAIN = type(tfb.Chain([Squeeze()]))  # TFP makes another class of a chain than `tfb.Chain`


def inverse_in_place(
    bijector: tfp.bijectors.Bijector, images: tf.Tensor
) -> tuple[tf.Tensor, tf.Tensor]:
    """The inverse, with latents and log-derivatives where they belong in the image.

    Args:
      bijector: of a flow, from latents `[B, D]` to images.
      images: `[B, H, W, C]`.

    Returns:
      Latents and log-derivatives, both `[B, H, W, C]`. The latents are those of
      `bijector.inverse(images)` in another order, and the sum of the log-derivatives of an image is
      its `inverse_log_det_jacobian`.

    Raises:
      NotImplementedError: a layer is none of this package's that keep positions.
    """
    size = tf.shape(images)
    count = tf.reduce_prod(size[1:])
    places = tf.cast(tf.reshape(tf.range(count), [1, *images.shape[1:]]), images.dtype)
    values, terms, places = _inverse(bijector, images, tf.zeros_like(images), places)
    order = tf.argsort(tf.reshape(places, [-1]))

    def back(moved):
        return tf.reshape(tf.gather(tf.reshape(moved, [size[0], count]), order, axis=1), size)

    return back(values), back(terms)


@functools.singledispatch
def _inverse(bijector: Any, values: Any, terms: Any, places: Any) -> State:
    """One layer: values, the log-derivatives so far, and places `[1, ...]`, all in one order."""
    raise NotImplementedError(f"{type(bijector).__name__} does not say where its terms belong.")


@_inverse.register(FlowBijector)
def _(bijector: Any, values: Any, terms: Any, places: Any) -> State:
    return _inverse(bijector.bijectors[0], values, terms, places)


@_inverse.register(_CHAIN)
def _(bijector: Any, values: Any, terms: Any, places: Any) -> State:
    for part in bijector.bijectors:
        values, terms, places = _inverse(part, values, terms, places)
    return values, terms, places


@_inverse.register(Squeeze)
@_inverse.register(tfb.Reshape)
@_inverse.register(tfb.Permute)
def _(bijector: Any, values: Any, terms: Any, places: Any) -> State:
    return bijector.inverse(values), bijector.inverse(terms), bijector.inverse(places)


@_inverse.register(MultiScale)
def _(bijector: Any, values: Any, terms: Any, places: Any) -> State:
    state, factored_out = (values, terms, places), []
    for level in bijector.levels:
        state = _inverse(level, *state)
        if level is not bijector.levels[-1]:
            halves = [tf.split(part, 2, axis=-1) for part in state]
            state = tuple(half[0] for half in halves)
            factored_out.append(tuple(_flat(half[1]) for half in halves))
    parts = [tuple(map(_flat, state)), *reversed(factored_out)]
    return tuple(tf.concat(kind, axis=-1) for kind in zip(*parts, strict=True))


@_inverse.register(Affine)
@_inverse.register(ChannelMixing)
@_inverse.register(CheckerboardCoupling)
@_inverse.register(Scaling)
def _(bijector: Any, values: Any, terms: Any, places: Any) -> State:
    values = bijector.inverse(values)
    return values, terms - bijector.log_scale, places


@_inverse.register(SplitCoupling)
def _(bijector: Any, values: Any, terms: Any, places: Any) -> State:
    values = bijector.inverse(values)
    if bijector.log_scale is None:
        return values, terms, places
    return values, terms - bijector.in_place(bijector.log_scale), places


@_inverse.register(Logit)
def _(bijector: Any, values: Any, terms: Any, places: Any) -> State:
    return bijector.inverse(values), terms + bijector.log_derivatives(values), places


def _flat(images):
    return tf.reshape(images, [tf.shape(images)[0], -1])
