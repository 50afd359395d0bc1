"""Flow-GAN's CIFAR-10 model trained by maximum likelihood (Grover et al., 2018).

The settings are those of the published command. The paper reports 3.54 bits/dim on the test images
(Table 2). The published code normalizes with the statistics of each batch even in evaluation. Here
evaluation uses running statistics, so the density of an image does not depend on the rest of its
batch.
"""

from tfflowgan.presets import _flowgan

PRESET = _flowgan.CIFAR10 | {
    "objective": "mle",
    "epochs": 300,  # code
    "learning_rate": 1e-3,  # code
    "beta1": 0.9,  # code
    "decay": "exponential",  # code
    "decay_rate": 0.999995,  # code
}
