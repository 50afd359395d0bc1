"""What the presets of Grover et al. (2018) share. "code" is the paper's published code and commands."""

MNIST = {
    "dataset": "mnist",
    "flow": "nice",  # logistic prior (appendix A), logit alpha 1e-7 (code): the flow's defaults
    "layers": 6,  # code; NICE itself has five
    "width": 1000,  # code
    "batch_norm": True,  # code: scalar batch norm before every layer
    "flips": False,  # code
    "batch_size": 100,  # code
    "beta2": 0.9,  # code
    "decay": "constant",  # code
    "warmup_steps": 0,  # code has none
    "clip_norm": 0.0,  # code has none
}

CIFAR10 = {
    "dataset": "cifar10",
    "flow": "real_nvp",  # 64 channels, 8 blocks, weight norm (code): the flow's defaults
    "logit_alpha": 1e-7,  # code; the flow's own 0.05 is that of Dinh et al.
    "batch_norm": True,  # code: per channel
    "flips": True,  # code
    "batch_size": 64,  # code
    "beta2": 0.9,  # code
    "warmup_steps": 0,  # code has none
    "clip_norm": 0.0,  # code has none
}

ADVERSARY = {
    "critic_steps": 5,  # code
    "reuse_batch": True,  # code: one batch of images and one of latents for the five updates and the generator's step
    "penalty_weight": 10.0,  # code
    "penalty_axes": "columns",  # code: the norm runs over axis 1 of [B, H, W, C] alone
}
