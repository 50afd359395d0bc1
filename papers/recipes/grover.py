"""Flow-GAN's runs (Grover et al., 2018)."""

from papers.recipes.recipe import CLASSIFIER, SCORED, SCORED_CIFAR10, SMOKE_SCORED, From, Recipe
from tfflowgan.presets import nice_mnist_wgan_gp

__all__ = ["RECIPES"]


def _nice() -> dict[str, Recipe]:
    """Flow-GAN's MNIST models: NICE with likelihood, WGAN-GP and both; and DCGAN generators."""
    small = {"width": 256, "layers": 5}  # as the preset
    tiny = SMOKE_SCORED | {"flow": "nice", "width": 16, "layers": 1, "couplings": 2}
    critic = {"critic": "flowgan_mnist", "critic_width": 4}
    # our preset without its time limit: about as long as MLE
    preset = {name: value for name, value in nice_mnist_wgan_gp.PRESET.items() if name != "minutes"}
    adv = preset | SCORED | {"epochs": 5, "monitor_steps": 100}
    adversarial = {name: value for name, value in adv.items() if name != "objective"}
    start = {"init_from": From("mnist_nice_mle"), "batch_norm": False}
    # Ours: the new critic is trained first, and the generator slowly. At 1e-4 a trained generator
    # is destroyed within 100 steps (measured).
    careful = start | {"burst_steps": 50, "burst_first": 25, "critic_learning_rate": 1e-4}
    gentle = {"learning_rate": 3e-5, "decay": "cosine"}  # ours: as for MLE
    hybrid = adversarial | {"objective": "hybrid", "adversary": "wgan_gp"} | careful | gentle
    alike = (
        "dataset",
        "flow",
        "batch_size",
        "beta1",
        "beta2",
        "warmup_steps",
        "clip_norm",
        "epochs",
        "monitor_steps",
    )
    longer = (
        SCORED | {name: adversarial[name] for name in alike} | {"objective": "mle"} | start | gentle
    )
    runs = {
        "mnist_nice_mle": Recipe(
            {
                "smoke": tiny | {"objective": "mle"},
                "laptop": {"preset": "nice_mnist_mle"} | SCORED,
                "paper": {"preset": "flowgan_mnist_mle"} | SCORED,
            }
        ),
        "mnist_nice_adv": Recipe(
            {
                "smoke": tiny | critic | {"objective": "wgan_gp"},
                "laptop": adv | small | {"epochs": 20},  # from new weights; 100 minutes of one core
                "paper": {"preset": "flowgan_mnist_adv"} | SCORED,
            }
        ),
        "mnist_nice_adv_from_mle": Recipe({"laptop": adv | careful | {"learning_rate": 1e-5}}),
        "mnist_nice_mle_longer": Recipe({"laptop": longer}),  # the effect of longer training alone
        "mnist_nice_hybrid": Recipe(
            {
                "smoke": tiny
                | critic
                | {"objective": "hybrid", "init_from": From("mnist_nice_mle")},
                "laptop": hybrid | {"nll_weight": 0.1},
                "paper": {"preset": "flowgan_mnist_hybrid", "nll_weight": 0.1} | SCORED,
            },
        ),
    }
    for weight in (0.01, 1.0, 10.0):  # 0.1 is the run above
        here = {"laptop": hybrid | {"nll_weight": weight}} if weight < 10 else {}
        runs[f"mnist_nice_weight_{weight:g}"] = Recipe(
            here
            | {
                "smoke": tiny
                | critic
                | {
                    "objective": "hybrid",
                    "nll_weight": weight,
                    "init_from": From("mnist_nice_mle"),
                },
                "paper": {"preset": "flowgan_mnist_hybrid", "nll_weight": weight} | SCORED,
            }
        )
    return runs | _dcgan("mnist", "flowgan_mnist", 3, {"epochs": 500, "batch_size": 100})


def _dcgan(dataset: str, critic: str, epochs: int, papers: dict) -> dict[str, Recipe]:
    """DCGAN generators with as many latents as pixels (Flow-GAN, section 5.1), two divergences.

    The paper does not state how they were trained; at paper scale they train for as many epochs and
    with the same batch size as its flows.
    """
    common = {"generator": "dcgan", "critic": critic, "prior": "normal"}
    ours = {
        "optimizer": "adam",
        "learning_rate": 1e-4,
        "beta1": 0.5,
        "beta2": 0.9,
        "decay": "constant",
        "warmup_steps": 0,
    }
    ours |= {"clip_norm": 0.0}
    runs = {}
    objectives = {
        "wasserstein": {"objective": "wgan_gp"},
        "js": {"objective": "gan", "generator_loss": "non_saturating"},
    }
    for name, objective in objectives.items():
        smoke = (
            SMOKE_SCORED
            | common
            | objective
            | {"width": 4, "critic": "flowgan_mnist", "critic_width": 4}
        )
        here = {"dataset": dataset, "classifier": CLASSIFIER[dataset]} | common | ours | objective
        small = {
            "width": 32,
            "critic_width": 32,
            "epochs": epochs,
            "batch_size": 64,
            "monitor_steps": 100,
        }
        runs[f"{dataset}_dcgan_{name}"] = Recipe(
            {"smoke": smoke, "laptop": here | small, "paper": here | papers}
        )
    # What training is compared with; otherwise as the last of them. At this rate a step of Adam
    # moves a weight by 1e-9. The running means of batch normalization settle in 50 steps (0.9^50 =
    # 0.5 % of the start is left).
    rest = {"learning_rate": 1e-9}
    short = rest | {"steps": 50, "monitor_steps": 50, "critic_steps": 1}
    runs[f"{dataset}_dcgan_untrained"] = Recipe(
        {
            "smoke": smoke | rest,
            "laptop": here | {k: v for k, v in small.items() if k != "epochs"} | short,
            "paper": here | {k: v for k, v in papers.items() if k != "epochs"} | short,
        }
    )
    return runs


def _real_nvp() -> dict[str, Recipe]:
    """Flow-GAN's CIFAR-10 models: real NVP with likelihood, WGAN-GP and both."""
    tiny = SMOKE_SCORED | {"flow": "real_nvp", "width": 4, "blocks": 1}
    critic = {"critic": "flowgan_mnist", "critic_width": 4}
    data = {"dataset": "cifar10", "flips": True} | SCORED_CIFAR10
    # The flow and the settings of bin/train by default: twenty minutes of two free cores reach 3.79
    # bits/dim (docs/results/real_nvp.md).
    small = data | {"flow": "real_nvp"}
    mle = {"objective": "mle", "epochs": 3, "monitor_steps": 140}
    ours = {"optimizer": "adam", "beta2": 0.9, "warmup_steps": 0, "clip_norm": 0.0}
    ours |= {"batch_size": 64}
    adversary = ours | {
        "critic": "flowgan_cifar10",
        "critic_width": 32,
        "beta1": 0.5,
        "monitor_steps": 35,
    }
    # At the paper's 1e-4, samples were still an untrained flow's noise after 385 steps, and at this
    # rate the score still rose after 1,124 (both measured, on the real NVP of version 0.1.0). Four
    # epochs are 2,812 steps, with 40 readings of the score.
    fast = {"learning_rate": 1e-3, "critic_learning_rate": 3e-4, "decay": "constant"}
    fast |= {"epochs": 4, "monitor_steps": 70}
    start = {"init_from": From("cifar10_real_nvp_mle")}
    # as on MNIST: the new critic is trained first, the generator slowly
    careful = (
        adversary
        | start
        | {"burst_steps": 50, "burst_first": 25, "critic_learning_rate": 1e-4, "epochs": 1}
    )
    # At weight 0.1 the likelihood's gradient was 400 times the critic's (norms of 2,000 and 5,
    # measured on the real NVP of version 0.1.0), which amounts to maximum likelihood.
    gentle = {"learning_rate": 1e-4, "decay": "cosine", "epochs": 1}
    hybrid = data | careful | gentle | {"objective": "hybrid", "adversary": "wgan_gp"}
    runs = {
        "cifar10_real_nvp_mle": Recipe(
            {
                "smoke": tiny | {"objective": "mle"},
                "laptop": small | mle,
                "paper": {"preset": "flowgan_cifar10_mle"} | SCORED_CIFAR10,
            }
        ),
        "cifar10_real_nvp_adv": Recipe(
            {
                "smoke": tiny | critic | {"objective": "wgan_gp"},
                "laptop": small | adversary | fast | {"objective": "wgan_gp"},
                "paper": {"preset": "flowgan_cifar10_adv"} | SCORED_CIFAR10,
            }
        ),
        "cifar10_real_nvp_adv_from_mle": Recipe(
            {
                "laptop": data
                | careful
                | {"objective": "wgan_gp", "learning_rate": 1e-5, "decay": "constant"}
            }
        ),
        "cifar10_real_nvp_mle_longer": Recipe(
            {
                "laptop": data
                | ours
                | start
                | gentle
                | {"objective": "mle", "beta1": 0.5, "monitor_steps": 35}
            }
        ),
        "cifar10_real_nvp_hybrid": Recipe(
            {
                "smoke": tiny | critic | {"objective": "hybrid", "nll_weight": 1.0},
                "laptop": hybrid | {"nll_weight": 1e-3},
                "paper": {"preset": "flowgan_cifar10_hybrid", "nll_weight": 1.0} | SCORED_CIFAR10,
            }
        ),
    }
    # Flow-GAN's weight of 1 may come out as maximum likelihood, so its own scale has a sweep too.
    # Of weights 0.001 and 1, one is the run above, at either scale.
    tiny_hybrid = tiny | critic | {"objective": "hybrid"}
    scales = {0.0001: ("laptop",), 0.001: ("smoke", "laptop", "paper")}
    scales |= {0.01: ("smoke", "laptop", "paper"), 0.1: ("paper",), 1.0: ("paper",)}
    for weight, its in scales.items():
        flags = {
            "smoke": tiny_hybrid | {"nll_weight": weight},
            "laptop": hybrid | {"nll_weight": weight},
            "paper": {"preset": "flowgan_cifar10_hybrid", "nll_weight": weight} | SCORED_CIFAR10,
        }
        runs[f"cifar10_weight_{weight:g}"] = Recipe({scale: flags[scale] for scale in its})
    return runs | _dcgan("cifar10", "flowgan_cifar10", 5, {"epochs": 300, "batch_size": 64})


RECIPES = _nice() | _real_nvp()
