"""NICE on MNIST by WGAN-GP and likelihood together for fifteen minutes on two cores: our recipe for Flow-GAN's hybrid."""

from tfflowgan.presets import _nice_mnist

PRESET = _nice_mnist.ADVERSARIAL | {
    "objective": "hybrid",
    "adversary": "wgan_gp",
    "nll_weight": 0.1,  # Flow-GAN's paper (Table 1)
    "minutes": 15.0,
}
