"""Annealed importance sampling (AIS): what a decoder's likelihood is thought to be where only its samples can be had.

    p(x|z) = N(x; G(z), sigma^2 I),  z ~ the model's own prior,     log p(x) = log int p(x|z) p(z) dz  <=  cap
    cap = -D/2 log(2 pi sigma^2)
    lower bound   cap + log mean_k w_k             chains from the prior to the posterior; in expectation      (Neal, 2001)
    upper bound   cap - log mean_k w_k             chains from the known z of the model's own sample back to the prior
                                                                                         (Grosse et al., 2015)

After Wu et al. (2017): HMC of 10 leapfrog steps, sigmoid schedule, step sizes adapted to the past acceptance of all chains
together, towards 0.65. That is customary and, as the past should not matter, not quite exact; see `_annealing_chains`.
Flow-GAN (Grover et al., 2018, table 3) sets the NLL by AIS beside the exact NLL of a flow, whose samples have no noise added: as
sigma -> 0 the two would agree, but the chains would need ever more distributions.

Cost: 10 gradients through G for a distribution, a chain and an image, which is nearly all of it; an own sample counts twice.
"""

import dataclasses
import math

import numpy as np
import tensorflow as tf

from tfflowgan.datasets import Splits, evaluation_batches
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, image_seeds
from tfflowgan.metrics.annealing_chains import ACCEPTANCE, LEAPFROG_STEPS, Annealer
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.statistics import mean_with_error, unknown_mean

__all__ = ["PRESETS", "Preset", "evaluate", "own_samples"]

LONG = True

# Ours. Flow-GAN gives no sigma, but its 2,916 nats on MNIST need one of at most 0.00967. A choice for every model on validation
# images would cost as much as the evaluation and leave numbers of different models with different caps. Of five tried on 6
# validation images with T = 1,000 (NICE trained for 15 minutes by likelihood, exact NLL -3,129) none was better than the one next
# to it: NLLs by AIS of 897 +- 1,440 at 1/256, -1,551 +- 358 at 1/128, -1,908 +- 115 at 0.0097, -1,879 +- 55 at 0.014 and
# -1,770 +- 34 at 0.02. Below, annealing takes more distributions; above, the cap sinks.
SIGMA = 0.0095
_TEST, _SAMPLES, _NOISE, _REVERSE = range(4)
_TAG = 2016  # keeps these draws apart from those of latents and of the images' noise
_SHOWN = 1000  # images whose own numbers are in the result


@dataclasses.dataclass(frozen=True)
class Preset:
    """How much to compute: `images` of the test split and `own_samples` of the model, `distributions` T, `chains` an image."""

    images: int
    own_samples: int
    distributions: int
    chains: int


# A distribution, a chain and an image take 7 ms of one core for NICE of width 1,000 on MNIST (measured, 100 images at once; 12 ms
# over a whole `fast`, whose 20 own samples keep a CPU less busy).
PRESETS = {
    # 140,000 of them: about 27 minutes of one core, measured
    "fast": Preset(images=100, own_samples=20, distributions=1000, chains=1),
    # 48 million: 4 to 6 days of one core. Distributions and chains are those of Wu et al. (2017); Flow-GAN gives no count of
    # images, and 100 of either kind are ours.
    "paper": Preset(images=100, own_samples=100, distributions=10_000, chains=16),
}


def evaluate(
    generator: Generator,
    splits: Splits,
    loop: ResumableLoop = ResumableLoop(),
    *,
    annealing_preset: str = "fast",
    annealing_images: int | None = None,
    annealing_distributions: int | None = None,
    annealing_chains: int | None = None,
    annealing_sigma: float | None = None,
    seed: int = 0,
) -> dict:
    """Estimates log-likelihoods of the first test images, and bounds those of the model's own samples from both sides.

    Args:
      generator: the model, with a density or without.
      splits: uint8 images of its shape.
      loop: shows progress and keeps parts.
      annealing_preset: "fast" or "paper", see `PRESETS`.
      annealing_images: the first N test images, and at most as many own samples; None is the preset's.
      annealing_distributions: T, 2 or more; None is the preset's.
      annealing_chains: an image; None is the preset's.
      annealing_sigma: deviation of p(x|z) on [0, 1]; None is `SIGMA`.
      seed: of the images' noise, the own samples and the chains.

    Returns:
      {"sigma", "cap", "ais_nll", "exact_nll" (of the same dequantised images; unknown without a
      density) in nats per image with their standard errors over images, "acceptance": mean over all
      moves for test images, "own_samples": {"count",
      "lower_bound", "upper_bound", "gap" in nats with standard errors}, "nlls": of single images, and the settings}.

    Raises:
      UserError: a setting that cannot be, images of another shape, or a value that is not finite.
    """
    preset = _chosen(annealing_preset, annealing_images, annealing_distributions, annealing_chains)
    sigma = SIGMA if annealing_sigma is None else annealing_sigma
    if not 1e-6 <= sigma <= 1e6:
        raise UserError(
            f"--annealing_sigma={sigma} must lie in [1e-6, 1e6]: it is the deviation of the noise on pixels in [0, 1]."
        )
    if splits.image_shape != generator.image_shape:
        raise UserError(
            f"the images of {splits.name} are {splits.image_shape} where the model has {generator.image_shape}."
        )
    cap = -0.5 * generator.dims * math.log(2.0 * math.pi * sigma**2)
    seeds = [tf.random.fold_in(tf.constant([seed, _TAG], tf.int32), i) for i in range(4)]

    test = splits.test.first(preset.images)
    images = next(iter(evaluation_batches(test, len(test), seed)))[0].numpy()
    exact = (
        -_finite(generator.log_prob(images).numpy(), "exact log-densities")
        if generator.has_density
        else None
    )
    samples, latents = own_samples(generator, preset.own_samples, sigma, seed)

    annealer = Annealer(generator, sigma, preset.distributions, preset.chains, loop)
    scored = annealer.run("test_images", images, seeds[_TEST])
    forward = annealer.run("own_samples", samples, seeds[_SAMPLES])
    # the forward run's last step sizes suit the posterior, where the reverse run starts, and know nothing of its latents
    reverse = annealer.run(
        "own_samples_reverse", samples, seeds[_REVERSE], latents, forward["step_size"]
    )
    ais = -(cap + _finite(scored["log_weight"], "estimates for test images"))
    lower = cap + _finite(forward["log_weight"], "lower bounds for own samples")
    upper = cap - _finite(reverse["log_weight"], "upper bounds for own samples")
    return {
        "preset": annealing_preset,
        "sigma": float(sigma),
        "cap": cap,
        "images": len(images),
        "distributions": preset.distributions,
        "chains": preset.chains,
        "leapfrog_steps": LEAPFROG_STEPS,
        "target_acceptance": ACCEPTANCE,
        "acceptance": float(scored["acceptance"].mean()),
        "last_step_size": float(np.median(scored["step_size"])),
        "seed": seed,
        "dtype": generator.dtype,
        "ais_nll": mean_with_error(ais),
        "exact_nll": unknown_mean(len(images)) if exact is None else mean_with_error(exact),
        "own_samples": {
            "count": len(samples),
            "lower_bound": mean_with_error(lower),
            "upper_bound": mean_with_error(upper),
            "gap": mean_with_error(upper - lower),
            "acceptance": float(forward["acceptance"].mean()),
            "reverse_acceptance": float(reverse["acceptance"].mean()),
            "bounds": {"lower": _list(lower), "upper": _list(upper)},
        },
        "nlls": {"ais": _list(ais), "exact": None if exact is None else _list(exact)},
    }


def own_samples(
    generator: Generator, count: int, sigma: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draws from the model with its observation noise: images G(z) + sigma noise `[count, H, W, C]`, and their z `[count, D]`.

    The z are those of `generator.sample(count, seed)`, and each z is an exact draw from p(z|x).
    """
    latents = generator.latents(image_seeds(seed, count))
    images = generator.decode(latents)
    noise = tf.random.stateless_normal(
        tf.shape(images), tf.random.fold_in([seed, _TAG], _NOISE), dtype=generator.dtype
    )
    return (images + tf.cast(sigma, generator.dtype) * noise).numpy(), latents.numpy()


def _chosen(name, images, distributions, chains):
    if name not in PRESETS:
        raise UserError(
            f"--annealing_preset={name} is not known; it can be {' or '.join(PRESETS)}."
        )
    given = {"images": (images, 1), "distributions": (distributions, 2), "chains": (chains, 1)}
    for option, (value, least) in given.items():
        if value is not None and value < least:
            raise UserError(f"--annealing_{option}={value} must be at least {least}.")
    preset = dataclasses.replace(
        PRESETS[name],
        **{option: value for option, (value, _) in given.items() if value is not None},
    )
    return dataclasses.replace(preset, own_samples=min(preset.own_samples, preset.images))


def _finite(values, what):
    bad = int(np.sum(~np.isfinite(values)))
    if bad:
        raise UserError(
            f"{bad} of {len(values)} {what} are not finite; the model cannot be scored in this dtype (try float64)."
        )
    return values.astype(np.float64)


def _list(values):
    return values[:_SHOWN].tolist()
