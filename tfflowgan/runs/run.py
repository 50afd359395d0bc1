"""A run's directory: everything that a run is, on disk.

RUN/config.json          the full configuration
RUN/data.json            the dataset: source, counts, fingerprint
RUN/init_from.json       the weights it started from, with --init_from
RUN/metrics.jsonl        one line an evaluation
RUN/checkpoints/         step-N: the newest states; weights alone: best (validation NLL), best_score, last, snapshot-N
RUN/curves.png           everything in metrics.jsonl over steps, drawn at the end
RUN/logs/                TensorBoard
RUN/samples/             a picture an evaluation
RUN/results/             evaluations
RUN/finished.json        written last

Of several workers only the chief writes here; the others write into a scratch directory, and read from here.
"""

import contextlib
import dataclasses
import json
import pathlib
from collections.abc import Iterator

from tfflowgan import config as config_module
from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.runs.lock import Locked, exclusive
from tfflowgan.runs.names import WEIGHTS, snapshot_name
from tfflowgan.runs.provenance import provenance

__all__ = ["Run"]


@dataclasses.dataclass(frozen=True)
class Run:
    """The directory of one run.

    Attributes:
      path: where it is.
      scratch: where a worker that is not the chief writes instead, or None.
    """

    path: pathlib.Path
    scratch: pathlib.Path | None = None

    @classmethod
    def open(cls, path: pathlib.Path, flag: str = "run") -> "Run":
        """An existing run; `flag` is what named it.

        Raises:
          UserError: there is none at the path.
        """
        if not (path / "config.json").exists():
            raise UserError(f"--{flag}={path} is not a run: it has no config.json; train one with bin/train --run={path}.")
        return cls(path)

    @classmethod
    def create(cls, path: pathlib.Path, scratch: pathlib.Path | None = None) -> "Run":
        """A run at a path, its folders made.

        Raises:
          UserError: the path cannot be written.
        """
        run = cls(path, scratch)
        try:
            for folder in (run.checkpoints, run.logs, run.samples, run.results):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"--run={path} cannot be written: {error.strerror}.") from None
        return run

    def check_config(self, config: Config) -> Config:
        """Compares a configuration with the one that the run was begun with, if it has got as far as a checkpoint.

        Returns:
          The configuration to go on with: the given one, on the embedded excerpt where the run was begun on it.

        Raises:
          UserError: it differs in what a run may not change.
        """
        if not (self.path / "config.json").exists() or not self._begun():
            (self._out / "data.json").unlink(missing_ok=True)
            return config
        before = self.config()
        differing = [f"--{name} was {old}, now {new}" for name, old, new in config_module.changes(before, config)]
        if differing:
            raise UserError(
                f"--run={self.path} was started with other settings ({'; '.join(differing)}); give the same ones to "
                "continue it, or another --run."
            )
        unasked = config.data_dir is None and config.data_source == "auto"
        return dataclasses.replace(config, data_source="embedded") if unasked and before.data_source == "embedded" else config

    def record(self, config: Config, splits: Splits) -> None:
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
        return any(self.saved.glob("*.index"))

    @property
    def _out(self) -> pathlib.Path:
        return self.scratch or self.path

    @property
    def saved(self) -> pathlib.Path:
        """The folder of checkpoints to read."""
        return self.path / "checkpoints"

    @property
    def checkpoints(self) -> pathlib.Path:
        """The folder of checkpoints to write."""
        return self._out / "checkpoints"

    @property
    def logs(self) -> pathlib.Path:
        """The folder of TensorBoard's logs."""
        return self._out / "logs"

    @property
    def samples(self) -> pathlib.Path:
        """The folder of pictures."""
        return self._out / "samples"

    @property
    def results(self) -> pathlib.Path:
        """The folder of evaluations."""
        return self._out / "results"

    def weights(self, select: str) -> pathlib.Path:
        """The checkpoint of weights alone by what it was selected for: "nll", "score", "last" or "snapshot-N".

        Raises:
          UserError: it is none of these.
        """
        if select.startswith("snapshot-") and select[9:].isdecimal():
            return self.saved / snapshot_name(int(select[9:]))
        if select not in WEIGHTS:
            raise UserError(f"--select={select} is not known; it can be {', '.join(WEIGHTS)} or snapshot-N.")
        return self.saved / WEIGHTS[select]

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

    def init_from(self) -> dict | None:
        """The run whose weights this one started from, and their checksum; None without --init_from."""
        start = self._read("init_from.json")
        return start and {"run": pathlib.Path(start["weights"]).parent.parent.name, "sha256": start["index_sha256"]}

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
        with (self._out / "metrics.jsonl").open("a") as file:
            file.write(json.dumps(row) + "\n")

    def truncate_metrics(self, step: int) -> None:
        """Drops the metrics of steps after `step`: the run is about to repeat them."""
        kept = [row for row in self.metrics() if row["step"] <= step]
        self.write("metrics.jsonl", "".join(json.dumps(row) + "\n" for row in kept))

    def write(self, name: str, text: str) -> pathlib.Path:
        """Writes a file whole or not at all; returns its path."""
        path = self._out / name
        write_atomically(path, text)
        return path

    @contextlib.contextmanager
    def lock(self) -> Iterator[None]:
        """Keeps a second process from training in the same directory.

        Raises:
          UserError: another process trains there.
        """
        try:
            with exclusive(self._out / "lock"):
                yield
        except Locked:
            raise UserError(f"another process is training in --run={self.path}; wait for it or give another --run.") from None

    def _read(self, name):
        path = self.path / name
        try:
            return json.loads(path.read_text()) if path.exists() else None
        except ValueError:
            raise UserError(f"{path} is damaged; put it back, or train another --run.") from None
