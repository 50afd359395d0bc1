"""Variational auto-encoders with exact encoder densities, and discriminators that estimate the KL.

(Danihelka et al., 2017, appendix A.)
"""

from tfflowgan import keras_backend  # noqa: F401  accepts only the TensorFlow backend
