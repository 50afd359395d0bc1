"""Annealed importance sampling from prepared images to a result, whoever moves the chains.

    lower bound   cap + log mean_k w_k     NLL of test images by AIS: its negative
    upper bound   cap - log mean_k w_k     of reverse chains

The equations are in `tfflowgan.evaluation.annealing`, which prepares the images.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from tfflowgan.errors import UserError
from tfflowgan.portable._chains import ACCEPTANCE, LEAPFROG_STEPS, Chains
from tfflowgan.statistics import mean_with_error, unknown_mean

__all__ = ["annealed", "finite"]

_SHOWN = 1000  # images whose own NLLs are in the result


def annealed(
    chains: Chains,
    settings: Mapping[str, Any],
    arrays: Mapping[str, np.ndarray],
    advice: str,
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Runs the chains of test images, and those of own samples in both directions.

    Args:
      chains: of the generator.
      settings: "preset", "sigma", "cap" in nats, "distributions", "chains", "seed", "dtype",
        and "seeds": stateless ones of "images", "samples" and "reverse".
      arrays: "images" `[N, H, W, C]`, "samples" `[M, H, W, C]` and their "latents" `[M, D]`, in the
        generator's dtype; "exact" NLLs float64 `[N]`, where there is a density.
      advice: how to compute in float64 instead, as in `finite`.

    Returns:
      What `tfflowgan.evaluation.annealing.evaluate` returns; and the values of all images in nats,
      float64: "ais_nll" and, where it is known, "exact_nll" `[N]`, "lower_bound" and "upper_bound"
      `[M]`.

    Raises:
      UserError: a value is not finite.
    """
    seeds, cap = settings["seeds"], settings["cap"]
    images, samples, exact = arrays["images"], arrays["samples"], arrays.get("exact")
    scored = chains.run("test_images", images, seeds["images"])
    forward = chains.run("own_samples", samples, seeds["samples"])
    # The reverse run starts at the posterior, which the forward run's last step sizes suit. They
    # carry no information about its latents.
    reverse = chains.run(
        "own_samples_reverse", samples, seeds["reverse"], arrays["latents"], forward["step_size"]
    )
    how = settings["dtype"], advice
    ais = -(cap + finite(scored["log_weight"], "estimates for test images", *how))
    lower = cap + finite(forward["log_weight"], "lower bounds for own samples", *how)
    upper = cap - finite(reverse["log_weight"], "upper bounds for own samples", *how)
    result = {
        "preset": settings["preset"],
        "sigma": settings["sigma"],
        "cap": cap,
        "images": len(images),
        "distributions": settings["distributions"],
        "chains": settings["chains"],
        "leapfrog_steps": LEAPFROG_STEPS,
        "target_acceptance": ACCEPTANCE,
        "acceptance": float(scored["acceptance"].mean()),
        "last_step_size": float(np.median(scored["step_size"])),
        "seed": settings["seed"],
        "dtype": settings["dtype"],
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
    values = {"ais_nll": ais, "lower_bound": lower, "upper_bound": upper}
    return result, values if exact is None else values | {"exact_nll": exact}


def finite(values: np.ndarray, what: str, dtype: str, advice: str) -> np.ndarray:
    """The values in float64.

    Args:
      values: of any dtype.
      what: their name.
      dtype: that they were computed in.
      advice: how the caller lets compute in float64 instead, such as "try --dtype=float64".

    Raises:
      UserError: one is not finite.
    """
    bad = int(np.sum(~np.isfinite(values)))
    if bad:
        way = "" if dtype == "float64" else f"; {advice}"
        raise UserError(
            f"{bad} of {len(values)} {what} are not finite, so the model has no score in "
            f"{dtype}{way}."
        )
    return values.astype(np.float64)


def _list(values):
    return values[:_SHOWN].tolist()
