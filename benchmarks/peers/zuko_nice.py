"""NICE of zuko: its `NICE` with `AdditiveTransform`, a scaling and a logistic base.

zuko's own affine transform bounds its scale and also shifts, so the scaling is PyTorch's
`AffineTransform` in zuko's `ElementWiseTransform`. zuko has no logistic distribution, so it is
written here.
"""

import pathlib
import sys

import torch
import torch.nn.functional as F
import zuko
from torch.distributions import AffineTransform, Distribution, constraints
from zuko.flows.gaussianization import ElementWiseTransform

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from peers.logit_images import LogitImages
from peers.pytorch import PyTorch
from serve import cores, serve


class Logistic(Distribution):
    """Independent standard logistic values."""

    arg_constraints, support, has_rsample = {}, constraints.real_vector, True

    def __init__(self, features):
        super().__init__(event_shape=torch.Size([features]), validate_args=False)

    def log_prob(self, value):
        return -(value + 2 * F.softplus(-value)).sum(-1)

    def rsample(self, sample_shape=()):
        u = torch.rand(*sample_shape, *self.event_shape)
        return torch.log(u) - torch.log1p(-u)


class ZukoNice(LogitImages):
    """From images to latents, even->odd first, which is the order of zuko's masks."""

    def __init__(self, spec):
        super().__init__(spec)
        options = spec["options"]
        nice = zuko.flows.NICE(
            self.dims,
            transforms=options["couplings"],
            univariate=zuko.transforms.AdditiveTransform,
            shapes=[()],
            hidden_features=[options["width"]] * options["layers"],
        )
        scaling = ElementWiseTransform(
            self.dims, univariate=lambda s: AffineTransform(0.0, torch.exp(s)), shapes=[()]
        )
        torch.nn.init.zeros_(scaling.phi[0])
        base = zuko.lazy.UnconditionalDistribution(Logistic, self.dims)
        self.flow = zuko.lazy.Flow([*nice.transform.transforms, scaling], base)

    def vector_log_prob(self, h):
        return self.flow().log_prob(h)

    def vectors(self, latents):
        return self.flow().transform.inv(latents)

    def draw(self, n):
        return self.flow.base().rsample((n,))


if __name__ == "__main__":
    torch.set_num_threads(cores())
    serve(lambda spec: PyTorch(spec, ZukoNice(spec)))
