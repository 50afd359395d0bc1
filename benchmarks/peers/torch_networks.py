"""The network of a convolutional coupling in PyTorch, with our networks' parameters.

Features are `[B, C, H, W]`.
"""

import torch.nn.functional as F
from torch import nn

__all__ = ["Residual"]


class LayerNorm(nn.LayerNorm):
    """Normalizes every position over its channels; nothing is copied if memory is channels last."""

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Residual(nn.Module):
    """Pre-activation residual blocks of 3x3 convolutions between two others."""

    def __init__(self, inputs, outputs, width, blocks, layer_norm, first_kernel):
        super().__init__()

        def conv(i, o, kernel):
            return nn.Conv2d(i, o, kernel, padding=kernel // 2)

        def norm():
            return LayerNorm(width) if layer_norm else nn.Identity()

        self.first = conv(inputs, width, first_kernel)
        self.norm_a = nn.ModuleList(norm() for _ in range(blocks))
        self.a = nn.ModuleList(conv(width, width, 3) for _ in range(blocks))
        self.norm_b = nn.ModuleList(norm() for _ in range(blocks))
        self.b = nn.ModuleList(conv(width, width, 3) for _ in range(blocks))
        self.norm_last, self.last = norm(), conv(width, outputs, 1)

    def forward(self, x):
        h = self.first(x)
        for norm_a, a, norm_b, b in self._blocks():
            h = h + b(F.relu(norm_b(a(F.relu(norm_a(h))))))
        return self.last(F.relu(self.norm_last(h)))

    def layers(self):
        """All layers with weights in the order in which they run."""
        inner = [layer for block in self._blocks() for layer in block]
        layers = [self.first, *inner, self.norm_last, self.last]
        return [layer for layer in layers if not isinstance(layer, nn.Identity)]

    def _blocks(self):
        return zip(self.norm_a, self.a, self.norm_b, self.b, strict=True)
