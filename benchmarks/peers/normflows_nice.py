"""NICE of normflows: `AffineCouplingBlock` without scale, in a `NormalizingFlow`.

Couplings split the channels into halves. The checkerboard split needs no permutation, but gathers
through indices that it builds anew in every call. Splitting the channels after one `Permute` is
faster. normflows has no logistic distribution, so it is written here.
"""

import pathlib
import sys

import normflows as nf
import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from peers.logit_images import LogitImages
from peers.pytorch import PyTorch
from serve import cores, serve


class Logistic(nf.distributions.BaseDistribution):
    """Independent standard logistic values."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape

    def forward(self, num_samples=1):
        u = torch.rand(num_samples, self.shape)
        z = torch.log(u) - torch.log1p(-u)
        return z, self.log_prob(z)

    def log_prob(self, z):
        return -(z + 2 * F.softplus(-z)).sum(1)


def even_then_odd(dims):
    """`Permute` back from even values, then odd; its own order is random."""
    permute = nf.flows.Permute(dims)
    order = torch.cat([torch.arange(0, dims, 2), torch.arange(1, dims, 2)])
    permute.inv_perm.copy_(order)
    permute.perm.copy_(torch.argsort(order))
    return permute


class NormflowsNice(LogitImages):
    """From latents to images, as normflows counts, so that even->odd comes last."""

    def __init__(self, spec):
        super().__init__(spec)
        options = spec["options"]
        sizes = [self.dims // 2, *[options["width"]] * options["layers"], self.dims // 2]
        couplings = [
            nf.flows.AffineCouplingBlock(
                nf.nets.MLP(sizes), scale=False, split_mode="channel_inv" if i % 2 else "channel"
            )
            for i in reversed(range(options["couplings"]))
        ]
        scaling = nf.flows.AffineConstFlow((self.dims,), shift=False)
        self.flow = nf.NormalizingFlow(
            Logistic(self.dims), [scaling, *couplings, even_then_odd(self.dims)]
        )

    def vector_log_prob(self, h):
        return self.flow.log_prob(h)

    def vectors(self, latents):
        return self.flow.forward(latents)

    def draw(self, n):
        return self.flow.q0.sample(n)


if __name__ == "__main__":
    torch.set_num_threads(cores())
    serve(lambda spec: PyTorch(spec, NormflowsNice(spec)))
