"""Danihelka et al. (2017): NVP1 on 32x32 CelebA by WGAN plus likelihood (Figures 15 and 16)."""

from tfflowgan.presets import _danihelka

PRESET = _danihelka.CELEB_A | _danihelka.COMBINED | {"levels": 1}
