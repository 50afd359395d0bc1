"""Generators: what draws images. Here are those without a density; `tfflowgan.flows` has those with one."""

import inspect

from tfflowgan import plugins
from tfflowgan.errors import UserError
from tfflowgan.generators._generator import Generator, image_seeds

__all__ = ["Generator", "build", "image_seeds", "options"]


def options(name: str) -> dict:
    """What a generator can be asked for: its `build`'s keyword arguments with their defaults."""
    signature = inspect.signature(plugins.load("generators", name, "generator").build)
    return {p.name: p.default for p in signature.parameters.values() if p.default is not p.empty}


def build(name: str, image_shape: tuple[int, int, int], **overrides) -> Generator:
    """Builds a generator without a density by name.

    Args:
      name: one of `tfflowgan.plugins.names("generators")`.
      image_shape: `[H, W, C]`.
      **overrides: the generator's own options (see `options(name)`).

    Returns:
      A `Generator` with new weights; `generator.spec` holds all it was built from.

    Raises:
      UserError: no such generator or option.
    """
    known = options(name)
    for key in overrides:
        if key not in known:
            raise UserError(f"--{key} does not apply to --generator={name}, which takes {', '.join(known)}.")
    chosen = known | overrides
    generator = plugins.load("generators", name, "generator").build(tuple(image_shape), **chosen)
    generator.spec = {"generator": name, "image_shape": list(image_shape), **chosen}
    return generator
