"""NICE on MNIST by maximum likelihood in about twenty minutes on two cores: our recipe for Flow-GAN's architecture.

Without batch norm, with a larger learning rate that a cosine takes to zero.
"""

PRESET = {
    "dataset": "mnist",
    "objective": "mle",
    "flow": "nice",
    "batch_norm": False,  # ours: an image's density then never depends on its neighbours
    "batch_size": 100,  # Flow-GAN's
    "epochs": 20,  # ours: see docs/results/nice_mnist_mle.md
    "learning_rate": 5e-4,  # ours: five times Flow-GAN's
    "beta1": 0.9,  # ours
    "beta2": 0.9,  # Flow-GAN's
    "decay": "cosine",  # ours
    "warmup_steps": 100,  # ours: ten seconds, for safety
    "clip_norm": 0.0,  # ours: norms settle at 250 to 500
}
