"""The three flows in PyTorch, with the same parameters and arithmetic as ours.

Images are `[B, C, H, W]`. Each network runs once. Couplings are written out without a library, as
one would for speed.
"""

import math

import torch
import torch.nn.functional as F
from peers.torch_networks import Residual
from torch import nn

__all__ = ["build"]


class Affine(nn.Module):
    """t and s of a coupling, s = limit tanh(r / limit) with a learned limit."""

    def __init__(self, network, limit):
        super().__init__()
        self.network, self.limit = network, nn.Parameter(torch.tensor(limit))

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


class Mixing(nn.Module):
    """A linear map of the channels, W = (I + L) (exp(diag(s)) + U)."""

    def __init__(self, channels):
        super().__init__()
        self.triangles = nn.Parameter(torch.zeros(channels, channels))
        self.log_scale = nn.Parameter(torch.zeros(channels))

    def factors(self):
        lower = self.triangles.tril(-1) + torch.eye(len(self.triangles))
        return lower, self.triangles.triu(1) + torch.diag(self.log_scale.exp())

    def inverse(self, x):
        lower, upper = self.factors()
        log_det = x.shape[2] * x.shape[3] * self.log_scale.sum()
        return self._apply_matrix(x, lower @ upper), log_det.expand(len(x))

    def forward(self, z):
        lower, upper = self.factors()
        inner = torch.linalg.solve_triangular(
            lower, torch.eye(len(lower)), upper=False, unitriangular=True
        )
        return self._apply_matrix(z, torch.linalg.solve_triangular(upper, inner, upper=True))

    def _apply_matrix(self, x, matrix):
        return F.conv2d(x, matrix.T[:, :, None, None])


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

    With `mixing`, a `Mixing` precedes each channel-wise one. Half of the channels leave after each
    level but the last.
    """

    def __init__(self, shape, plan, make_network, alpha, limit, mixing):
        super().__init__()
        self.alpha = alpha
        height, width, channels = shape
        self.levels, self.latent_shapes = nn.ModuleList(), []
        for i, (checkerboard, channel_wise) in enumerate(plan):
            affine = [
                Affine(make_network(channels, 2 * channels, i), limit) for _ in range(checkerboard)
            ]
            outer = nn.ModuleList(
                Checkerboard(a, height, width, j % 2) for j, a in enumerate(affine)
            )
            if channel_wise:
                height, width, channels = height // 2, width // 2, 4 * channels
            inner = nn.ModuleList()
            for j in range(channel_wise):
                affine = Affine(make_network(channels // 2, channels, i), limit)
                inner.extend([Mixing(channels)] if mixing else [])
                inner.append(ChannelWise(affine, j % 2))
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

    def weights(self):
        """All parameters in our order: limits and mixings of all couplings, then the networks'."""
        own, networks, mixing = [], [], []
        for part in [part for outer, inner in self.levels for part in [*outer, *inner]]:
            if isinstance(part, Mixing):
                mixing = [part.triangles, part.log_scale]
            else:
                own += [part.affine.limit, *mixing]
                networks += [
                    p for layer in part.affine.network.layers() for p in layer.parameters()
                ]
                mixing = []
        return own + networks


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


def build(flow, shape, options):
    """A flow by our name and options; weight and batch normalization are not written here."""
    alpha = options["logit_alpha"]
    if flow == "nice":
        return Nice(shape, options["couplings"], options["layers"], options["width"], alpha)
    last, limit, first_kernel = {"nvp": (7, 2.0, 3), "real_nvp": (4, 1.0, 1)}[flow]
    before = (0, 6) if options["mixing"] else (3, 3)

    def network(inputs, outputs, level):
        width = options["width"] * (2**level if flow == "nvp" else 1)
        layer_norm = options["layer_norm"]
        return Residual(inputs, outputs, width, options["blocks"], layer_norm, first_kernel)

    plan = [before] * (options["levels"] - 1) + [(last, 0)]
    return MultiScale(shape, plan, network, alpha, limit, options["mixing"])
