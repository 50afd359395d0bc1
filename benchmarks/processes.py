"""Worker processes: one per implementation, one asked at a time."""

import json
import os
import subprocess
import tempfile
import time

__all__ = ["Failed", "Worker"]


class Failed(RuntimeError):
    """A worker has died; the message is the end of what it wrote."""


class Worker:
    """A process that runs `serve`."""

    def __init__(self, interpreter: str, script: str, spec: dict):
        """Starts it."""
        self._errors = tempfile.TemporaryFile("w+")
        self._cache = (
            tempfile.TemporaryDirectory()
        )  # empty, so that nothing has been compiled before
        self._process = subprocess.Popen(
            [interpreter, script, json.dumps(spec | {"started": time.time()})],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env=os.environ | {"TORCHINDUCTOR_CACHE_DIR": self._cache.name},
        )

    def ask(self, do: str, **request) -> dict:
        """Sends a request and waits for the answer.

        Raises:
          Failed: the process has ended.
        """
        try:
            self._process.stdin.write(json.dumps({"do": do, **request}) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            self._errors.seek(0)
            raise Failed(self._errors.read().strip().splitlines()[-1:] or ["no message"])
        return json.loads(answer)

    def close(self) -> None:
        """Ends it."""
        self._process.kill()
        self._process.wait()
        self._cache.cleanup()
