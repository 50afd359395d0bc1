"""NICE on MNIST by WGAN-GP for fifteen minutes on two cores: our recipe for Flow-GAN's adversarial run."""

from tfflowgan.presets import _nice_mnist

PRESET = _nice_mnist.ADVERSARIAL | {"objective": "wgan_gp", "minutes": 15.0}
