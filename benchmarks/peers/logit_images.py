"""The logit of images and its density, the same for every PyTorch package of flows of vectors."""

import math

import torch
from torch import nn

__all__ = ["LogitImages"]


class LogitImages(nn.Module):
    """A flow of images `[B, C, H, W]`.

    Subclasses call their package in `vector_log_prob`, `vectors` and `draw`.
    """

    def __init__(self, spec):
        super().__init__()
        self.shape, self.alpha = tuple(spec["image_shape"]), spec["options"]["logit_alpha"]
        self.dims = math.prod(self.shape)

    def vector_log_prob(self, h):
        """Log-densities of vectors `[B, H W C]` in nats, `[B]`."""
        raise NotImplementedError

    def vectors(self, latents):
        """Vectors `[B, H W C]` from what `draw` gives."""
        raise NotImplementedError

    def draw(self, n):
        """Latents of n images."""
        raise NotImplementedError

    def log_prob(self, x):
        """Log-densities of images in nats; alpha is exact next to white, unlike in 1 - y."""
        y = x * (1 - 2 * self.alpha) + self.alpha
        log_y, log_not_y = torch.log(y), torch.log((1 - x) * (1 - 2 * self.alpha) + self.alpha)
        total = (-log_y - log_not_y + math.log1p(-2 * self.alpha)).sum((1, 2, 3))
        return total + self.vector_log_prob((log_y - log_not_y).flatten(1))

    def sample(self, latents):
        """Images from latents."""
        h = self.vectors(latents).reshape(-1, *self.shape[2:], *self.shape[:2])
        return (torch.sigmoid(h) - self.alpha) / (1 - 2 * self.alpha)
