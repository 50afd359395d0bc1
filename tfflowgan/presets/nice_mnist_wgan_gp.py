"""Our preset for Flow-GAN's adversarial run: NICE on MNIST by WGAN-GP.

Training takes 15 minutes on two cores.
"""

from tfflowgan.presets import _nice_mnist

PRESET = _nice_mnist.ADVERSARIAL | {"objective": "wgan_gp", "minutes": 15.0}
