"""Danihelka et al. (2017): NVP3 (--levels=1, 2 for NVP1, NVP2) on MNIST by WGAN with weight clipping."""

from tfflowgan.presets import _danihelka

PRESET = _danihelka.MNIST | _danihelka.WGAN
