"""In words: the Jensen-Shannon GAN diverges in NLL as well (section 3.2)."""

from tfflowgan.reproduce import drawing
from tfflowgan.reproduce.artefact import Claim, Rendered
from tfflowgan.reproduce.danihelka import _curves

PUBLISHED = (
    "Near-infinite negative log-densities also where a GAN minimises the Jensen-Shannon divergence; the problem is not WGAN's."
)
IMAGES = "celeb_a"
RUNS = {"NVP1, JS": "faces_nvp1_js", "NVP1, WGAN": "faces_nvp1_wgan"}
NEEDS = []


def render(found):
    """Bits/dim over training."""
    figure, (axis,) = drawing.panels(1, width=7)
    drawing.curves(axis, {label: (run, "validation_nll") for label, run in found.items()}, "bits/dim, validation", in_bits=True)
    run = found["NVP1, JS"]
    values = [drawing.bits(run, v) for v in run.curve("validation_nll")[1]]
    text = f"first reading {values[0]:.4g}, greatest {max(values):.4g}, last {values[-1]:.4g} bits/dim"
    start = run.config["init_from"]
    whose = f", from the good one of {start.split('/')[-1]}" if start else ""
    worse = values[-1] > _curves.FAR
    claims = [
        Claim(f"under JS the density gets far worse than a uniform one (over {_curves.FAR:g} bits/dim){whose}", worse, text)
    ]
    claims.append(Claim("by orders of magnitude (over 800)", values[-1] > 800.0, text))
    return Rendered(claims, figure=figure, numbers={"validation": values})
