"""Our preset for Flow-GAN's hybrid: NICE on MNIST by WGAN-GP plus likelihood.

Training takes 15 minutes on two cores.
"""

from tfflowgan.presets import _nice_mnist

PRESET = _nice_mnist.ADVERSARIAL | {
    "objective": "hybrid",
    "adversary": "wgan_gp",
    "nll_weight": 0.1,  # Flow-GAN's paper (Table 1)
    "minutes": 15.0,
}
