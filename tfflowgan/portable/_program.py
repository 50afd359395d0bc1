"""A program of `bin/export_program` on any device that JAX has, without TensorFlow."""

import gzip
import importlib
import json
import pathlib
import time
import zlib
from typing import Any

import numpy as np

from tfflowgan.errors import SetupError, UserError
from tfflowgan.portable._files import read_arrays

__all__ = ["FORMAT", "Program", "description"]

FORMAT = 1


def description(folder: pathlib.Path) -> dict:
    """What `program.json` of a program says.

    Raises:
      UserError: there is no such program, or another version wrote it.
    """
    try:
        found = json.loads((folder / "program.json").read_text())
        written = int(found["format"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(
            f"{folder} is no program; give a folder that bin/export_program wrote."
        ) from None
    if written > FORMAT:
        raise UserError(
            f"{folder} has format {written}, and this version of tfflowgan reads up to {FORMAT}; "
            "use a newer one."
        )
    return found


def _imported(module) -> Any:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise SetupError(
            f"tfflowgan.portable needs JAX 0.10 or 0.11, which is not installed ({error}); install "
            "it for your device (pip install jax: for CPUs).",
            name=module,
        ) from None


class Program:
    """A compiled program with its variables on a device.

    Attributes:
      about: `program.json`.
      device: what JAX calls it.
      compile_seconds: how long compiling took.
    """

    def __init__(self, folder: pathlib.Path, kind: str) -> None:
        """Compiles for the first device of JAX.

        Args:
          folder: of the program.
          kind: "training", "log_prob", ..., which the program must be.

        Raises:
          UserError: files are missing or damaged, or the device's compiler refuses the program.
        """
        jax = _imported("jax")
        backend, client = _imported("jax.extend.backend"), _imported("jaxlib.xla_client")
        self.about = description(folder)
        if self.about["kind"] != kind:
            raise UserError(f"{folder} is a program of kind {self.about['kind']}, not {kind}.")
        jax.config.update("jax_enable_x64", True)  # steps are counted in int64
        self._jax = jax
        try:
            self.device = jax.devices()[0]
        except RuntimeError as error:
            raise UserError(f"JAX finds no device: {str(error).splitlines()[0]}") from None
        try:
            module = gzip.decompress((folder / "program.mlir.gz").read_bytes()).decode()
        except (OSError, EOFError, ValueError, zlib.error) as error:
            raise UserError(
                f"{folder / 'program.mlir.gz'} cannot be read ({error}); copy it again."
            ) from None
        started = time.monotonic()
        try:
            options = backend.get_compile_options(1, 1)
            devices = client._xla.DeviceList((self.device,))
            self._call = self.device.client.compile_and_load(module, devices, options)
        except (AttributeError, TypeError) as error:
            raise UserError(
                f"JAX {jax.__version__} does not take programs as 0.10 and 0.11 do ({error}); "
                "install one of these."
            ) from None
        except (RuntimeError, ValueError) as error:
            reason = str(error).splitlines()[0][:300]
            raise UserError(f"{folder} cannot be compiled for {self.device}: {reason}") from None
        self.compile_seconds = time.monotonic() - started
        arrays = read_arrays(folder, "state")
        self._variables = [self.put(arrays[name]) for name in self.about["variables"]]

    def put(self, value: np.ndarray) -> Any:
        """An array on the device."""
        return self._jax.device_put(np.asarray(value), self.device)

    def __call__(self, *arguments: Any) -> dict[str, np.ndarray]:
        """Calls the program; its variables change.

        Args:
          arguments: as `program.json` lists them, arrays of NumPy or of the device.

        Returns:
          The results by name.
        """
        given = [a if isinstance(a, self._jax.Array) else self.put(a) for a in arguments]
        found = self._call.execute([*given, *self._variables])
        changed = dict(self.about["changed"])  # from an output's place to a variable's
        results = []
        for place, value in enumerate(found):
            if str(place) in changed:
                self._variables[changed[str(place)]] = value
            else:
                results.append(value)
        return {
            name: np.asarray(value)
            for name, value in zip(self.about["results"], results, strict=True)
        }

    def variables(self) -> dict[str, np.ndarray]:
        """All variables by name."""
        pairs = zip(self.about["variables"], self._variables, strict=True)
        return {name: np.asarray(value) for name, value in pairs}

    def zero(self, names: list[str]) -> None:
        """Sets variables to zero."""
        for place, name in enumerate(self.about["variables"]):
            if name in names:
                now = self._variables[place]
                self._variables[place] = self.put(np.zeros(now.shape, now.dtype))

    def assign(self, values: dict[str, np.ndarray]) -> None:
        """Sets variables by name."""
        places = {name: i for i, name in enumerate(self.about["variables"])}
        for name, value in values.items():
            now = self._variables[places[name]]
            self._variables[places[name]] = self.put(np.asarray(value, now.dtype))
