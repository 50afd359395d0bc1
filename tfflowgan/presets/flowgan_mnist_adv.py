"""Flow-GAN's MNIST model trained by WGAN-GP, as in the published command (Grover et al., 2018).

The paper reports a MODE score of 9.24 and a test NLL of -1604.09 nats (Table 1).
"""

from tfflowgan.presets import _flowgan

PRESET = (
    _flowgan.MNIST
    | _flowgan.ADVERSARY
    | {
        "objective": "wgan_gp",
        "critic": "flowgan_mnist",  # code
        "epochs": 500,  # code
        "learning_rate": 1e-4,  # code
        "beta1": 0.5,  # code
    }
)
