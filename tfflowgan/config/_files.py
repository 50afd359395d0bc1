"""Settings from presets and JSON files, laid over each other, and what two runs differ in."""

import difflib
import json
import pathlib
import re
from typing import Any

from tfflowgan import own_code, plugins
from tfflowgan.config._config import FIELDS, FORMAT, PARTS, Config, default_flow
from tfflowgan.config._fields import lay
from tfflowgan.errors import UserError

__all__ = ["changes", "filled", "from_file", "from_preset", "override", "run_name"]


def override(base: dict[str, Any], changes: dict[str, Any], where: str) -> dict[str, Any]:
    """Lays changes over a dict of settings.

    Args:
      base: from names to values.
      changes: the same, stronger.
      where: what the changes come from, for messages.

    Raises:
      UserError: a key that `Config` does not have.
    """
    for key in changes:
        if key not in FIELDS:
            close = difflib.get_close_matches(key, FIELDS, n=1)
            hint = f" (did you mean {close[0]}?)" if close else ""
            raise UserError(f"{where} has the key {key}, which is not a setting of a run{hint}.")
    return lay(base, changes)


def from_preset(name: str) -> dict[str, Any]:
    """The settings of a preset, with its own name."""
    preset = plugins.load("presets", name, "preset").PRESET
    return override({}, preset, f"preset {name}") | {"preset": name}


def from_file(
    path: str, named: str | None = None, flags: dict[str, Any] | None = None
) -> dict[str, Any]:
    """The settings in a JSON file, such as a run's `config.json`.

    A key that the file lacks means what it meant to the version that wrote the file.

    Args:
      path: the file.
      named: what errors call it; None means `--config=PATH`.
      flags: what will be laid over the settings; it says which parts' options they are about.

    Raises:
      UserError: no such file, not JSON, an unknown key, a format of a later version, or a file of
        code that it names has changed.
    """
    named = named or f"--config={path}"
    try:
        settings = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{named} cannot be read: {error.strerror}.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(f"{named} is not JSON: {error}.") from None
    if not isinstance(settings, dict):
        raise UserError(f"{named} must hold one JSON object of settings.")
    written = settings.pop("format", 1)
    if written not in range(1, FORMAT + 1):
        raise UserError(
            f"{named} has format {written}, which a later version of tfflowgan wrote; "
            f"this one reads formats 1 to {FORMAT}."
        )
    code = _code(settings.pop("code", {}), named)
    settings = own_code.found_again(override({}, settings, named), code)
    own_code.refuse_changed(settings, code, named)
    former = _former(settings, flags or {}, written)
    known = {n: v for n, v in settings.items() if v is not None or n not in former}
    return lay(former, known)


def filled(settings: dict[str, Any]) -> dict[str, Any]:
    """What is in a run's `config.json`, with the values that keys which it lacks stood for.

    For reports, which compare runs of several versions: nothing is checked, and no code executed.

    Args:
      settings: the file's content, of any format; its keys come first, in their order.
    """
    written = settings.get("format", 1)
    former = _former(settings, {}, written)
    meant = lay(former, {n: v for n, v in settings.items() if v is not None or n not in former})
    flag = "generator" if meant.get("generator") else "flow"
    if written < FORMAT and meant.get(flag) in plugins.names(f"{flag}s"):
        options = plugins.options(f"{flag}s", meant[flag], flag)
        meant |= {n: v for n, v in options.items() if n in FIELDS and meant.get(n) is None}
    ordered = {name: meant[name] for name in settings if name in meant} | meant
    return ordered | {n: field.default for n, field in FIELDS.items() if n not in meant}


def changes(old: Config, new: Config) -> list[tuple[str, Any, Any]]:
    """The settings in which two configurations differ, without those that a run may change.

    Returns:
      (name, before, now) for each.
    """
    names = [name for name, field in FIELDS.items() if not field.metadata["changeable"]]
    pairs = [(name, getattr(old, name), getattr(new, name)) for name in names]
    return [(name, before, now) for name, before, now in pairs if before != now]


def _former(settings, flags, written):
    """What absent and null keys meant to the version that wrote a format, if not today's default.

    A setting says so by `former`, a part for its own options by `FORMER` (see `plugins.former`).
    """
    found = {}
    for name, field in FIELDS.items():
        later = [last for last in field.metadata["former"] if written <= last]
        found |= {name: field.metadata["former"][min(later)]} if later else {}
    given = settings | flags
    if given.get("generator"):  # in place of a flow
        found.pop("flow", None)
    chosen = found | {name: value for name, value in given.items() if value is not None}
    for flag, folder in PARTS.items():
        name = chosen.get(flag, FIELDS[flag].default)
        if flag == "flow" and "generator" not in chosen:
            name = name or default_flow(chosen.get("dataset", FIELDS["dataset"].default))
        if name in plugins.names(folder):
            former = plugins.former(folder, name, written)
            prefix = "critic_" if flag == "critic" else ""
            found |= {f"{prefix}{option}": value for option, value in former.items()}
    return found


def _code(recorded, named):
    """The checksums of files of code that a configuration holds."""
    if not isinstance(recorded, dict) or not all(isinstance(v, str) for v in recorded.values()):
        raise UserError(f'{named} has a "code" that is no object of checksums by file.')
    return recorded


def run_name(config: Config) -> str:
    """The run's default name: the preset's with what differs from it, or dataset_flow_objective."""
    if not config.preset:
        model = config.flow or config.generator or default_flow(config.dataset)
        parts = [own_code.label(name) for name in (config.dataset, model, config.objective)]
        if config.objective == "hybrid":
            default = plugins.options("objectives", "hybrid", "objective")["adversary"]
            parts.append(own_code.label(config.adversary or default))
        return "_".join(parts)
    differing = changes(Config(**from_preset(config.preset)), config)
    if config.steps is not None:
        differing = [change for change in differing if change[0] != "epochs"]
    shown = [
        (name, own_code.label(now) if own_code.is_code(now) else now) for name, _, now in differing
    ]
    changed = [re.sub(r"[^\w.-]", "-", f"{name}{now}") for name, now in shown]
    return "_".join([config.preset, *changed])
