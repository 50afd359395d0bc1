"""The reference page of presets, from the presets' files.

A preset is a dict of settings. The comment beside a number says where it comes from; comments are
not values, so they are read from the source, that of the modules which a preset shares included.
"""

import importlib
import inspect
import re
import types

from tfflowgan import plugins

__all__ = ["names", "page", "sources"]

_LINE = re.compile(r'^ *"(\w+)": .*?,  # (.+)$', re.M)


def names() -> list[str]:
    """The values of `--preset`."""
    return plugins.names("presets")


def page() -> str:
    """The page in Markdown: a table of all presets, then one table of settings for each."""
    modules = {name: importlib.import_module(f"tfflowgan.presets.{name}") for name in names()}
    lines = ["# Presets", ""]
    lines += ["`bin/train --preset=NAME` takes all settings of a preset; flags beside it replace"]
    lines += ["single ones. `bin/train --preset=NAME --dry_run` says what a run would take.", ""]
    lines += ["| preset | what it trains |", "|---|---|"]
    lines += [f"| [`{name}`](#{name}) | {_first(module)} |" for name, module in modules.items()]
    for name, module in modules.items():
        said = sources(module)
        rest = (module.__doc__ or "").partition("\n")[2].strip()
        lines += ["", f"## {name}", "", _first(module), ""]
        lines += [rest, ""] if rest else []
        lines += ["| setting | value | source |", "|---|---|---|"]
        for setting, value in module.PRESET.items():
            source = said.get(setting, "").replace("|", "\\|")
            lines.append(f"| `{setting}` | `{value}` | {source} |")
    return "\n".join(lines) + "\n"


def sources(module: types.ModuleType) -> dict[str, str]:
    """The comments beside the settings of a preset, its own before those of shared modules."""
    shared = [
        value
        for value in vars(module).values()
        if inspect.ismodule(value) and value.__name__.startswith("tfflowgan.presets._")
    ]
    found: dict[str, str] = {}
    for part in [*shared, module]:
        for setting, comment in _LINE.findall(inspect.getsource(part)):
            found[setting] = comment
    return found


def _first(module):
    return (module.__doc__ or "").splitlines()[0]
