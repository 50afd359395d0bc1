"""Danihelka et al. (2017): NVP1 on MNIST by WGAN plus likelihood (Figures 15 and 16)."""

from tfflowgan.presets import _danihelka

PRESET = _danihelka.MNIST | _danihelka.COMBINED | {"levels": 1}
