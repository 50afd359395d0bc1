"""Which files may be executed, and what they contained when they were first read.

Consent holds inside `with consent(names):` alone. There a file is read once, so that the checksum
which is recorded is that of the code which was executed, and a file that is edited during a long
training does not stop it.
"""

import contextlib
import contextvars
import dataclasses
import hashlib
import pathlib
from collections.abc import Iterable, Iterator

from tfflowgan.errors import UserError
from tfflowgan.own_code._names import is_code, shown, split

__all__ = ["allows", "consent", "digests", "refuse_changed", "require", "source"]


@dataclasses.dataclass(frozen=True)
class _Scope:
    everything: bool
    paths: frozenset[pathlib.Path]
    read: dict[pathlib.Path, bytes]


_scope: contextvars.ContextVar[_Scope | None] = contextvars.ContextVar("own_code", default=None)


@contextlib.contextmanager
def consent(names: Iterable[object] = (), everything: bool = False) -> Iterator[None]:
    """Lets files be executed inside a `with` statement.

    Args:
      names: values that the user gave; the files of those that are names of code may be executed.
      everything: whether any file may be executed, as with `--allow_code`.
    """
    outer = _scope.get() or _Scope(False, frozenset(), {})
    paths = frozenset(split(name)[0] for name in names if isinstance(name, str) and is_code(name))
    token = _scope.set(_Scope(outer.everything or everything, outer.paths | paths, outer.read))
    try:
        yield
    finally:
        _scope.reset(token)


def allows(name: str) -> bool:
    """Whether the file of a name may be executed here."""
    scope = _scope.get()
    return scope is not None and (scope.everything or split(name)[0] in scope.paths)


def require(name: str, flag: str) -> None:
    """Checks that the file of a name may be executed.

    Args:
      name: `FILE.py:FUNCTION`.
      flag: the flag that chooses such a part, for the message.

    Raises:
      UserError: nobody has agreed to that.
    """
    if not allows(name):
        path, _ = split(name)
        raise UserError(
            f"{path} (--{flag}={shown(name)}) is named by what was loaded, not by a flag, so it is "
            "executed only with --allow_code (allow_code=True in Python)."
        )


def source(name: str, flag: str) -> bytes:
    """The content of the file of a name.

    Args:
      name: `FILE.py:FUNCTION`.
      flag: the flag that chooses such a part, for the message.

    Raises:
      UserError: the file cannot be read.
    """
    try:
        return _read(split(name)[0])
    except OSError as error:
        raise UserError(f"--{flag}={name} cannot be read: {error.strerror}.") from None


def digests(values: Iterable[object]) -> dict[str, str]:
    """The SHA-256 of every file that some values name, by its absolute path.

    Args:
      values: any values; those that are not names of code are left out.

    Raises:
      UserError: a file cannot be read.
    """
    found = {}
    for name in values:
        if isinstance(name, str) and is_code(name):
            path, _ = split(name)
            try:
                found[str(path)] = hashlib.sha256(_read(path)).hexdigest()
            except OSError as error:
                raise UserError(f"{path} cannot be read: {error.strerror}.") from None
    return found


def refuse_changed(recorded: dict[str, str], where: str) -> None:
    """Checks that files still are what they were.

    Args:
      recorded: what `digests` returned then.
      where: what recorded it, for messages.

    Raises:
      UserError: a file is missing or has changed.
    """
    for path, before in recorded.items():
        try:
            now = hashlib.sha256(_read(pathlib.Path(path))).hexdigest()
        except OSError as error:
            raise UserError(
                f"{where} needs the file {path}, which cannot be read: {error.strerror}; put it "
                "back."
            ) from None
        if now != before:
            raise UserError(
                f"{path} has changed since {where} was written (SHA-256 was {before[:12]}..., now "
                f"{now[:12]}...); restore that file."
            )


def _read(path):
    scope = _scope.get()
    if scope is None:
        return path.read_bytes()
    if path not in scope.read:
        scope.read[path] = path.read_bytes()
    return scope.read[path]
