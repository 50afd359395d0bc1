"""Flow-GAN's runs (Grover et al., 2018)."""

from papers.recipes.recipe import CLASSIFIER, SCORED, SCORED_CIFAR10, SMOKE_SCORED, From, Recipe
from tfflowgan.presets import nice_mnist_wgan_gp

__all__ = ["RECIPES"]

# The laptop's runs were made by the real NVP of version 0.1.0.
_BEFORE = {"levels": 2, "weight_norm": True, "layer_norm": False, "mixing": False}


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
    return runs


def _real_nvp() -> dict[str, Recipe]:
    """Flow-GAN's CIFAR-10 models: real NVP with likelihood, WGAN-GP and both."""
    tiny = SMOKE_SCORED | {"flow": "real_nvp", "width": 4, "blocks": 1}
    critic = {"critic": "flowgan_mnist", "critic_width": 4}
    data = {"dataset": "cifar10", "flips": True, "batch_size": 64} | SCORED_CIFAR10
    small = data | {"flow": "real_nvp", "width": 16, "blocks": 2} | _BEFORE
    ours = {"optimizer": "adam", "beta2": 0.9, "warmup_steps": 0, "clip_norm": 0.0}
    mle = ours | {
        "objective": "mle",
        "learning_rate": 1e-3,
        "epochs": 8,
        "decay": "cosine",
        "warmup_steps": 100,
    }
    mle |= {"monitor_steps": 70}
    adversary = ours | {
        "critic": "flowgan_cifar10",
        "critic_width": 32,
        "beta1": 0.5,
        "monitor_steps": 35,
    }
    # At the paper's 1e-4, samples were still an untrained flow's noise after 385 steps (measured).
    fast = {"learning_rate": 1e-3, "critic_learning_rate": 3e-4, "decay": "constant", "epochs": 4}
    start = {"init_from": From("cifar10_real_nvp_mle")}
    # as on MNIST: the new critic is trained first, the generator slowly
    careful = (
        adversary
        | start
        | {"burst_steps": 50, "burst_first": 25, "critic_learning_rate": 1e-4, "epochs": 2}
    )
    # At weight 0.1 the likelihood's gradient is 400 times the critic's (norms of 2,000 and 5,
    # measured), which amounts to maximum likelihood.
    gentle = {"learning_rate": 1e-4, "decay": "cosine", "epochs": 2}
    return {
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
                "laptop": data
                | careful
                | gentle
                | {"objective": "hybrid", "adversary": "wgan_gp", "nll_weight": 1e-3},
                "paper": {"preset": "flowgan_cifar10_hybrid", "nll_weight": 1.0} | SCORED_CIFAR10,
            }
        ),
    } | _dcgan("cifar10", "flowgan_cifar10", 5, {"epochs": 300, "batch_size": 64})


RECIPES = _nice() | _real_nvp()
