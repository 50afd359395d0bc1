"""Building a generator, with a density or without, by name."""

from tfflowgan import plugins
from tfflowgan.errors import UserError
from tfflowgan.generators._generator import Generator

__all__ = ["build_from", "build_spec"]


def build_from(folder: str, flag: str, name: str, image_shape: tuple[int, int, int], overrides: dict) -> Generator:
    """Builds a new generator, whose `spec` holds all it was built from.

    Args:
      folder: "flows" or "generators".
      flag: the flag that names it, "flow" or "generator".
      name: one of `tfflowgan.plugins.names(folder)`.
      image_shape: `[H, W, C]`.
      overrides: its own options.

    Raises:
      UserError: no such choice or option, or an image shape that the architecture does not allow.
    """
    known = plugins.options(folder, name, flag)
    for key in overrides:
        if key not in known:
            raise UserError(f"--{key} does not apply to --{flag}={name}, which takes {', '.join(known)}.")
    chosen = known | overrides
    generator = plugins.load(folder, name, flag).build(tuple(image_shape), **chosen)
    generator.spec = {flag: name, "image_shape": list(image_shape), **chosen}
    return generator


def build_spec(spec: dict, **changes) -> Generator:
    """Builds a new generator from another one's `spec`, with changes.

    Raises:
      UserError: as `build_from`.
      KeyError: the spec is not one.
    """
    flag = "flow" if "flow" in spec else "generator"
    options = {name: value for name, value in spec.items() if name not in (flag, "image_shape")} | changes
    return build_from(f"{flag}s", flag, spec[flag], spec["image_shape"], options)
