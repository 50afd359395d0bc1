"""Danihelka et al. (2017): NVP3 on MNIST by WGAN with the fast learning critic (section 4).

The critic gets two updates per step. `--critic=dcgan` trains the other curve of Figure 12.
"""

from tfflowgan.presets import _danihelka

PRESET = _danihelka.MNIST | _danihelka.FAST_LEARNING
