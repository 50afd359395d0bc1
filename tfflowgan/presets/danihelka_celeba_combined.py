"""Danihelka et al. (2017): NVP1 on CelebA at 32x32 by WGAN and likelihood together (Figures 15 and 16)."""

from tfflowgan.presets import _danihelka

PRESET = _danihelka.CELEB_A | _danihelka.COMBINED | {"levels": 1}
