"""Flow-GAN's MNIST model trained by WGAN-GP plus likelihood (Grover et al., 2018).

The settings are those of the published command. The paper reports a MODE score of 9.37 and a test
NLL of -3342.95 nats (Table 1).
"""

from tfflowgan.presets import _flowgan

PRESET = (
    _flowgan.MNIST
    | _flowgan.ADVERSARY
    | {
        "objective": "hybrid",
        "adversary": "wgan_gp",
        "nll_weight": 1.0,  # code; the paper has 0.1 (Table 1)
        "critic": "flowgan_mnist",  # code
        "epochs": 500,  # code
        "learning_rate": 1e-4,  # code
        "beta1": 0.5,  # code
    }
)
