"""A first run: NICE on MNIST by maximum likelihood for four minutes, half as wide as Flow-GAN's."""

PRESET = {
    "dataset": "mnist",
    "objective": "mle",
    "flow": "nice",
    "width": 500,  # ours: a quarter of the arithmetic of 1,000
    "batch_size": 100,  # Flow-GAN's code
    "epochs": 100,  # more of MNIST than fit into "minutes"; all of the embedded digits
    "minutes": 4.0,
    "early_stopping": 10,  # the 5,000 embedded digits are soon overfitted
    "learning_rate": 5e-4,  # ours: as in nice_mnist_mle
    "beta2": 0.9,  # Flow-GAN's code
    "decay": "constant",  # early stopping may end it at any step
    "warmup_steps": 200,  # ours
    "monitor_steps": 0,  # every epoch, as early stopping counts them
}
