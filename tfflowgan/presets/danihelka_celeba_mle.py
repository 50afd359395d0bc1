"""Danihelka et al. (2017): NVP3 (--levels=1, 2 for NVP1, NVP2) on CelebA at 32x32 by maximum likelihood."""

from tfflowgan.presets import _danihelka

PRESET = _danihelka.CELEB_A | _danihelka.MLE
