"""NICE of nflows: `AdditiveCouplingTransform` with alternating masks in a `Flow`.

nflows has no scaling without a shift and no logistic distribution, and its `MLP` takes no context,
so these three are written here.
"""

import pathlib
import sys

import torch
import torch.nn.functional as F
from nflows.distributions import Distribution
from nflows.flows import Flow
from nflows.nn.nets import MLP
from nflows.transforms import AdditiveCouplingTransform, CompositeTransform, Transform
from nflows.utils import create_alternating_binary_mask, sum_except_batch

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from peers.logit_images import LogitImages
from peers.pytorch import PyTorch
from serve import cores, serve


class Network(MLP):
    """The network of a coupling, which is called with a context."""

    def forward(self, inputs, context=None):
        return super().forward(inputs)


class Scaling(Transform):
    """z = h exp(s)."""

    def __init__(self, features):
        super().__init__()
        self.log_scale = torch.nn.Parameter(torch.zeros(features))

    def forward(self, inputs, context=None):
        return inputs * torch.exp(self.log_scale), self.log_scale.sum().expand(len(inputs))

    def inverse(self, inputs, context=None):
        return inputs * torch.exp(-self.log_scale), -self.log_scale.sum().expand(len(inputs))


class StandardLogistic(Distribution):
    """Independent standard logistic values."""

    def __init__(self, shape):
        super().__init__()
        self._shape = torch.Size(shape)

    def _log_prob(self, inputs, context):
        return -sum_except_batch(inputs + 2 * F.softplus(-inputs))

    def _sample(self, num_samples, context):
        u = torch.rand(num_samples, *self._shape)
        return torch.log(u) - torch.log1p(-u)


class NflowsNice(LogitImages):
    """From images to latents, even->odd first."""

    def __init__(self, spec):
        super().__init__(spec)
        options = spec["options"]
        hidden = [options["width"]] * options["layers"]
        couplings = [
            AdditiveCouplingTransform(
                mask=create_alternating_binary_mask(
                    self.dims, even=i % 2 == 1
                ),  # what is transformed
                transform_net_create_fn=lambda inputs, outputs: Network(
                    [inputs], [outputs], hidden
                ),
            )
            for i in range(options["couplings"])
        ]
        self.prior = StandardLogistic([self.dims])
        self.transform = CompositeTransform([*couplings, Scaling(self.dims)])
        self.flow = Flow(self.transform, self.prior)

    def vector_log_prob(self, h):
        return self.flow.log_prob(h)

    def vectors(self, latents):
        return self.transform.inverse(latents)[0]

    def draw(self, n):
        return self.prior.sample(n)


if __name__ == "__main__":
    torch.set_num_threads(cores())
    serve(lambda spec: PyTorch(spec, NflowsNice(spec)))
