"""Danihelka et al. (2017, section 4): NVP3 on CelebA at 32x32 by WGAN with the fast learning critic, two updates a step.

With `--critic=dcgan` it is the other curve of Figure 12.
"""

from tfflowgan.presets import _danihelka

PRESET = _danihelka.CELEB_A | _danihelka.FAST_LEARNING
