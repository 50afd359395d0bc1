"""Settings common to the presets of Danihelka et al. (2017).

`--levels=1`, `2`, `3` are the paper's NVP1, NVP2, NVP3. The paper specifies the coupling layers,
the residual blocks and the WGAN settings. It does not specify the widths, the maximum-likelihood
settings, the weight of the combined loss or the training time. Settings that the paper does not
specify are marked "ours". One architecture serves maximum likelihood and WGAN.
"""

NVP = {
    "flow": "nvp",
    "levels": 3,  # section 2.1; NVP3, whose samples Figure 2 shows
    "blocks": 4,  # section 2.1
    "width": 16,  # ours; doubles with each level
    "layer_norm": False,  # section 2.1: no normalization
    "zero_start": "blocks",  # ours: the paper does not mention initial weights
    "learned_bound": True,  # Dinh et al. (2017), section 4.1; the paper does not mention a bound
    "mixing": False,  # the paper mentions none
    "logit_alpha": 0.0,  # section 2.4: pixels are divided by 256, and no logit is mentioned
    "prior": "normal",  # section 2.1
    "batch_size": 64,  # section 2.2
    "monitor_steps": 0,  # ours: every epoch
}

MNIST = NVP | {"dataset": "mnist", "epochs": 100}  # epochs: ours, not run to the end

CELEB_A = NVP | {
    "dataset": "celeb_a",  # section 2.3
    "image_size": 32,  # section 2.3
    "flips": True,  # section 2.3
    "epochs": 60,  # ours, not run
}

MLE = {
    "objective": "mle",
    "optimizer": "adam",  # ours
    "learning_rate": 5e-4,  # ours
    "decay": "cosine",  # ours
    "warmup_steps": 200,  # ours
    "clip_norm": 1000.0,  # ours
}

_CRITIC = {
    "critic": "dcgan",  # section 2.2
    "critic_width": 64,  # the original WGAN's code
    "critic_steps": 5,  # section 2.2
    "burst_steps": 100,  # section 2.2
    "burst_first": 25,  # section 2.2
    "burst_every": 500,  # section 2.2
    "reuse_batch": False,  # the original WGAN's code
}

# The original WGAN's code has no learning rate schedule and no gradient clipping.
_UNSCHEDULED = {"decay": "constant", "warmup_steps": 0, "clip_norm": 0.0}

WGAN = (
    _CRITIC
    | _UNSCHEDULED
    | {
        "objective": "wgan",
        "optimizer": "rmsprop",  # the original WGAN's code
        "learning_rate": 5e-5,  # section 2.2
        "rho": 0.99,  # the original WGAN's code: the default of its library
        "epsilon": 1e-8,  # the original WGAN's code: the default of its library
        "clip_weights": 0.01,  # section 2.2
        "critic_norm": "batch",  # the original WGAN's code
    }
)

FAST_LEARNING = WGAN | {
    "critic": "fast_learning",  # section 4.1
    "critic_steps": 2,  # section 4.2; bursts as in WGAN
    "independent_critic": True,  # section 4.2
}

WGAN_GP = (
    _CRITIC
    | _UNSCHEDULED
    | {
        "objective": "wgan_gp",
        "optimizer": "adam",  # Gulrajani et al. (2017), Algorithm 1
        "learning_rate": 1e-4,  # Gulrajani et al. (2017), Algorithm 1
        "beta1": 0.0,  # Gulrajani et al. (2017), Algorithm 1
        "beta2": 0.9,  # Gulrajani et al. (2017), Algorithm 1
        "penalty_weight": 10.0,  # Gulrajani et al. (2017), Algorithm 1
        "critic_norm": "layer",  # Gulrajani et al. (2017), section 4
    }
)

COMBINED = WGAN | {
    "objective": "hybrid",
    "adversary": "wgan",
    "nll_weight": 1e-5,  # ours: see docs/results/cifar10_nvp1_wgan.md
}
