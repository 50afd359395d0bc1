"""A generator: a Keras model that turns latent vectors from a prior into images.

    x = G(z),  z ~ prior

A `Flow` is a generator whose G has an inverse and hence a density; a generator without one still samples.
"""

import operator
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan import plugins, units
from tfflowgan.config import FORMAT
from tfflowgan.errors import UserError
from tfflowgan.plugins import Part

__all__ = ["Generator", "build_part", "build_spec", "image_seeds"]

tfd = tfp.distributions

_PRIORS = {"normal": tfd.Normal, "logistic": tfd.Logistic}


class Generator(keras.Model):
    """Draws images. Subclasses give `generate`.

    Attributes:
      image_shape: `(H, W, C)`.
      dims: D = H W C, the length of a latent vector.
      spec: all it was built from.
      has_density: whether there is a `log_prob`.
    """

    has_density = False

    def __init__(self, image_shape, prior: str, dtype: str, name: str):
        """Makes the parts that all generators share.

        Args:
          image_shape: `(H, W, C)`.
          prior: "normal" or "logistic", standard and independent over the D latents.
          dtype: "float32" or "float64".
          name: prefix of the variables' names.
        """
        super().__init__(name=name, dtype=dtype)
        if prior not in _PRIORS:
            raise UserError(f"--prior={prior} is not known; it can be {' or '.join(_PRIORS)}.")
        self.image_shape = tuple(image_shape)
        self.dims = units.dimensions(image_shape)
        self.prior_name = prior
        self.built = True
        self._noise_function = tf.function(self._noise, autograph=False, reduce_retracing=True)
        self._generate_function = tf.function(self.generate, autograph=False, reduce_retracing=True)

    def generate(self, latents: tf.Tensor, training: bool = False) -> tf.Tensor:
        """The images `[B, H, W, C]` of latents `[B, D]`, untraced: for use inside graphs."""
        raise NotImplementedError

    def generate_untracked(self, latents: tf.Tensor) -> tf.Tensor:
        """The images of `generate(latents, training=True)`, with running statistics left as they are, where networks keep any."""
        kept = [(variable, tf.identity(variable.value)) for variable in self.non_trainable_variables]
        images = self.generate(latents, training=True)
        for variable, value in kept:
            variable.assign(value)
        return images

    def prior(self) -> tfd.Distribution:
        """The prior over latent vectors `[D]`."""
        zeros = tf.zeros([self.dims], self.dtype)
        return tfd.Independent(_PRIORS[self.prior_name](zeros, tf.ones_like(zeros)), reinterpreted_batch_ndims=1)

    def sample(self, n: int, seed: int, temperature: float = 1.0) -> tf.Tensor:
        """Draws images `[n, H, W, C]`; image i depends on (seed, i) alone, so the first of more are the same."""
        return self.decode(self.latents(image_seeds(seed, n), temperature))

    def latents(self, seeds, temperature=1.0) -> tf.Tensor:
        """Draws one latent vector a seed from the prior, times the temperature.

        Args:
          seeds: int64, shape `[B]`.
          temperature: a number, or one a seed, shape `[B]`.

        Returns:
          Shape `[B, D]`; row i is a function of seeds[i] alone.
        """
        latents = self._noise_function(tf.convert_to_tensor(seeds, tf.int64))
        return latents * tf.reshape(tf.cast(temperature, self.dtype), [-1, 1])

    def decode(self, latents) -> tf.Tensor:
        """Maps latents `[B, D]` to images `[B, H, W, C]`."""
        return self._generate_function(self._checked(latents, (self.dims,), "latents"))

    def astype(self, dtype: str) -> "Generator":
        """The same generator with the same weights in "float32" or "float64", as a new model."""
        double = dtype == "float64" and "network_dtype" in self.spec  # networks of lower precision would undo it
        other = build_spec(self.spec, dtype=dtype, **({"network_dtype": None} if double else {}))
        other.set_weights_from(self)
        return other

    def set_weights_from(self, other: "Generator") -> None:
        """Takes the weights of a generator of the same architecture, in whatever dtype."""
        self.set_weights([np.asarray(w, v.dtype) for w, v in zip(other.get_weights(), self.weights, strict=True)])

    def _noise(self, seeds):
        prior = self.prior()
        spec = tf.TensorSpec([self.dims], self.dtype)
        return tf.map_fn(lambda seed: prior.sample(seed=tf.bitcast(seed, tf.int32)), seeds, fn_output_signature=spec)

    def _checked(self, tensor, event_shape, argument):
        tensor = tf.convert_to_tensor(tensor)
        if tensor.dtype.is_integer:
            raise TypeError(
                f"{argument} has dtype {tensor.dtype.name}; a density needs dequantised floating-point values, see "
                "tfflowgan.units.dequantize."
            )
        if tensor.shape.rank != len(event_shape) + 1 or not tensor.shape[1:].is_compatible_with(event_shape):
            raise ValueError(f"{argument} has shape {tuple(tensor.shape)} where (B, {', '.join(map(str, event_shape))}) is due.")
        return tf.cast(tensor, self.dtype)


def image_seeds(seed: int, n: int) -> tf.Tensor:
    """The seeds of images 0..n-1 under one seed: int64 `[n]`, seed * 2^32 + i."""
    try:
        seed = operator.index(seed)  # a NumPy int32 would be shifted to 0
    except TypeError:
        raise UserError(f"--seed={seed} must be a whole number.") from None
    if not 0 <= seed < 2**31:
        raise UserError(f"--seed={seed} must lie in 0..{2**31 - 1}.")
    return tf.constant(seed << 32, tf.int64) + tf.range(n, dtype=tf.int64)


def build_part(part: Part, image_shape: tuple[int, int, int]) -> Generator:
    """Builds a new generator, whose `spec` holds all it was built from.

    Args:
      part: a flow, or a generator without a density, with all its options.
      image_shape: `(H, W, C)`.

    Raises:
      UserError: the architecture does not allow such images or options.
    """
    generator = part.build(tuple(image_shape))
    generator.spec = {part.flag: part.name, "image_shape": list(image_shape), **part.options}
    return generator


def build_spec(spec: dict[str, Any], written: int = FORMAT, **changes: Any) -> Generator:
    """Builds a new generator from another one's `spec`, with changes.

    Args:
      spec: from `Generator.spec`, or a file that holds one.
      written: the format of that file; an option that it lacks means what it meant then.
      **changes: options that are to differ.

    Raises:
      UserError: no such architecture or option.
      KeyError: the spec is not one.
    """
    flag = "flow" if "flow" in spec else "generator"
    options = {name: value for name, value in spec.items() if name not in (flag, "image_shape")}
    options = plugins.former(f"{flag}s", spec[flag], written) | options | changes
    part = plugins.choose(f"{flag}s", spec[flag], flag, options)
    return build_part(part, spec["image_shape"])
