"""Flow-GAN's CIFAR-10 model trained by WGAN-GP plus likelihood (Grover et al., 2018).

The settings are those of the published command. The paper reports an Inception score of 3.90 and
4.21 bits/dim on the test images (Table 2).
"""

from tfflowgan.presets import _flowgan

PRESET = (
    _flowgan.CIFAR10
    | _flowgan.ADVERSARY
    | {
        "objective": "hybrid",
        "adversary": "wgan_gp",
        "nll_weight": 20.0,  # code; the paper has 1 (Table 2)
        "critic": "flowgan_cifar10",  # code
        "epochs": 500,  # code
        "learning_rate": 1e-3,  # code
        "beta1": 0.5,  # code
        "decay": "exponential",  # code
        "decay_rate": 0.99999,  # code
    }
)
