"""NICE on MNIST by maximum likelihood in a quarter of an hour on two cores: our recipe for Flow-GAN's architecture.

Narrower networks, which fit an epoch into seconds and learn less by heart; without batch norm, with a larger learning rate that
a cosine takes to zero.
"""

PRESET = {
    "dataset": "mnist",
    "objective": "mle",
    "flow": "nice",
    "width": 256,  # ours; Flow-GAN's 1,000 are worse after 20 epochs than 256 after 120, in less time
    "layers": 5,  # ours; Flow-GAN's code has 6
    "batch_norm": False,  # ours: an image's density then never depends on its neighbours
    "batch_size": 100,  # Flow-GAN's
    "epochs": 120,  # ours: see docs/results/nice_mnist_mle.md
    "learning_rate": 5e-4,  # ours: five times Flow-GAN's
    "beta1": 0.9,  # ours
    "beta2": 0.9,  # Flow-GAN's
    "decay": "cosine",  # ours
    "warmup_steps": 100,  # ours: two seconds, for safety
    "clip_norm": 0.0,  # ours: norms settle at 300 to 500
}
