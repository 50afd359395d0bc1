"""Flow-GAN's MNIST model trained by maximum likelihood (Grover et al., 2018).

The settings are those of the paper and its published command. The paper reports a test NLL of
-3334.56 nats (Table 1). The preset `nice_mnist_mle` gets there in minutes.
"""

from tfflowgan.presets import _flowgan

PRESET = _flowgan.MNIST | {
    "objective": "mle",
    "epochs": 500,  # code
    "learning_rate": 1e-4,  # code
    "beta1": 0.5,  # code
}
