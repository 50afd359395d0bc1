"""The runs behind the artefacts: a command of `bin/` and its flags, at each scale.

    smoke    tiny networks on the 5,000 digits that a package ships, whatever images the paper had: does it run
    laptop   what two cores do in minutes to 100 minutes a run; CIFAR-10 in place of CelebA, smaller networks
    paper    the papers' own settings where they give any, for GPUs; the rest is ours, as here and the presets say

A run that is missing at a scale is left out of its artefacts, which say so. Two names with equal flags are one run (at smoke
scale faces are digits). `From` puts another run's folder into a flag.
"""

import dataclasses

from tfflowgan.presets import _nice_mnist

__all__ = ["RECIPES", "From", "Recipe"]


@dataclasses.dataclass(frozen=True)
class From:
    """The folder of another run, in the place of a flag's value."""

    run: str


@dataclasses.dataclass(frozen=True)
class Recipe:
    """A run.

    Attributes:
      flags: of its command at each scale where it is run.
      command: of `bin/`.
      seeds: how many at laptop scale; 1 elsewhere.
    """

    flags: dict[str, dict]
    command: str = "train"
    seeds: int = 1


_CLASSIFIER = {"mnist": "saved_models/mnist_classifier", "cifar10": "saved_models/cifar10_classifier"}
_SCORED = {"classifier": _CLASSIFIER["mnist"]}
_SCORED_CIFAR10 = {"classifier": _CLASSIFIER["cifar10"]}
_SMOKE = {"dataset": "mnist", "data_source": "embedded", "limit": 120, "batch_size": 20, "epochs": 1, "monitor_steps": 1}
_SMOKE_SCORED = _SMOKE | _SCORED | {"score_samples": 40}


def _nice():
    """Flow-GAN's MNIST models: NICE by likelihood, WGAN-GP, both; and DCGAN generators beside them."""
    small = {"width": 256, "layers": 5}  # as the preset
    tiny = _SMOKE_SCORED | {"flow": "nice", "width": 16, "layers": 1, "couplings": 2}
    critic = {"critic": "flowgan_mnist", "critic_width": 4}
    adversarial = _nice_mnist.ADVERSARIAL | _SCORED | {"epochs": 5, "monitor_steps": 100}  # as long as MLE, in minutes
    adv = adversarial | {"objective": "wgan_gp"}
    start = {"init_from": From("mnist_nice_mle"), "batch_norm": False}
    # ours: a new critic learns first, and the generator slowly; at 1e-4 a trained one is lost within 100 steps (measured)
    careful = start | {"burst_steps": 50, "burst_first": 25, "critic_learning_rate": 1e-4}
    gentle = {"learning_rate": 3e-5, "decay": "cosine"}  # ours: the rate ends at 0, as that of MLE does
    hybrid = adversarial | {"objective": "hybrid", "adversary": "wgan_gp"} | careful | gentle
    alike = ("dataset", "flow", "batch_size", "beta1", "beta2", "warmup_steps", "clip_norm", "epochs", "monitor_steps")
    longer = _SCORED | {name: adversarial[name] for name in alike} | {"objective": "mle"} | start | gentle
    runs = {
        "mnist_nice_mle": Recipe(
            {
                "smoke": tiny | {"objective": "mle"},
                "laptop": {"preset": "nice_mnist_mle"} | _SCORED,
                "paper": {"preset": "flowgan_mnist_mle"} | _SCORED,
            }
        ),
        "mnist_nice_adv": Recipe(
            {
                "smoke": tiny | critic | {"objective": "wgan_gp"},
                "laptop": adv | small | {"epochs": 20},  # new weights take longer: 100 minutes of a core
                "paper": {"preset": "flowgan_mnist_adv"} | _SCORED,
            }
        ),
        "mnist_nice_adv_from_mle": Recipe({"laptop": adv | careful | {"learning_rate": 1e-5}}),
        "mnist_nice_mle_longer": Recipe({"laptop": longer}),  # what more training alone gives
        "mnist_nice_hybrid": Recipe(
            {
                "smoke": tiny | critic | {"objective": "hybrid", "init_from": From("mnist_nice_mle")},
                "laptop": hybrid | {"nll_weight": 0.1},
                "paper": {"preset": "flowgan_mnist_hybrid", "nll_weight": 0.1} | _SCORED,
            },
        ),
    }
    for weight in (0.01, 1.0, 10.0):  # 0.1 is the run above
        here = {"laptop": hybrid | {"nll_weight": weight}} if weight < 10 else {}
        runs[f"mnist_nice_weight_{weight:g}"] = Recipe(
            here
            | {
                "smoke": tiny | critic | {"objective": "hybrid", "nll_weight": weight, "init_from": From("mnist_nice_mle")},
                "paper": {"preset": "flowgan_mnist_hybrid", "nll_weight": weight} | _SCORED,
            }
        )
    return runs | _dcgan("mnist", "flowgan_mnist", 3, {"epochs": 500, "batch_size": 100})


def _dcgan(dataset, critic, epochs, papers):
    """DCGAN generators with as many latents as pixels, under Wasserstein and Jensen-Shannon (Flow-GAN, section 5.1).

    The paper does not say how they were trained; at its own scale they have the lengths and batches of its flows.
    """
    common = {"generator": "dcgan", "critic": critic, "prior": "normal"}
    ours = {"optimizer": "adam", "learning_rate": 1e-4, "beta1": 0.5, "beta2": 0.9, "decay": "constant", "warmup_steps": 0}
    ours |= {"clip_norm": 0.0}
    runs = {}
    objectives = {"wasserstein": {"objective": "wgan_gp"}, "js": {"objective": "gan", "generator_loss": "non_saturating"}}
    for name, objective in objectives.items():
        smoke = _SMOKE_SCORED | common | objective | {"width": 4, "critic": "flowgan_mnist", "critic_width": 4}
        here = {"dataset": dataset, "classifier": _CLASSIFIER[dataset]} | common | ours | objective
        small = {"width": 32, "critic_width": 32, "epochs": epochs, "batch_size": 64, "monitor_steps": 100}
        runs[f"{dataset}_dcgan_{name}"] = Recipe({"smoke": smoke, "laptop": here | small, "paper": here | papers})
    return runs


def _real_nvp():
    """Flow-GAN's CIFAR-10 models: real NVP by likelihood, WGAN-GP, both."""
    tiny = _SMOKE_SCORED | {"flow": "real_nvp", "width": 4, "blocks": 1}
    critic = {"critic": "flowgan_mnist", "critic_width": 4}
    data = {"dataset": "cifar10", "flips": True, "batch_size": 64} | _SCORED_CIFAR10
    small = data | {"flow": "real_nvp", "width": 16, "blocks": 2}
    ours = {"optimizer": "adam", "beta2": 0.9, "warmup_steps": 0, "clip_norm": 0.0}
    mle = ours | {"objective": "mle", "learning_rate": 1e-3, "epochs": 8, "decay": "cosine", "warmup_steps": 100}
    mle |= {"monitor_steps": 70}
    adversary = ours | {"critic": "flowgan_cifar10", "critic_width": 32, "beta1": 0.5, "monitor_steps": 35}
    # at 1e-4, the paper's, samples were an untrained flow's noise still after 385 steps (measured)
    fast = {"learning_rate": 1e-3, "critic_learning_rate": 3e-4, "decay": "constant", "epochs": 4}
    start = {"init_from": From("cifar10_real_nvp_mle")}
    # as on MNIST: a new critic learns first, the generator slowly
    careful = adversary | start | {"burst_steps": 50, "burst_first": 25, "critic_learning_rate": 1e-4, "epochs": 2}
    # at weight 0.1 the likelihood's gradient is 400 times the critic's (norms of 2,000 and 5, measured): MLE with another name
    gentle = {"learning_rate": 1e-4, "decay": "cosine", "epochs": 2}
    return {
        "cifar10_real_nvp_mle": Recipe(
            {
                "smoke": tiny | {"objective": "mle"},
                "laptop": small | mle,
                "paper": {"preset": "flowgan_cifar10_mle"} | _SCORED_CIFAR10,
            }
        ),
        "cifar10_real_nvp_adv": Recipe(
            {
                "smoke": tiny | critic | {"objective": "wgan_gp"},
                "laptop": small | adversary | fast | {"objective": "wgan_gp"},
                "paper": {"preset": "flowgan_cifar10_adv"} | _SCORED_CIFAR10,
            }
        ),
        "cifar10_real_nvp_adv_from_mle": Recipe(
            {"laptop": data | careful | {"objective": "wgan_gp", "learning_rate": 1e-5, "decay": "constant"}}
        ),
        "cifar10_real_nvp_mle_longer": Recipe(
            {"laptop": data | ours | start | gentle | {"objective": "mle", "beta1": 0.5, "monitor_steps": 35}}
        ),
        "cifar10_real_nvp_hybrid": Recipe(
            {
                "smoke": tiny | critic | {"objective": "hybrid", "nll_weight": 1.0},
                "laptop": data | careful | gentle | {"objective": "hybrid", "adversary": "wgan_gp", "nll_weight": 1e-3},
                "paper": {"preset": "flowgan_cifar10_hybrid", "nll_weight": 1.0} | _SCORED_CIFAR10,
            }
        ),
    } | _dcgan("cifar10", "flowgan_cifar10", 5, {"epochs": 300, "batch_size": 64})


def _nvp():
    """Danihelka et al.'s NVP1, NVP2, NVP3 on faces and digits, by likelihood and by WGAN, watched by an independent critic."""
    tiny = _SMOKE | {"width": 4, "blocks": 1, "independent_critic": True}
    tiny_wgan = tiny | {"critic_width": 4, "burst_steps": 6, "burst_first": 1}
    small = {"width": 8, "blocks": 2, "independent_critic": True}
    faces = {"dataset": "cifar10", "flips": True}  # in place of CelebA
    independent = {"independent_critic": True}
    mle, wgan = {"preset": "danihelka_mnist_mle"}, {"preset": "danihelka_mnist_wgan"}
    by_mle = mle | small | faces | {"epochs": 3, "monitor_steps": 84}
    digits_by_mle = mle | small | {"epochs": 1, "monitor_steps": 78}
    # from likelihood's weights, and so with its logit, at the paper's rate; a new critic learns first
    start = {"critic_width": 32, "logit_alpha": 1e-5, "burst_steps": 50, "burst_first": 25}
    by_wgan = wgan | small | faces | start | {"epochs": 1, "monitor_steps": 28}
    # as the paper, from new weights: at its rate they are noise after 150 steps, at ten times that blobs (measured)
    fast = {"critic_width": 32, "burst_first": 5, "learning_rate": 5e-4, "critic_learning_rate": 5e-5}
    new = wgan | small | faces | fast | {"epochs": 3, "monitor_steps": 84}
    runs = {}
    for level in (1, 2, 3):
        levels = {"levels": level}
        of_faces, of_digits = ({"init_from": From(f"{images}_nvp{level}_mle")} for images in ("faces", "mnist"))
        runs[f"faces_nvp{level}_mle"] = Recipe(
            {
                "smoke": mle | tiny | levels,
                "laptop": by_mle | levels,
                "paper": {"preset": "danihelka_celeba_mle"} | independent | levels,
            }
        )
        runs[f"faces_nvp{level}_wgan"] = Recipe(
            {
                "smoke": wgan | tiny_wgan | levels,
                "laptop": by_wgan | levels | of_faces,
                "paper": {"preset": "danihelka_celeba_wgan"} | independent | levels,
            }
        )
        digits = {"smoke": mle | tiny | levels, "paper": mle | independent | levels}
        digits_wgan = {"smoke": wgan | tiny_wgan | levels, "paper": wgan | independent | levels}
        if level < 3:
            digits["laptop"] = digits_by_mle | levels
            digits_wgan["laptop"] = wgan | small | start | levels | of_digits | {"epochs": 1, "monitor_steps": 78}
        runs[f"mnist_nvp{level}_mle"], runs[f"mnist_nvp{level}_wgan"] = Recipe(digits), Recipe(digits_wgan)
        if level != 2:
            runs[f"faces_nvp{level}_wgan_new"] = Recipe({"laptop": new | levels})
    # at the paper's rate NVP3 gets farther from images while it trains, at a fifth of it nearer (measured)
    slow = {"learning_rate": 1e-5, "critic_learning_rate": 5e-5}
    runs["faces_nvp3_wgan_slow"] = Recipe({"laptop": by_wgan | {"levels": 3, "init_from": From("faces_nvp3_mle")} | slow})
    combined, from_mle = {"preset": "danihelka_mnist_combined", "levels": 1}, {"init_from": From("faces_nvp1_mle")}
    runs["faces_nvp1_combined"] = Recipe(
        {
            "smoke": combined | tiny_wgan,
            "laptop": combined | small | faces | start | from_mle | {"nll_weight": 1e-3, "epochs": 1, "monitor_steps": 28},
            "paper": {"preset": "danihelka_celeba_combined"} | independent,
        }
    )
    alike = {"optimizer": "rmsprop", "rho": 0.99, "epsilon": 1e-8, "learning_rate": 5e-5, "decay": "constant", "warmup_steps": 0}
    alike |= {"clip_norm": 0.0, "levels": 1, "epochs": 1, "monitor_steps": 28}
    runs["faces_nvp1_mle_longer"] = Recipe({"laptop": mle | small | faces | from_mle | alike})  # what more training alone gives
    gan = {"flow": "nvp", "levels": 1, "objective": "gan", "critic": "dcgan", "generator_loss": "minimax"}
    gan |= {"optimizer": "adam", "beta1": 0.5, "decay": "constant", "warmup_steps": 0, "clip_norm": 0.0}  # ours
    # with five updates of the critic a step, or bursts, it knows the samples at once and its gradient vanishes (measured)
    here = gan | faces | from_mle | {"learning_rate": 5e-5, "critic_learning_rate": 5e-5, "critic_steps": 1, "critic_width": 32}
    here |= {"batch_size": 64, "epochs": 2, "monitor_steps": 56}
    runs["faces_nvp1_js"] = Recipe(
        {
            "smoke": gan | _SMOKE | {"learning_rate": 1e-4, "width": 4, "blocks": 1, "critic_width": 4},
            "laptop": here,
            "paper": gan
            | {"learning_rate": 1e-4}
            | {"dataset": "celeb_a", "image_size": 32, "width": 16, "epochs": 60, "batch_size": 64, "logit_alpha": 0.0},
        }
    )
    runs["faces_nvp1_js_non_saturating"] = Recipe({"laptop": here | {"generator_loss": "non_saturating"}})
    two = {"preset": "danihelka_mnist_fast_learning", "levels": 1}
    laptop = two | small | faces | start | from_mle | {"burst_first": 5, "epochs": 1, "monitor_steps": 28}
    for critic in ("fast_learning", "dcgan"):
        runs[f"faces_two_steps_{critic}"] = Recipe(
            {
                "smoke": two | tiny_wgan | {"critic": critic},
                "laptop": laptop | {"critic": critic},
                "paper": {"preset": "danihelka_celeba_fast_learning", "critic": critic},
            },
            seeds=2,
        )
    return runs


def _avb():
    """Encoders whose exact KL is known, and what a discriminator says of it (Danihelka et al., appendix A)."""
    tiny = {"dataset": "mnist", "data_source": "embedded", "limit": 200, "batch_size": 50, "epochs": 2, "settle_epochs": 1}
    tiny |= {"width": 16, "latents": 4}
    runs = {}
    for by, discriminator in (("elbo", "none"), ("discriminator", "joint")):
        what = {"encoder": "real_nvp", "discriminator": discriminator}
        runs[f"mnist_avb_by_{by}"] = Recipe(
            {
                "smoke": tiny | what,
                "laptop": {"dataset": "mnist", "latents": 8, "epochs": 8, "settle_epochs": 3} | what,
                "paper": {"dataset": "mnist", "latents": 32, "epochs": 100, "settle_epochs": 20} | what,
            },
            command="train_avb",
            seeds=3,
        )
    return runs


RECIPES: dict[str, Recipe] = _nice() | _real_nvp() | _nvp() | _avb()
