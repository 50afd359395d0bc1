"""NICE of FrEIA: `NICECouplingBlock`s and `LearnedElementwiseScaling` in a `SequenceINN`.

Each block has two couplings. FrEIA's permutations are random and count as parameters. It has no
base distributions; its users write the density of the latents themselves. Sampling also computes
Jacobians, because `LearnedElementwiseScaling` fails without them.
"""

import pathlib
import sys

import FrEIA.framework as Ff
import FrEIA.modules as Fm
import torch
import torch.nn.functional as F
from torch import nn

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from peers.logit_images import LogitImages
from peers.pytorch import PyTorch
from serve import cores, serve


class OddThenEven(Fm.InvertibleModule):
    """The odd values in the first half, which a block changes first."""

    def forward(self, x_or_z, c=None, rev=False, jac=True):
        (x,) = x_or_z
        if rev:
            odd, even = x.chunk(2, dim=1)
            return (torch.stack([even, odd], dim=2).flatten(1),), 0.0
        return (torch.cat([x[:, 1::2], x[:, ::2]], dim=1),), 0.0

    def output_dims(self, input_dims):
        return input_dims


class FreiaNice(LogitImages):
    """From images to latents, even->odd first."""

    def __init__(self, spec):
        super().__init__(spec)
        options = spec["options"]
        if options["couplings"] % 2:
            raise ValueError("FrEIA's blocks are of two couplings.")

        def mlp(inputs, outputs):
            sizes = [inputs, *[options["width"]] * options["layers"]]
            hidden = [
                m
                for i, o in zip(sizes, sizes[1:], strict=False)
                for m in (nn.Linear(i, o), nn.ReLU())
            ]
            return nn.Sequential(*hidden, nn.Linear(sizes[-1], outputs))

        self.inn = Ff.SequenceINN(self.dims)
        self.inn.append(OddThenEven)
        for _ in range(options["couplings"] // 2):
            self.inn.append(Fm.NICECouplingBlock, subnet_constructor=mlp)
        self.inn.append(Fm.LearnedElementwiseScaling)

    def vector_log_prob(self, h):
        z, log_det = self.inn(h)
        return log_det - (z + 2 * F.softplus(-z)).sum(1)

    def vectors(self, latents):
        return self.inn(latents, rev=True)[0]

    def draw(self, n):
        u = torch.rand(n, self.dims)
        return torch.log(u) - torch.log1p(-u)


if __name__ == "__main__":
    torch.set_num_threads(cores())
    serve(lambda spec: PyTorch(spec, FreiaNice(spec)))
