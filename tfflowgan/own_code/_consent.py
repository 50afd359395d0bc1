"""Which files may be executed, and what they contained when they were first read.

Consent holds inside `with consent(names):` alone. There a file is read once, so that the checksum
which is recorded is that of the code which was executed, and a file that is edited during a long
training does not stop it.
"""

import contextlib
import contextvars
import dataclasses
import pathlib
from collections.abc import Iterable, Iterator

from tfflowgan.errors import UserError
from tfflowgan.own_code._names import is_code, shown, split

__all__ = ["allows", "allows_everything", "consent", "read", "require", "source"]


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


def allows_everything() -> bool:
    """Whether any file may be executed here, as with `--allow_code`."""
    scope = _scope.get()
    return scope is not None and scope.everything


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
        return read(split(name)[0])
    except OSError as error:
        raise UserError(f"--{flag}={name} cannot be read: {error.strerror}.") from None


def read(path: pathlib.Path) -> bytes:
    """The content of a file, the same whenever it is asked for inside one `with consent`.

    Raises:
      OSError: it cannot be read.
    """
    scope = _scope.get()
    if scope is None:
        return path.read_bytes()
    if path not in scope.read:
        scope.read[path] = path.read_bytes()
    return scope.read[path]
