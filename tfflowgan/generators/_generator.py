"""A generator: a Keras model that turns latent vectors from a prior into images.

    x = G(z),  z ~ prior

A `Flow` is a generator with an invertible G and hence a density. Other generators can only sample.
"""

import dataclasses
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan import keras_models, own_code, plugins, units
from tfflowgan.config import FORMAT
from tfflowgan.errors import UserError
from tfflowgan.generators._arguments import check_shape, checked_seeds
from tfflowgan.generators._priors import PRIORS
from tfflowgan.plugins import Part

__all__ = ["Generator", "build_part", "build_spec"]

tfd = tfp.distributions


class Generator(keras_models.Model):
    """Base class of all generators. Subclasses implement `generate`.

    Attributes:
      image_shape: `(H, W, C)`.
      dims: D = H W C, the length of a latent vector.
      spec: everything needed to rebuild the generator (see `build_spec`); for a model that no
        `build` made, the name of its class.
      has_density: whether the generator has a `log_prob`.
    """

    has_density = False

    def __init__(self, image_shape: tuple[int, int, int], prior: str, dtype: str, name: str):
        """Creates what all generators have in common.

        Args:
          image_shape: `(H, W, C)`.
          prior: "normal" or "logistic": the standard distribution, independent for each of the D
            latents.
          dtype: "float32" or "float64".
          name: name of the model, a prefix of its variables' names.

        Raises:
          UserError: there is no such prior.
        """
        super().__init__(name=name, dtype=dtype)
        if prior not in PRIORS:
            raise UserError(f"--prior={prior} is not known; it can be {' or '.join(PRIORS)}.")
        if dtype not in ("float32", "float64"):
            raise UserError(f"--dtype={dtype} is not known; it can be float32, float64.")
        sizes = tuple(image_shape) if isinstance(image_shape, tuple | list) else (image_shape,)
        if len(sizes) != 3 or not all(isinstance(n, int | np.integer) and n > 0 for n in sizes):
            raise UserError(
                f"image_shape={image_shape} must be (H, W, C), three whole numbers greater than 0."
            )
        height, width, channels = map(int, sizes)
        self.image_shape = (height, width, channels)
        self.dims = units.dimensions(self.image_shape)
        self.prior_name = prior
        self.spec = {
            "flow" if self.has_density else "generator": {"python": type(self).__qualname__},
            "image_shape": list(image_shape),
        }
        self.built = True
        # what Keras writes down when it builds a model, from which it derives a signature
        self._build_shapes_dict = {"inputs": (None, *self._input_shape())}
        self._noise_function = tf.function(self._noise, autograph=False, reduce_retracing=True)
        self._generate_function = tf.function(self.generate, autograph=False, reduce_retracing=True)

    def _input_shape(self):
        return (self.dims,)

    @property
    def built_by_name(self) -> bool:
        """Whether `spec` alone is enough to build the generator, without code of the user's own."""
        return not any(isinstance(value, dict) for value in self.spec.values())

    def get_config(self) -> dict[str, Any]:
        """What `from_config` builds the same generator from, as Keras asks for.

        Raises:
          NotImplementedError: the generator was not built by name, and its class does not say what
            it is built from.
        """
        if not self.built_by_name:
            raise NotImplementedError(
                f"{type(self).__name__} cannot be serialized: it was made by code of your own (a "
                "function, a file or a network=), which a copy must not execute; its class needs "
                "get_config and from_config, or use tfflowgan.export and load."
            )
        return {"spec": keras_models.copied(self.spec), "format": FORMAT}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict | None = None) -> "Generator":
        """Builds the generator that `get_config` describes, with new weights."""
        if "spec" in config:
            return build_spec(config["spec"], config.get("format", 3))  # none before format 4
        return cls(**config)

    def generate(self, latents: tf.Tensor, training: bool = False) -> tf.Tensor:
        """Maps latents `[B, D]` to images `[B, H, W, C]`; not traced, for use inside graphs."""
        raise NotImplementedError

    def generate_untracked(self, latents: tf.Tensor) -> tf.Tensor:
        """Returns `generate(latents, training=True)` without updating any running statistics."""
        saved = [(v, tf.identity(v.value)) for v in self.non_trainable_weights]
        images = self.generate(latents, training=True)
        for variable, value in saved:
            variable.assign(value)
        return images

    def prior(self) -> tfp.distributions.Distribution:
        """Returns the prior over latent vectors `[D]`."""
        zeros = tf.zeros([self.dims], self.dtype)
        values = PRIORS[self.prior_name](zeros, tf.ones_like(zeros))
        return tfd.Independent(values, reinterpreted_batch_ndims=1)

    def sample(self, n: int, seed: int, temperature: float = 1.0) -> tf.Tensor:
        """Draws images `[n, H, W, C]`; image i depends only on `seed` and i.

        Args:
          n: number of images; the first images are the same for every n.
          seed: 0 to 2^31 - 1.
          temperature: factor for the latents, at least 0.

        Raises:
          ValueError: an argument is out of range.
        """
        return self.decode(self.latents(checked_seeds(n, seed, temperature), temperature))

    def latents(
        self, seeds: tf.Tensor | np.ndarray, temperature: float | tf.Tensor = 1.0
    ) -> tf.Tensor:
        """Draws one latent vector per seed from the prior and multiplies it by the temperature.

        Args:
          seeds: int64, shape `[B]`.
          temperature: one number, or one per seed, shape `[B]`.

        Returns:
          Latents `[B, D]`; row i depends only on `seeds[i]` and its temperature.
        """
        latents = self._noise_function(tf.convert_to_tensor(seeds, tf.int64))
        return latents * tf.reshape(tf.cast(temperature, self.dtype), [-1, 1])

    def decode(self, latents: tf.Tensor | np.ndarray) -> tf.Tensor:
        """Maps latents `[B, D]` to images `[B, H, W, C]`; traced."""
        return self._generate_function(self._checked(latents, (self.dims,), "latents"))

    def astype(self, dtype: str) -> "Generator":
        """Returns a copy of the generator, with its weights, in "float32" or "float64".

        Raises:
          UserError: a model of the user's own has no option `dtype`, or no function builds it.
        """
        # Networks of lower precision would defeat the purpose of float64.
        double = dtype == "float64" and "network_dtype" in self.spec
        changes: dict[str, Any] = {} if dtype == self.dtype else {"dtype": dtype}
        changes |= {"network_dtype": None} if double else {}
        part = getattr(self, "_part", None)
        if part is None:
            other = build_spec(self.spec, **changes)
        else:  # has the functions of the user's own, which may be in no file
            options = part.options | plugins.refuse_unknown(changes, part.options, self.name)
            other = build_part(dataclasses.replace(part, options=options), self.image_shape)
        other.set_weights_from(self)
        return other

    def exact(self) -> "Generator":
        """Returns a copy in float64, or the generator itself if there can be none.

        That is so if it already is in float64, and if a model of the user's own has no option
        `dtype`.
        """
        can = self.dtype != "float64" and "dtype" in self.spec
        return self.astype("float64") if can else self

    def set_weights_from(self, other: "Generator") -> None:
        """Copies the weights of a generator of the same architecture; its dtype may differ."""
        pairs = zip(other.get_weights(), self.weights, strict=True)
        self.set_weights([np.asarray(value, variable.dtype) for value, variable in pairs])

    def _noise(self, seeds):
        rows = PRIORS[self.prior_name].rows
        return rows(self.dims, tf.bitcast(seeds, tf.int32), self.dtype)

    def _checked(self, tensor, event_shape, argument):
        tensor = tf.convert_to_tensor(tensor)
        if tensor.dtype.is_integer:
            raise TypeError(
                f"{argument} has dtype {tensor.dtype.name} but must be floating-point; "
                "tfflowgan.units.dequantize converts pixels, and Flow.bits_per_dim takes them."
            )
        if not (tensor.dtype.is_floating or tensor.dtype.is_integer):
            raise TypeError(f"{argument} has dtype {tensor.dtype.name} but must be floating-point.")
        check_shape(tensor, event_shape, argument)
        return tf.cast(tensor, self.dtype)


def build_part(part: Part, image_shape: tuple[int, int, int]) -> Generator:
    """Builds a new generator, whose `spec` holds all it was built from.

    Args:
      part: a flow, or a generator without a density, with all its options.
      image_shape: `(H, W, C)`.

    Raises:
      UserError: the architecture does not allow such images or options, or the user's own
        function returns something else.
    """
    part = part.loaded()
    generator = part.build(tuple(image_shape))
    _check(generator, part, image_shape)
    options = {name: plugins.written(value) for name, value in part.options.items()}
    spec = {part.flag: plugins.written(part.name), "image_shape": list(image_shape), **options}
    code = own_code.digests(spec.values())
    generator.spec = spec | ({"code": code} if code else {})
    generator._part = part
    return generator


def build_spec(spec: dict[str, Any], written: int = FORMAT, **changes: Any) -> Generator:
    """Builds a new generator from another one's `spec`, with changes.

    Args:
      spec: from `Generator.spec`, or a file that holds one; a file of code that it names must
        not have changed since.
      written: the format of that file; an option that it lacks means what it meant then.
      **changes: options that are to differ; "flow" or "generator" is another function that builds
        the model.

    Raises:
      UserError: no such architecture or option, or one that must be given again; a file of code
        has changed or may not be executed.
      KeyError: the spec is not one.
    """
    flag = "flow" if "flow" in spec else "generator"
    name = changes.pop(flag, spec[flag])
    options = {n: value for n, value in spec.items() if n not in (flag, "image_shape", "code")}
    options = plugins.former(f"{flag}s", name, written) | options | changes
    _refuse_missing({flag: name} | options)
    recorded, otherwise = spec.get("code", {}), f", or give {flag}= or network= in Python"
    values = own_code.found_again({flag: name} | options, recorded)
    own_code.refuse_changed(values, recorded, "the model", otherwise)
    part = plugins.choose(f"{flag}s", values.pop(flag), flag, values)
    return build_part(part, spec["image_shape"])


def _refuse_missing(values):
    """Refuses functions that were given in Python and that no file holds."""
    for name, value in values.items():
        if isinstance(value, dict):
            raise UserError(
                f"the model was made with {name}={value.get('python')}, which no file holds; give "
                f"the same function again, as in tfflowgan.load(path, {name}=...)."
            )


def _check(generator, part, image_shape):
    """Checks what a function of the user's own returned."""
    if not callable(part.name):
        return
    density = part.flag == "flow"
    found = f"a value of type {type(generator).__name__}"
    fits = isinstance(generator, Generator) and generator.has_density >= density
    if fits and generator.image_shape != tuple(image_shape):
        fits, found = False, f"a model of images {list(generator.image_shape)}"
    if not fits:
        wanted = "Flow" if density else "Generator"
        raise UserError(
            f"--{part.flag}={plugins.title(part.name)} must return a tfflowgan {wanted} of images "
            f"{list(image_shape)}; it returned {found}."
        )
