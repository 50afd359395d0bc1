"""Danihelka et al. (2017): NVP3 on 32x32 CelebA by WGAN with weight clipping.

`--levels=1` and `--levels=2` train NVP1 and NVP2.
"""

from tfflowgan.presets import _danihelka

PRESET = _danihelka.CELEB_A | _danihelka.WGAN
