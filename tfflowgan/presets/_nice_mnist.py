"""What our adversarial recipes for NICE on MNIST share: Flow-GAN's settings with a correct penalty and fresh images.

See `docs/results/nice_mnist_objectives.md` for what came out of them.
"""

ADVERSARIAL = {
    "dataset": "mnist",
    "flow": "nice",
    "batch_norm": True,  # Flow-GAN's code; without, WGAN-GP saturates all pixels within 75 steps (measured)
    "batch_size": 100,  # Flow-GAN's code
    "critic": "flowgan_mnist",  # Flow-GAN's code
    "critic_steps": 5,  # Flow-GAN's code
    "learning_rate": 1e-4,  # Flow-GAN's code
    "beta1": 0.5,  # Flow-GAN's code
    "beta2": 0.9,  # Flow-GAN's code
    "decay": "constant",  # Flow-GAN's code
    "warmup_steps": 0,  # Flow-GAN's code has none
    "clip_norm": 0.0,  # Flow-GAN's code has none
    "epochs": 100,  # the minutes end it before
    "monitor_steps": 50,  # half a minute
}
