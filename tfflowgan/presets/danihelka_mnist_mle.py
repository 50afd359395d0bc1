"""Danihelka et al. (2017): NVP3 on MNIST by maximum likelihood.

`--levels=1` and `--levels=2` train NVP1 and NVP2.
"""

from tfflowgan.presets import _danihelka

PRESET = _danihelka.MNIST | _danihelka.MLE
