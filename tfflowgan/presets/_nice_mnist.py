"""Settings common to our adversarial presets for NICE on MNIST.

They are Flow-GAN's, but with a correct gradient penalty and new images for every critic update. See
`docs/results/nice_mnist_objectives.md` for the results.
"""

ADVERSARIAL = {
    "dataset": "mnist",
    "flow": "nice",
    "batch_norm": True,  # Flow-GAN's code; without it, WGAN-GP saturates all pixels in 75 steps
    "batch_size": 100,  # Flow-GAN's code
    "critic": "flowgan_mnist",  # Flow-GAN's code
    "critic_steps": 5,  # Flow-GAN's code
    "learning_rate": 1e-4,  # Flow-GAN's code
    "beta1": 0.5,  # Flow-GAN's code
    "beta2": 0.9,  # Flow-GAN's code
    "decay": "constant",  # Flow-GAN's code
    "warmup_steps": 0,  # Flow-GAN's code has none
    "clip_norm": 0.0,  # Flow-GAN's code has none
    "epochs": 100,  # more than fit into "minutes"
    "monitor_steps": 50,  # 30 seconds
}
