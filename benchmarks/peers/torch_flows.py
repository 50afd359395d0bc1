"""The three flows in PyTorch, with the same parameters and arithmetic as ours.

Images are `[B, C, H, W]`. Each network runs once. Couplings are written out without a library, as
one would for speed.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

__all__ = ["build"]


class Residual(nn.Module):
    """The network of a coupling: pre-activation residual blocks of 3x3 convolutions."""

    def __init__(self, inputs, outputs, width, blocks, weight_norm=False, first_kernel=3):
        super().__init__()

        def conv(i, o, kernel):
            layer = nn.Conv2d(i, o, kernel, padding=kernel // 2)
            return nn.utils.parametrizations.weight_norm(layer, dim=0) if weight_norm else layer

        self.first = conv(inputs, width, first_kernel)
        self.a = nn.ModuleList(conv(width, width, 3) for _ in range(blocks))
        self.b = nn.ModuleList(conv(width, width, 3) for _ in range(blocks))
        self.last = conv(width, outputs, 1)

    def forward(self, x):
        h = self.first(x)
        for a, b in zip(self.a, self.b, strict=True):
            h = h + b(F.relu(a(F.relu(h))))
        return self.last(F.relu(h))

    def layers(self):
        """All convolutions in the order in which they run."""
        pairs = [layer for pair in zip(self.a, self.b, strict=True) for layer in pair]
        return [self.first, *pairs, self.last]


class Affine(nn.Module):
    """t and s of a coupling, s = limit tanh(r / limit)."""

    def __init__(self, network, limit, learned):
        super().__init__()
        self.network = network
        if learned:
            self.limit = nn.Parameter(torch.tensor(limit))
        else:
            self.limit = limit

    def forward(self, x):
        t, r = self.network(x).chunk(2, dim=1)
        return t, self.limit * torch.tanh(r / self.limit)


class Checkerboard(nn.Module):
    """Affine coupling over the colours of a checkerboard."""

    def __init__(self, affine, height, width, flip):
        super().__init__()
        self.affine = affine
        rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
        mask = ((rows + columns + 1 + flip) % 2).float()[None, None]
        self.register_buffer("mask", mask, persistent=False)
        self.register_buffer("changed", 1 - mask, persistent=False)

    def terms(self, x):
        t, s = self.affine(x * self.mask)
        return t * self.changed, s * self.changed

    def inverse(self, x):
        t, s = self.terms(x)
        return (x - t) * torch.exp(-s), -s.sum((1, 2, 3))

    def forward(self, z):
        """Without the log-determinant, which samples do not need."""
        t, s = self.terms(z)
        return z * torch.exp(s) + t


class ChannelWise(nn.Module):
    """Affine coupling over the halves of the channels."""

    def __init__(self, affine, flip):
        super().__init__()
        self.affine, self.flip = affine, flip

    def inverse(self, x):
        a, b = x.chunk(2, dim=1)
        a, b = (b, a) if self.flip else (a, b)
        t, s = self.affine(a)
        b = (b - t) * torch.exp(-s)
        return torch.cat((b, a) if self.flip else (a, b), dim=1), -s.sum((1, 2, 3))

    def forward(self, z):
        a, b = z.chunk(2, dim=1)
        a, b = (b, a) if self.flip else (a, b)
        t, s = self.affine(a)
        b = b * torch.exp(s) + t
        return torch.cat((b, a) if self.flip else (a, b), dim=1)


def squeeze(x):
    """[B, C, H, W] -> [B, 4 C, H/2, W/2], channels as (row, column, channel)."""
    b, c, h, w = x.shape
    return (
        x.view(b, c, h // 2, 2, w // 2, 2)
        .permute(0, 3, 5, 1, 2, 4)
        .reshape(b, 4 * c, h // 2, w // 2)
    )


def unsqueeze(x):
    """The way back."""
    b, c, h, w = x.shape
    return x.view(b, 2, 2, c // 4, h, w).permute(0, 3, 4, 1, 5, 2).reshape(b, c // 4, 2 * h, 2 * w)


class MultiScale(nn.Module):
    """Levels of couplings, from the images inwards: (checkerboard, channel-wise) counts.

    Half of the channels leave after each level but the last.
    """

    def __init__(self, shape, plan, make_network, alpha, limit, learned):
        super().__init__()
        self.alpha = alpha
        height, width, channels = shape
        self.levels, self.latent_shapes = nn.ModuleList(), []
        for i, (checkerboard, channel_wise) in enumerate(plan):
            affine = [
                Affine(make_network(channels, 2 * channels, i), limit, learned)
                for _ in range(checkerboard)
            ]
            outer = nn.ModuleList(
                Checkerboard(a, height, width, j % 2) for j, a in enumerate(affine)
            )
            if channel_wise:
                height, width, channels = height // 2, width // 2, 4 * channels
            affine = [
                Affine(make_network(channels // 2, channels, i), limit, learned)
                for _ in range(channel_wise)
            ]
            inner = nn.ModuleList(ChannelWise(a, j % 2) for j, a in enumerate(affine))
            self.levels.append(nn.ModuleList([outer, inner]))
            if i < len(plan) - 1:
                channels //= 2
            self.latent_shapes.append((channels, height, width))

    def log_prob(self, x):
        y = x * (1 - 2 * self.alpha) + self.alpha
        log_y, log_not_y = torch.log(y), torch.log((1 - x) * (1 - 2 * self.alpha) + self.alpha)
        total = (-log_y - log_not_y + math.log1p(-2 * self.alpha)).sum((1, 2, 3))
        h, prior = log_y - log_not_y, 0.0
        for i, (outer, inner) in enumerate(self.levels):
            for coupling in outer:
                h, log_det = coupling.inverse(h)
                total = total + log_det
            h = squeeze(h) if len(inner) else h
            for coupling in inner:
                h, log_det = coupling.inverse(h)
                total = total + log_det
            if i < len(self.levels) - 1:
                h, out = h.chunk(2, dim=1)
                prior = prior + normal(out)
        return total + prior + normal(h)

    def sample(self, latents):
        """Images and nothing else, from one tensor of latents a level, the innermost first."""
        h = None
        for (outer, inner), z in zip(reversed(self.levels), latents, strict=True):
            h = z if h is None else torch.cat([h, z], dim=1)
            for coupling in reversed(inner):
                h = coupling(h)
            h = unsqueeze(h) if len(inner) else h
            for coupling in reversed(outer):
                h = coupling(h)
        return (torch.sigmoid(h) - self.alpha) / (1 - 2 * self.alpha)

    def draw(self, n):
        """Latents of n images, as `sample` takes them."""
        return [torch.randn(n, *shape) for shape in reversed(self.latent_shapes)]

    def convolutions(self):
        """(convolutions, learned limit or None) of each coupling, in our order."""
        couplings = [c for outer, inner in self.levels for c in [*outer, *inner]]
        return [(c.affine.network.layers(), c.affine.limit) for c in couplings]


def normal(z):
    """The standard normal log-density of each image's values."""
    return -0.5 * (z.square() + math.log(2 * math.pi)).sum((1, 2, 3))


class Nice(nn.Module):
    """Additive couplings of even and odd pixels, a diagonal scaling, a logistic prior."""

    def __init__(self, shape, couplings, layers, width, alpha):
        super().__init__()
        self.alpha, self.shape = alpha, shape
        half = math.prod(shape) // 2

        def mlp():
            sizes = [half, *[width] * layers]
            hidden = [
                m
                for i, o in zip(sizes, sizes[1:], strict=False)
                for m in (nn.Linear(i, o), nn.ReLU())
            ]
            return nn.Sequential(*hidden, nn.Linear(width, half))

        self.networks = nn.ModuleList(mlp() for _ in range(couplings))
        self.log_scale = nn.Parameter(torch.zeros(2 * half))

    def log_prob(self, x):
        y = x * (1 - 2 * self.alpha) + self.alpha
        log_y, log_not_y = torch.log(y), torch.log((1 - x) * (1 - 2 * self.alpha) + self.alpha)
        total = (-log_y - log_not_y + math.log1p(-2 * self.alpha)).sum((1, 2, 3))
        h = (log_y - log_not_y).flatten(1)
        even, odd = h[:, ::2], h[:, 1::2]
        for i, network in enumerate(self.networks):
            if i % 2:
                even = even - network(odd)
            else:
                odd = odd - network(even)
        z = torch.cat([even, odd], dim=1) * torch.exp(self.log_scale)
        return total + self.log_scale.sum() - (z + 2 * F.softplus(-z)).sum(1)

    def sample(self, latents):
        even, odd = (latents * torch.exp(-self.log_scale)).chunk(2, dim=1)
        for i, network in reversed(list(enumerate(self.networks))):
            if i % 2:
                even = even + network(odd)
            else:
                odd = odd + network(even)
        h = torch.stack([even, odd], dim=2).reshape(-1, *self.shape[2:], *self.shape[:2])
        return (torch.sigmoid(h) - self.alpha) / (1 - 2 * self.alpha)

    def draw(self, n):
        u = torch.rand(n, math.prod(self.shape))
        return torch.log(u) - torch.log1p(-u)


def build(name, shape, options):
    """A flow by our name and options."""
    alpha = options["logit_alpha"]
    if name == "nice":
        return Nice(shape, options["couplings"], options["layers"], options["width"], alpha)
    width, blocks = options["width"], options["blocks"]
    if name == "nvp":
        plan = [(3, 3)] * (options["levels"] - 1) + [(7, 0)]
        return MultiScale(
            shape,
            plan,
            lambda i, o, level: Residual(i, o, width * 2**level, blocks),
            alpha,
            2.0,
            False,
        )
    plan = [(3, 3), (4, 0)]
    return MultiScale(
        shape, plan, lambda i, o, level: Residual(i, o, width, blocks, True, 1), alpha, 1.0, True
    )
