"""The critics of the rounds in PyTorch, with our critics' parameters. Images `[B, C, H, W]`."""

from torch import nn

__all__ = ["build"]


def _flowgan_mnist(channels, side):
    wide = 64 * (side // 4) ** 2
    return nn.Sequential(
        nn.Conv2d(channels, channels, 5, 2, 2),
        nn.LeakyReLU(0.2),
        nn.Conv2d(channels, 64, 5, 2, 2),
        nn.LeakyReLU(0.2),
        nn.Flatten(),
        nn.Linear(wide, 1024),
        nn.LeakyReLU(0.2),
        nn.Linear(1024, 1),
    )


def _dcgan(channels, side):
    layers, width = [], 64
    while side > 4:
        layers.append(nn.Conv2d(channels, width, 4, 2, 1, bias=False))
        if len(layers) > 1:
            layers.append(nn.GroupNorm(1, width))
        layers.append(nn.LeakyReLU(0.2))
        channels, width, side = width, 2 * width, side // 2
    return nn.Sequential(*layers, nn.Conv2d(channels, 1, side, bias=False))


def build(critic, shape):
    """The critic that stands against a flow in the benchmark, by our name."""
    return {"flowgan_mnist": _flowgan_mnist, "dcgan": _dcgan}[critic](shape[2], shape[0])
