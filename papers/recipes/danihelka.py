"""The runs of Danihelka et al. (2017)."""

from papers.recipes.recipe import SMOKE, From, Recipe

__all__ = ["RECIPES"]

# The laptop's runs were made by version 0.1.0, whose log-scales had a fixed bound.
_BEFORE = {"learned_bound": False}


def _nvp() -> dict[str, Recipe]:
    """Danihelka et al.'s NVP1 to NVP3 on faces and digits, with maximum likelihood and WGAN.

    An independent critic measures each of them during training.
    """
    tiny = SMOKE | {"width": 4, "blocks": 1, "independent_critic": True}
    tiny_wgan = tiny | {"critic_width": 4, "burst_steps": 6, "burst_first": 1}
    small = {"width": 8, "blocks": 2, "independent_critic": True} | _BEFORE
    faces = {"dataset": "cifar10", "flips": True}  # in place of CelebA
    independent = {"independent_critic": True}
    mle, wgan = {"preset": "danihelka_mnist_mle"}, {"preset": "danihelka_mnist_wgan"}
    logit = {"logit_alpha": 1e-5}
    by_mle = mle | small | logit | faces | {"epochs": 3, "monitor_steps": 84}
    digits_by_mle = mle | small | logit | {"epochs": 1, "monitor_steps": 78}
    # These start from the weights of maximum likelihood, and so with its logit, at the paper's
    # learning rate. The new critic is trained first.
    start = {"critic_width": 32, "logit_alpha": 1e-5, "burst_steps": 50, "burst_first": 25}
    by_wgan = wgan | small | faces | start | {"epochs": 1, "monitor_steps": 28}
    # From new weights, as in the paper. At its learning rate samples are noise after 150 steps; at
    # ten times that rate they are blobs (measured).
    fast = {
        "critic_width": 32,
        "burst_first": 5,
        "learning_rate": 5e-4,
        "critic_learning_rate": 5e-5,
    }
    new = wgan | small | faces | fast | {"epochs": 3, "monitor_steps": 84}
    runs = {}
    for level in (1, 2, 3):
        levels = {"levels": level}
        of_faces, of_digits = (
            {"init_from": From(f"{images}_nvp{level}_mle")} for images in ("faces", "mnist")
        )
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
        if level != 2:  # "the other conclusions are similar" (caption of Figure 2)
            runs[f"faces_nvp{level}_wgan_gp"] = Recipe(
                {
                    "smoke": {"preset": "danihelka_mnist_wgan_gp"} | tiny_wgan | levels,
                    "paper": {"preset": "danihelka_celeba_wgan_gp"} | independent | levels,
                }
            )
        digits = {"smoke": mle | tiny | levels, "paper": mle | independent | levels}
        digits_wgan = {"smoke": wgan | tiny_wgan | levels, "paper": wgan | independent | levels}
        if level < 3:
            digits["laptop"] = digits_by_mle | levels
            digits_wgan["laptop"] = (
                wgan | small | start | levels | of_digits | {"epochs": 1, "monitor_steps": 78}
            )
        runs[f"mnist_nvp{level}_mle"], runs[f"mnist_nvp{level}_wgan"] = (
            Recipe(digits),
            Recipe(digits_wgan),
        )
        if level != 2:
            runs[f"faces_nvp{level}_wgan_new"] = Recipe({"laptop": new | levels})
    # At the paper's learning rate NVP3 moves away from the images during training; at a fifth of it
    # it moves towards them (measured).
    slow = {"learning_rate": 1e-5, "critic_learning_rate": 5e-5}
    runs["faces_nvp3_wgan_slow"] = Recipe(
        {"laptop": by_wgan | {"levels": 3, "init_from": From("faces_nvp3_mle")} | slow}
    )
    combined, from_mle = (
        {"preset": "danihelka_mnist_combined", "levels": 1},
        {"init_from": From("faces_nvp1_mle")},
    )
    runs["faces_nvp1_combined"] = Recipe(
        {
            "smoke": combined | tiny_wgan,
            "laptop": combined
            | small
            | faces
            | start
            | from_mle
            | {"nll_weight": 1e-3, "epochs": 1, "monitor_steps": 28},
            "paper": {"preset": "danihelka_celeba_combined"} | independent,
        }
    )
    alike = {
        "optimizer": "rmsprop",
        "rho": 0.99,
        "epsilon": 1e-8,
        "learning_rate": 5e-5,
        "decay": "constant",
        "warmup_steps": 0,
    }
    alike |= {"clip_norm": 0.0, "levels": 1, "epochs": 1, "monitor_steps": 28}
    runs["faces_nvp1_mle_longer"] = Recipe(
        {"laptop": mle | small | logit | faces | from_mle | alike}
    )  # the effect of longer training alone
    gan = {
        "flow": "nvp",
        "levels": 1,
        "objective": "gan",
        "critic": "dcgan",
        "generator_loss": "minimax",
    }
    gan |= {
        "optimizer": "adam",
        "beta1": 0.5,
        "decay": "constant",
        "warmup_steps": 0,
        "clip_norm": 0.0,
    }  # ours
    # With five critic updates per step, or with bursts, the critic detects all samples at once and
    # its gradient vanishes (measured).
    here = (
        gan
        | faces
        | from_mle
        | {
            "learning_rate": 5e-5,
            "critic_learning_rate": 5e-5,
            "critic_steps": 1,
            "critic_width": 32,
        }
    )
    here |= {"batch_size": 64, "epochs": 2, "monitor_steps": 56}
    runs["faces_nvp1_js"] = Recipe(
        {
            "smoke": gan
            | SMOKE
            | {"learning_rate": 1e-4, "width": 4, "blocks": 1, "critic_width": 4},
            "laptop": here,
            "paper": gan
            | {"learning_rate": 1e-4}
            | {
                "dataset": "celeb_a",
                "image_size": 32,
                "width": 16,
                "epochs": 60,
                "batch_size": 64,
                "logit_alpha": 0.0,
            },
        }
    )
    runs["faces_nvp1_js_non_saturating"] = Recipe(
        {"laptop": here | {"generator_loss": "non_saturating"}}
    )
    two = {"preset": "danihelka_mnist_fast_learning", "levels": 1}
    laptop = (
        two
        | small
        | faces
        | start
        | from_mle
        | {"burst_first": 5, "epochs": 1, "monitor_steps": 28}
    )
    for critic in ("fast_learning", "dcgan"):
        runs[f"faces_two_steps_{critic}"] = Recipe(
            {
                "smoke": two | tiny_wgan | {"critic": critic},
                "laptop": laptop | {"critic": critic},
                "paper": {"preset": "danihelka_celeba_fast_learning", "critic": critic},
            },
            seeds=2,
        )
    control = {"critic": "dcgan_free_bias"}  # the fast learning critic's bias without extra images
    runs["faces_two_steps_dcgan_free_bias"] = Recipe(
        {
            "smoke": two | tiny_wgan | control,
            "paper": {"preset": "danihelka_celeba_fast_learning"} | control,
        },
        seeds=2,
    )
    return runs


def _avb() -> dict[str, Recipe]:
    """Encoders with an exact KL, and discriminators that estimate it (Danihelka et al., app. A)."""
    tiny = {
        "dataset": "mnist",
        "data_source": "embedded",
        "limit": 200,
        "batch_size": 50,
        "epochs": 2,
        "settle_epochs": 1,
    }
    tiny |= {"width": 16, "latents": 4}
    runs = {}
    for by, discriminator in (("elbo", "none"), ("discriminator", "joint")):
        what = {"encoder": "real_nvp", "discriminator": discriminator}
        runs[f"mnist_avb_by_{by}"] = Recipe(
            {
                "smoke": tiny | what,
                "laptop": {"dataset": "mnist", "latents": 8, "epochs": 8, "settle_epochs": 3}
                | what,
                "paper": {"dataset": "mnist", "latents": 32, "epochs": 100, "settle_epochs": 20}
                | what,
            },
            command="train_avb",
            seeds=3,
        )
    return runs


RECIPES = _nvp() | _avb()
