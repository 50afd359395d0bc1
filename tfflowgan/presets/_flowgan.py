"""Settings common to the presets of Grover et al. (2018); "code" is their published code."""

MNIST = {
    "dataset": "mnist",
    "flow": "nice",  # logistic prior (appendix A), logit alpha 1e-7 (code): the flow's defaults
    "layers": 6,  # code; Dinh et al. (2015) have five
    "width": 1000,  # code
    "batch_norm": True,  # code: scalar batch norm before every layer
    "flips": False,  # code
    "batch_size": 100,  # code
    "beta2": 0.9,  # code
    "decay": "constant",  # code
    "warmup_steps": 0,  # code has none
    "clip_norm": 0.0,  # code has none
    "monitor_steps": 0,  # every epoch
}

CIFAR10 = {
    "dataset": "cifar10",
    "flow": "real_nvp",
    "levels": 2,  # code
    "width": 64,  # code
    "blocks": 8,  # code
    "weight_norm": True,  # code
    "zero_start": "none",  # code: gains of weight normalization start at 1
    "mixing": False,  # code has none
    "logit_alpha": 1e-7,  # code; the flow's default of 0.05 is that of Dinh et al. (2017)
    "batch_norm": True,  # code: per channel
    "layer_norm": False,  # code has none
    "flips": True,  # code
    "batch_size": 64,  # code
    "beta2": 0.9,  # code
    "warmup_steps": 0,  # code has none
    "clip_norm": 0.0,  # code has none
    "monitor_steps": 0,  # every epoch
}

ADVERSARY = {
    "critic_steps": 5,  # code
    "reuse_batch": True,  # code: one batch for five critic updates and the generator's update
    "penalty_weight": 10.0,  # code
    "penalty_axes": "columns",  # code: the norm is taken over axis 1 of [B, H, W, C] alone
}
