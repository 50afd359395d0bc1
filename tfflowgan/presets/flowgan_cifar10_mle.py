"""Flow-GAN's CIFAR-10 model by maximum likelihood, as its published command has it (Grover et al., 2018).

The paper reports 3.54 bits/dim on the test images (Table 2). Their command normalises with the statistics of each batch even in
evaluation; here evaluation uses running means, so that an image's density does not depend on its neighbours.
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
