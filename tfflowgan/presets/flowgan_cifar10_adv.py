"""Flow-GAN's CIFAR-10 model trained by WGAN-GP, as in the published command (Grover et al., 2018).

The paper reports an Inception score of 5.76 and 8.53 bits/dim on the test images (Table 2).
"""

from tfflowgan.presets import _flowgan

PRESET = (
    _flowgan.CIFAR10
    | _flowgan.ADVERSARY
    | {
        "objective": "wgan_gp",
        "critic": "flowgan_cifar10",  # code
        "epochs": 300,  # code
        "learning_rate": 1e-4,  # code
        "beta1": 0.5,  # code
        "decay": "constant",  # code
    }
)
