"""The runs of Danihelka et al. (2017)."""

from papers.recipes.recipe import SMOKE, From, Recipe

__all__ = ["RECIPES"]

# Laptop scale: narrow networks with half of the blocks. All else about the flow is the paper's, as
# in the presets: no logit, no normalization, a learned bound of the log-scales.
_SMALL = {"width": 8, "blocks": 2}
_LOGIT = {"logit_alpha": 1e-5}  # of controls
_FACES = {"dataset": "cifar10", "flips": True}  # in place of CelebA
_WATCHED = {"independent_critic": True}
_MLE, _WGAN = {"preset": "danihelka_mnist_mle"}, {"preset": "danihelka_mnist_wgan"}
_TINY = SMOKE | {"width": 4, "blocks": 1}
_TINY_WGAN = _TINY | {"critic_width": 4, "burst_steps": 6, "burst_first": 1}
# From the weights of maximum likelihood; the new critic is trained first.
_SOME_STEPS = {"steps": 300, "monitor_steps": 30}
_START = {"critic_width": 32, "burst_steps": 50, "burst_first": 10} | _SOME_STEPS


def _after(run: str) -> dict:
    return {"init_from": From(run)}


def _nvp() -> dict[str, Recipe]:
    """NVP1 to NVP3 on faces and digits, with maximum likelihood and WGAN (Figures 2 to 9, 13, 14).

    An independent critic measures each of them during training.
    """
    small = _SMALL | _WATCHED
    by_mle = _MLE | small | _FACES | {"steps": 1000, "monitor_steps": 100}
    by_wgan = _WGAN | small | _FACES | _START
    tiny, tiny_wgan = _MLE | _TINY | _WATCHED, _WGAN | _TINY_WGAN | _WATCHED
    runs = {}
    for level in (1, 2, 3):
        levels, of_faces = {"levels": level}, _after(f"faces_nvp{level}_mle")
        runs[f"faces_nvp{level}_mle"] = Recipe(
            {
                "smoke": tiny | levels,
                "laptop": by_mle | levels,
                "paper": {"preset": "danihelka_celeba_mle"} | _WATCHED | levels,
            }
        )
        runs[f"faces_nvp{level}_wgan"] = Recipe(
            {
                "smoke": tiny_wgan | levels,
                "laptop": by_wgan | levels | of_faces,
                "paper": {"preset": "danihelka_celeba_wgan"} | _WATCHED | levels,
            }
        )
        if level != 2:  # "the other conclusions are similar" (caption of Figure 2)
            gp = {"preset": "danihelka_mnist_wgan_gp"}
            runs[f"faces_nvp{level}_wgan_gp"] = Recipe(
                {
                    "smoke": gp | _TINY_WGAN | _WATCHED | levels,
                    "laptop": gp | _SMALL | _FACES | _START | levels | of_faces,
                    "paper": {"preset": "danihelka_celeba_wgan_gp"} | _WATCHED | levels,
                }
            )
        digits = {"smoke": tiny | levels, "paper": _MLE | _WATCHED | levels}
        digits_wgan = {"smoke": tiny_wgan | levels, "paper": _WGAN | _WATCHED | levels}
        if level < 3:
            digits["laptop"] = _MLE | small | levels | {"epochs": 1, "monitor_steps": 78}
            digits_wgan["laptop"] = _WGAN | small | _START | levels
            digits_wgan["laptop"] |= _after(f"mnist_nvp{level}_mle")
        runs[f"mnist_nvp{level}_mle"] = Recipe(digits)
        runs[f"mnist_nvp{level}_wgan"] = Recipe(digits_wgan)
    return runs


def _controls() -> dict[str, Recipe]:
    """Runs that the paper does not have."""
    # From new weights, as in the paper. At its learning rate samples are noise after 150 steps; at
    # ten times that rate they are blobs (measured).
    fast = {"critic_width": 32, "burst_first": 5}
    fast |= {"learning_rate": 5e-4, "critic_learning_rate": 5e-5}
    new = _WGAN | _SMALL | _FACES | fast | {"steps": 600, "monitor_steps": 60}
    # Another flow, under both objectives: with a logit, as the first version of these runs had it;
    # and with all that makes a denser flow.
    better = _LOGIT | {"layer_norm": True, "mixing": True}
    flows = {"logit": (1, _LOGIT), "better": (3, better)}
    runs = {f"faces_nvp{k}_wgan_new": Recipe({"laptop": new | {"levels": k}}) for k in (1, 3)}
    for name, (level, flow) in flows.items():
        of = _SMALL | _FACES | flow | {"levels": level}
        mle = f"faces_nvp{level}_mle_{name}"
        runs[mle] = Recipe({"laptop": _MLE | of | {"steps": 1000, "monitor_steps": 100}})
        runs[f"faces_nvp{level}_wgan_{name}"] = Recipe(
            {"laptop": _WGAN | of | _START | _after(mle)}
        )
    # a fifth of the paper's learning rate, for the generator only
    slow = {"learning_rate": 1e-5, "critic_learning_rate": 5e-5, "levels": 3}
    runs["faces_nvp3_wgan_slow"] = Recipe(
        {"laptop": _WGAN | _SMALL | _FACES | _START | slow | _after("faces_nvp3_mle")}
    )
    # the effect of longer training alone
    alike = {"optimizer": "rmsprop", "rho": 0.99, "epsilon": 1e-8, "learning_rate": 5e-5}
    alike |= {"decay": "constant", "warmup_steps": 0, "clip_norm": 0.0, "levels": 1} | _SOME_STEPS
    runs["faces_nvp1_mle_longer"] = Recipe(
        {"laptop": _MLE | _SMALL | _FACES | _after("faces_nvp1_mle") | alike}
    )
    return runs


def _other_objectives() -> dict[str, Recipe]:
    """Both objectives together, and the Jensen-Shannon GAN (Figures 15 and 16, section 3.2)."""
    combined, from_mle = (
        {"preset": "danihelka_mnist_combined", "levels": 1},
        _after("faces_nvp1_mle"),
    )
    here = combined | _SMALL | _FACES | _START | from_mle
    runs = {
        "faces_nvp1_combined": Recipe(
            {
                "smoke": combined | _TINY_WGAN,
                "laptop": here | {"nll_weight": 1e-3},
                "paper": {"preset": "danihelka_celeba_combined"} | _WATCHED,
            }
        )
    }
    gan = {"flow": "nvp", "levels": 1, "objective": "gan", "critic": "dcgan"}
    gan |= {"generator_loss": "minimax"}
    gan |= {"learned_bound": True, "logit_alpha": 0.0, "layer_norm": False, "mixing": False}
    gan |= {"optimizer": "adam", "beta1": 0.5, "decay": "constant", "warmup_steps": 0}
    gan |= {"clip_norm": 0.0}  # ours, as the optimizer
    # With five critic updates per step, or with bursts, the critic detects all samples at once and
    # its gradient vanishes (measured at laptop scale).
    one = {"critic_steps": 1, "batch_size": 64}
    slow = {"learning_rate": 5e-5, "critic_learning_rate": 5e-5, "steps": 600, "monitor_steps": 60}
    here = gan | _SMALL | _FACES | from_mle | one | slow | {"critic_width": 32}
    faces = {"dataset": "celeb_a", "image_size": 32, "width": 16, "epochs": 60}
    papers = gan | faces | one | {"learning_rate": 1e-4}
    runs["faces_nvp1_js"] = Recipe(
        {
            "smoke": gan | _TINY | {"learning_rate": 1e-4, "critic_width": 4},
            "laptop": here,
            "paper": papers,
        }
    )
    other = {"generator_loss": "non_saturating"}  # -log D
    runs["faces_nvp1_js_non_saturating"] = Recipe({"laptop": here | other, "paper": papers | other})
    return runs


def _fast_learning() -> dict[str, Recipe]:
    """Two critic updates per step, with and without the fast learning critic (Figure 12)."""
    two = {"preset": "danihelka_mnist_fast_learning"}
    # From new weights, at the learning rate at which these move.
    new = {"levels": 3, "critic_width": 32, "burst_steps": 50, "burst_first": 5}
    new |= {"learning_rate": 5e-4, "critic_learning_rate": 5e-5} | _SOME_STEPS
    runs = {}
    # the last has the fast learning critic's bias without extra images
    for critic in ("fast_learning", "dcgan", "dcgan_free_bias"):
        runs[f"faces_two_steps_{critic}"] = Recipe(
            {
                "smoke": two | {"levels": 1} | _TINY_WGAN | _WATCHED | {"critic": critic},
                "laptop": two | _SMALL | _WATCHED | _FACES | new | {"critic": critic},
                "paper": {"preset": "danihelka_celeba_fast_learning", "critic": critic},
            },
            seeds=3,
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


RECIPES = _nvp() | _other_objectives() | _controls() | _fast_learning() | _avb()
