"""Flow-GAN's MNIST model by maximum likelihood, as the paper and its published command have it (Grover et al., 2018).

The paper reports a test NLL of -3334.56 nats (Table 1). See `nice_mnist_mle` for a recipe that gets there in minutes.
"""

from tfflowgan.presets import _flowgan

PRESET = _flowgan.MNIST | {
    "objective": "mle",
    "epochs": 500,  # code
    "learning_rate": 1e-4,  # code
    "beta1": 0.5,  # code
}
