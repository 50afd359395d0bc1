"""Reference pages of the Python names, one per public name of the package and of its client.

mkdocstrings fills them with signatures and docstrings. The names are `__all__` of the two modules.
"""

import tfflowgan
import tfflowgan.client

__all__ = ["index", "names", "page"]

_CLIENT = "tfflowgan.client"
_GROUPS = {
    "Flows": ["build", "fit", "load", "export", "Flow"],
    "Parts of your own": [
        "MultiScaleFlow",
        "Level",
        "OnePassBijector",
        "CheckerboardCoupling",
        "SplitCoupling",
        "FDivergence",
        "FlowGAN",
    ],
    "Units and errors": ["units", "UserError"],
}


def names() -> list[str]:
    """The full names: `tfflowgan.build` and so on, then those of the client."""
    own = [name for name in tfflowgan.__all__ if name != "__version__"]
    grouped = [name for group in _GROUPS.values() for name in group]
    assert sorted(grouped) == sorted(own), "docs/generate/api.py lacks a public name"
    return [f"tfflowgan.{name}" for name in grouped] + [_CLIENT]


def index() -> str:
    """The page that lists all names."""
    lines = ["# Python names", ""]
    lines += ["All of these are public: [what that means](../compatibility.md#what-is-public)."]
    lines += ["`tfflowgan.__version__` is the version.", ""]
    for group, members in _GROUPS.items():
        lines += ["", f"## {group}", ""]
        lines += [f"- [`tfflowgan.{name}`]({name}.md)" for name in members]
    members = ", ".join(f"`{name}`" for name in sorted(tfflowgan.client.__all__))
    lines += ["", "## Client of a served model", "", f"- [`{_CLIENT}`](client.md): {members}"]
    return "\n".join(lines) + "\n"


def page(name: str) -> str:
    """The page of a name, for mkdocstrings."""
    return f"::: {name}\n"
