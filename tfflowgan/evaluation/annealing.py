"""Annealed importance sampling (AIS): estimates a decoder's likelihood from its samples alone.

    p(x|z) = N(x; G(z), sigma^2 I),  z ~ the model's own prior
    log p(x) = log int p(x|z) p(z) dz  <=  cap
    cap = -D/2 log(2 pi sigma^2)
    lower bound   cap + log mean_k w_k   chains from the prior to the posterior; in expectation
                                         (Neal, 2001)
    upper bound   cap - log mean_k w_k   chains from the known z of the model's own sample back
                                         to the prior  (Grosse et al., 2015)

As in Wu et al. (2017): HMC with 10 leapfrog steps, a sigmoid schedule, and step sizes adapted to
the past acceptance rate of many chains together, towards 0.65. The adaptation is customary but not
quite exact, because a step should not depend on the past; see `tfflowgan.metrics.annealing_chains`.

Flow-GAN (Grover et al., 2018, table 3) compares the NLL by AIS with the exact NLL of a flow, whose
samples have no noise added. As sigma -> 0 the two would agree, but the chains would need ever more
distributions.

Cost: 10 gradients through G per distribution, chain and image, which is nearly all of it. An own
sample counts twice.
"""

import dataclasses
import math
from typing import Any

import numpy as np
import tensorflow as tf

from tfflowgan.datasets import Splits, evaluation_batches
from tfflowgan.errors import UserError
from tfflowgan.generators import Generator, image_seeds
from tfflowgan.metrics.annealing_chains import Annealer
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.portable import annealed, finite

__all__ = ["PRESETS", "Preset", "evaluate", "own_samples", "prepare"]

LONG = True

# Our choice. Flow-GAN states no sigma, but its 2,916 nats on MNIST need one of at most 0.00967.
# Choosing it for each model on validation images would cost as much as the evaluation, and would
# give different models different caps. Five values were tried on 6 validation images with
# T = 1,000 (NICE trained for 15 minutes by maximum likelihood, exact NLL -3,129). None was clearly
# better than its neighbour: the NLLs by AIS are 897 +- 1,440 at 1/256,
# -1,551 +- 358 at 1/128, -1,908 +- 115 at 0.0097, -1,879 +- 55 at 0.014 and -1,770 +- 34 at 0.02.
# A smaller sigma needs more distributions; a larger one lowers the cap.
SIGMA = 0.0095
_ADVICE = "try --dtype=float64"
_TEST, _SAMPLES, _NOISE, _REVERSE = range(4)
_TAG = 2016  # separates these draws from those of latents and of the images' noise


@dataclasses.dataclass(frozen=True)
class Preset:
    """How much to compute.

    Attributes:
      images: of the test split.
      own_samples: of the model.
      distributions: T.
      chains: per image.
    """

    images: int
    own_samples: int
    distributions: int
    chains: int


# One distribution of one chain and image takes 7 ms on one core for NICE of width 1,000 on MNIST
# (measured, 100 images at once; 12 ms over a whole `fast`, whose 20 own samples use a CPU less
# efficiently).
PRESETS = {
    # 140,000 of them: about 27 minutes on one core, measured
    "fast": Preset(images=100, own_samples=20, distributions=1000, chains=1),
    # 48 million: 4 to 6 days on one core. Distributions and chains are those of Wu et al. (2017);
    # Flow-GAN does not state how many images, and 100 of each kind are our choice.
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
    annealing_batch: int | None = None,
    seed: int = 0,
) -> dict:
    """Estimates log-likelihoods of test images, and bounds those of own samples from both sides.

    Args:
      generator: the model, with a density or without.
      splits: uint8 images of its shape.
      loop: shows progress and keeps partial results.
      annealing_preset: "fast" or "paper", see `PRESETS`.
      annealing_images: the first N test images, and at most as many own samples; None for the
        preset's.
      annealing_distributions: T, 2 or more; None for the preset's.
      annealing_chains: per image; None for the preset's.
      annealing_sigma: standard deviation of p(x|z) for pixels in [0, 1]; None for `SIGMA`.
      annealing_batch: chains per pass, at least those that share a step size (100,000 latents
        together); it does not change the results. None for what suits the device.
      seed: for the images' noise, the own samples and the chains.

    Returns:
      A dict of
        sigma, cap: cap in nats.
        ais_nll, exact_nll: of the same dequantized images, in nats per image with standard errors
          over images; the exact one is unknown without a density.
        acceptance: mean over all moves for test images.
        own_samples: {"count", "lower_bound", "upper_bound", "gap" in nats with standard errors}.
        nlls: of single images.
      and the settings.

    Raises:
      UserError: a setting is not valid, the images have another shape, or a value is not finite.
    """
    settings, arrays = prepare(
        generator,
        splits,
        annealing_preset=annealing_preset,
        annealing_images=annealing_images,
        annealing_distributions=annealing_distributions,
        annealing_chains=annealing_chains,
        annealing_sigma=annealing_sigma,
        seed=seed,
    )
    numbers = settings["sigma"], settings["distributions"], settings["chains"]
    chains = Annealer(generator, *numbers, loop, annealing_batch)
    return annealed(chains, settings, arrays, _ADVICE)[0]


def prepare(
    generator: Generator,
    splits: Splits,
    *,
    annealing_preset: str = "fast",
    annealing_images: int | None = None,
    annealing_distributions: int | None = None,
    annealing_chains: int | None = None,
    annealing_sigma: float | None = None,
    seed: int = 0,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """All that the chains start from; arguments and errors are those of `evaluate`.

    Returns:
      The settings and the arrays that `tfflowgan.portable.annealed` takes.
    """
    preset = _chosen(annealing_preset, annealing_images, annealing_distributions, annealing_chains)
    sigma = SIGMA if annealing_sigma is None else annealing_sigma
    if not 1e-6 <= sigma <= 1e6:
        raise UserError(
            f"--annealing_sigma={sigma} must lie in [1e-6, 1e6]; it is the standard deviation of "
            "the noise on pixels in [0, 1]."
        )
    if splits.image_shape != generator.image_shape:
        raise UserError(
            f"the images of {splits.name} have shape {splits.image_shape}; the model needs "
            f"{generator.image_shape}."
        )
    seeds = [tf.random.fold_in(tf.constant([seed, _TAG], tf.int32), i) for i in range(4)]
    test = splits.test.first(preset.images)
    images = next(iter(evaluation_batches(test, len(test), seed)))[0].numpy()
    samples, latents = own_samples(generator, preset.own_samples, sigma, seed)
    arrays = {"images": images.astype(generator.dtype), "samples": samples, "latents": latents}
    if generator.has_density:
        densities = generator.log_prob(images, check=False).numpy()
        arrays["exact"] = -finite(densities, "exact log-densities", generator.dtype, _ADVICE)
    settings = {
        "preset": annealing_preset,
        "sigma": float(sigma),
        "cap": -0.5 * generator.dims * math.log(2.0 * math.pi * sigma**2),
        "distributions": preset.distributions,
        "chains": preset.chains,
        "seed": seed,
        "dtype": generator.dtype,
        "seeds": {
            name: tuple(seeds[place].numpy().tolist())
            for name, place in (("images", _TEST), ("samples", _SAMPLES), ("reverse", _REVERSE))
        },
    }
    return settings, arrays


def own_samples(
    generator: Generator, count: int, sigma: float, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Draws images from the model with its observation noise.

    Returns:
      Images G(z) + sigma noise `[count, H, W, C]`, and their z `[count, D]`. The z are those of
      `generator.sample(count, seed)`, and each z is an exact draw from p(z|x).
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
    limits = {"images": (images, 1), "distributions": (distributions, 2), "chains": (chains, 1)}
    for option, (value, least) in limits.items():
        if value is not None and value < least:
            raise UserError(f"--annealing_{option}={value} must be at least {least}.")
    preset = dataclasses.replace(
        PRESETS[name],
        **{option: value for option, (value, _) in limits.items() if value is not None},
    )
    return dataclasses.replace(preset, own_samples=min(preset.own_samples, preset.images))
