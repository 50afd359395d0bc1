"""Flow-GAN's MNIST model by maximum likelihood, as the paper and its published command have it (Grover et al., 2018).

The paper reports a test NLL of -3334.56 nats (Table 1). See `nice_mnist_mle` for a recipe that gets there in minutes.
"""

PRESET = {
    "dataset": "mnist",
    "objective": "mle",
    "flow": "nice",  # logistic prior (appendix A), logit alpha 1e-7 (code): the flow's defaults
    "layers": 6,  # code; NICE itself has five
    "width": 1000,  # code
    "batch_norm": True,  # code: scalar batch norm before every layer
    "flips": False,  # code
    "batch_size": 100,  # code
    "epochs": 500,  # code
    "learning_rate": 1e-4,  # code
    "beta1": 0.5,  # code
    "beta2": 0.9,  # code
    "decay": "constant",  # code
    "warmup_steps": 0,  # code has none
    "clip_norm": 0.0,  # code has none
}
