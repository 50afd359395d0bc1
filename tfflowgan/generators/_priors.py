"""Priors over latents: TFP's distributions, whose draws are the same in every kind of program."""

import numpy as np
import tensorflow as tf
import tensorflow_probability as tfp

from tfflowgan import draws

__all__ = ["PRIORS"]

tfd = tfp.distributions


class _Normal(tfd.Normal):
    """TFP's `Normal`, drawn by `tfflowgan.draws`."""

    def _sample_n(self, n, seed=None):
        sampled = draws.normal(_shape(self, n), _stateless(seed), self.dtype.name)
        return sampled * self.scale + self.loc

    @staticmethod
    def rows(count, seeds, dtype):
        """Standard draws `[B, count]`, row i as `sample([count], seeds[i])`."""
        return draws.normal_rows(count, seeds, dtype)


class _Logistic(tfd.Logistic):
    """TFP's `Logistic`, drawn by `tfflowgan.draws`."""

    def _sample_n(self, n, seed=None):
        u = draws.uniform(_shape(self, n), _stateless(seed), self.dtype.name)
        return _quantile(u) * self.scale + self.loc

    @staticmethod
    def rows(count, seeds, dtype):
        """Standard draws `[B, count]`, row i as `sample([count], seeds[i])`."""
        return _quantile(draws.uniform_rows(count, seeds, dtype))


PRIORS = {"normal": _Normal, "logistic": _Logistic}


def _quantile(u):
    u += np.finfo(u.dtype.as_numpy_dtype).tiny  # in (0, 1)
    return tf.math.log(u) - tf.math.log1p(-u)


def _shape(distribution, n):
    return tf.concat([[n], distribution.batch_shape_tensor()], axis=0)


def _stateless(seed):
    return tfp.random.sanitize_seed(seed)
