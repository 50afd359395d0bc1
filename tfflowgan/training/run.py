"""A run's directory: everything that a run is, on disk.

RUN/config.json          the full configuration
RUN/data.json            the dataset: source, counts, fingerprint
RUN/metrics.jsonl        one line an epoch
RUN/checkpoints/         step-N: the newest states; best: the state of the best validation NLL
RUN/curves.png           NLL over steps, drawn at the end
RUN/logs/                TensorBoard
RUN/samples/             a picture an epoch
RUN/results/             evaluations
RUN/finished.json        written last
"""

import contextlib
import dataclasses
import fcntl
import json
import os
import pathlib

from tfflowgan import config as config_module
from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.provenance import provenance

__all__ = ["Run"]


@dataclasses.dataclass(frozen=True)
class Run:
    """The directory of one run."""

    path: pathlib.Path

    @classmethod
    def open(cls, path: pathlib.Path) -> "Run":
        """An existing run.

        Raises:
          UserError: there is none at the path.
        """
        if not (path / "config.json").exists():
            raise UserError(f"--run={path} is not a run: it has no config.json; train one with bin/train --run={path}.")
        return cls(path)

    @classmethod
    def create(cls, path: pathlib.Path) -> "Run":
        """A run at a path, its folders made.

        Raises:
          UserError: the path cannot be written.
        """
        run = cls(path)
        try:
            for folder in (run.checkpoints, run.logs, run.samples, run.results):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"--run={path} cannot be written: {error.strerror}.") from None
        return run

    def adopt(self, config: Config) -> Config:
        """Compares a configuration with the one that the run was begun with, if it has got as far as a checkpoint.

        Returns:
          The configuration to go on with: the given one, on the embedded excerpt where the run was begun on it.

        Raises:
          UserError: it differs in what a run may not change.
        """
        if not (self.path / "config.json").exists() or not self._begun():
            (self.path / "data.json").unlink(missing_ok=True)
            return config
        before = self.config()
        differing = config_module.changes(before, config)
        if differing:
            raise UserError(
                f"--run={self.path} was started with other settings ({'; '.join(differing)}); give the same ones to "
                "continue it, or another --run."
            )
        unasked = config.data_dir is None and config.data_source == "auto"
        return dataclasses.replace(config, data_source="embedded") if unasked and before.data_source == "embedded" else config

    def keep(self, config: Config, splits: Splits) -> None:
        """Records what the run is: its configuration, and its images if they are new to it.

        Raises:
          UserError: the images are others than those it was begun with.
        """
        if self.data() is None:
            self.write("data.json", json.dumps(splits.provenance() | {"provenance": provenance()}, indent=2) + "\n")
        self.check_data(splits)
        if splits.source.startswith("embedded"):
            config = dataclasses.replace(config, data_source="embedded")
        self.write("config.json", config.to_json())

    def _begun(self) -> bool:
        return any(self.checkpoints.glob("*.index"))

    @property
    def checkpoints(self) -> pathlib.Path:
        """The folder of checkpoints."""
        return self.path / "checkpoints"

    @property
    def best(self) -> pathlib.Path:
        """The checkpoint of the best validation NLL."""
        return self.checkpoints / "best"

    @property
    def logs(self) -> pathlib.Path:
        """The folder of TensorBoard's logs."""
        return self.path / "logs"

    @property
    def samples(self) -> pathlib.Path:
        """The folder of pictures."""
        return self.path / "samples"

    @property
    def results(self) -> pathlib.Path:
        """The folder of evaluations."""
        return self.path / "results"

    def config(self) -> Config:
        """The run's configuration."""
        return Config(**config_module.from_file(str(self.path / "config.json")))

    def data(self) -> dict | None:
        """What the run was trained on, or None before the data were first loaded."""
        return self._read("data.json")

    def check_data(self, splits: Splits) -> None:
        """Compares images with those that the run was trained on.

        Raises:
          UserError: they are others.
        """
        now, before = splits.provenance(), self.data()
        if before is not None and before["fingerprint"] != now["fingerprint"]:
            raise UserError(
                f"{self.path} was trained on other images ({before['source']}, fingerprint {before['fingerprint']}; now "
                f"{now['source']}, {now['fingerprint']}); give the same images, or train another --run."
            )

    def finished(self) -> dict | None:
        """How the run ended, or None while it has not."""
        return self._read("finished.json")

    def metrics(self) -> list[dict]:
        """The lines of metrics.jsonl; a half-written last line is left out."""
        rows = []
        path = self.path / "metrics.jsonl"
        for line in path.read_text().splitlines() if path.exists() else []:
            with contextlib.suppress(json.JSONDecodeError):
                rows.append(json.loads(line))
        return rows

    def append_metrics(self, row: dict) -> None:
        """Adds a line to metrics.jsonl."""
        with (self.path / "metrics.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")

    def forget_after(self, step: int) -> None:
        """Drops the metrics of steps after `step`: the run is about to repeat them."""
        kept = [row for row in self.metrics() if row["step"] <= step]
        self.write("metrics.jsonl", "".join(json.dumps(row) + "\n" for row in kept))

    def write(self, name: str, text: str) -> pathlib.Path:
        """Writes a file whole or not at all; returns its path."""
        path = self.path / name
        part = path.with_name(path.name + ".part")
        part.write_text(text)
        os.replace(part, path)
        return path

    @contextlib.contextmanager
    def lock(self):
        """Keeps a second process from training in the same directory.

        Raises:
          UserError: another process is at it.
        """
        with (self.path / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise UserError(f"another process is training in {self.path}; wait for it or give another --run.") from None
            yield

    def _read(self, name):
        path = self.path / name
        try:
            return json.loads(path.read_text()) if path.exists() else None
        except ValueError:
            raise UserError(f"{path} is damaged; put it back, or train another --run.") from None
