"""Variational auto-encoders with exact encoder densities, and discriminators that estimate their KL divergence.

(Danihelka et al., 2017, appendix A.)
"""

from tfflowgan import keras_backend  # noqa: F401  refuses any backend but TensorFlow
