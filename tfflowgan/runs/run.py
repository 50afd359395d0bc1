"""The directory of a run, which holds all that is known about it.

RUN/config.json          the full configuration
RUN/data.json            the dataset: source, counts, fingerprint
RUN/minutes.json         with --minutes: how many steps fit into them
RUN/init_from.json       the weights it started from, with --init_from
RUN/program.json         the program that was exported last, with bin/export_program
RUN/elsewhere.json       steps that were taken elsewhere, with bin/import_state: on which device
RUN/metrics.jsonl        one line per evaluation
RUN/checkpoints/         step-N: the newest training states
                         weights alone: best (validation NLL), best_score, last, snapshot-N
RUN/curves.png           the columns of metrics.jsonl against steps, drawn at the end
RUN/logs/                TensorBoard
RUN/samples/             grids of samples: of the first and last evaluation, and of some between
RUN/results/             results of `bin/evaluate`
RUN/finished.json        how the run ended, written last
RUN/finished-N.json      the same of a run that ended at step N and was continued after that

With several workers, all read this directory but only the chief writes to it. Each of the others
writes to a scratch directory of its own.
"""

import contextlib
import dataclasses
import json
import os
import pathlib
from collections.abc import Iterator

from tfflowgan import config as config_module
from tfflowgan.config import Config
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.runs import going_on
from tfflowgan.runs.lock import Locked, exclusive
from tfflowgan.runs.names import WEIGHTS, snapshot_name
from tfflowgan.runs.provenance import provenance

__all__ = ["Run"]


@dataclasses.dataclass(frozen=True)
class Run:
    """The directory of one run.

    Attributes:
      path: the directory.
      scratch: where a worker other than the chief writes instead; None for the chief.
    """

    path: pathlib.Path
    scratch: pathlib.Path | None = None

    @classmethod
    def open(cls, path: pathlib.Path, flag: str = "run") -> "Run":
        """Opens an existing run.

        Args:
          path: its directory.
          flag: the flag that gave the path, for the error message.

        Raises:
          UserError: there is no run at the path.
        """
        if not (path / "config.json").exists():
            raise UserError(
                f"--{flag}={path} is not a run: it has no config.json; train one with bin/train "
                f"--run={path}."
            )
        return cls(path)

    @classmethod
    def create(cls, path: pathlib.Path, scratch: pathlib.Path | None = None) -> "Run":
        """Creates the folders of a run where they are missing.

        Args:
          path: the directory of the run.
          scratch: see the attribute.

        Raises:
          UserError: the folders cannot be created.
        """
        run = cls(path, scratch)
        try:
            for folder in (run.checkpoints, run.logs, run.samples, run.results):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(f"--run={path} cannot be written: {error.strerror}.") from None
        return run

    def discard_if_empty(self) -> None:
        """Removes the run's folders if nothing has been recorded in them."""
        if (self.path / "config.json").exists():
            return
        (self._out / "lock").unlink(missing_ok=True)
        for folder in (self.checkpoints, self.logs, self.samples, self.results, self._out):
            with contextlib.suppress(OSError):  # it holds something
                folder.rmdir()

    def check_config(self, config: Config) -> Config:
        """Checks that a run can continue with a configuration.

        A run without an end and without a checkpoint accepts any configuration and any images. Any
        other accepts another end (see `tfflowgan.runs.going_on`), which is not checked here.

        Args:
          config: resolved.

        Returns:
          The configuration to continue with. It is `config`, except that a run that started on the
          embedded excerpt of its dataset stays on it unless other data are asked for, and keeps
          what its start has settled.

        Raises:
          UserError: a setting that must not change differs from that of the run.
        """
        if not self.started() and self.finished() is None:
            (self._out / "data.json").unlink(missing_ok=True)
            return config
        before = self.config()
        config = going_on.as_settled(before, config)
        if going_on.fixed_changes(before, config):
            command = self.init_from_command(config)
            raise UserError(going_on.refusal(self.path, before, config, command))
        unasked = config.data_dir is None and config.data_source == "auto"
        if unasked and before.data_source == "embedded":
            return dataclasses.replace(config, data_source="embedded")
        return config

    def record(self, config: Config, splits: Splits) -> None:
        """Writes config.json, and data.json if it does not exist yet.

        Raises:
          UserError: the images differ from those that the run started with.
        """
        if self.data() is None:
            data = splits.provenance() | {"provenance": provenance(config.tf32)}
            self.write("data.json", json.dumps(data, indent=2) + "\n")
        self.check_data(splits)
        if splits.source.startswith("embedded"):
            config = dataclasses.replace(config, data_source="embedded")
        self.write("config.json", config.to_json())

    def started(self) -> bool:
        """Whether the run has a configuration and a checkpoint to continue from."""
        return (self.path / "config.json").exists() and any(self.saved.glob("*.index"))

    def init_from_command(self, config: Config) -> str | None:
        """The command that trains on from this run's weights with a configuration.

        Args:
          config: resolved.

        Returns:
          The command, or None if the run has no weights yet or they do not fit.
        """
        before = self.config()
        if not _index(self.weights(before.select or "nll")).exists():
            return None
        return going_on.init_from_command(self.path, before, config, self.finished())

    @property
    def _out(self) -> pathlib.Path:
        return self.scratch or self.path

    @property
    def saved(self) -> pathlib.Path:
        """The folder to read checkpoints from, the same for all workers."""
        return self.path / "checkpoints"

    @property
    def checkpoints(self) -> pathlib.Path:
        """The folder to write checkpoints to."""
        return self._out / "checkpoints"

    @property
    def logs(self) -> pathlib.Path:
        """The folder for TensorBoard's logs."""
        return self._out / "logs"

    @property
    def samples(self) -> pathlib.Path:
        """The folder for grids of samples."""
        return self._out / "samples"

    @property
    def results(self) -> pathlib.Path:
        """The folder for results of evaluations."""
        return self._out / "results"

    def weights(self, select: str) -> pathlib.Path:
        """The path of a checkpoint that holds weights alone, whether it exists or not.

        Args:
          select: "nll" (best validation NLL), "score" (best sample score), "last" or "snapshot-N".

        Raises:
          UserError: `select` is none of these.
        """
        if select.startswith("snapshot-") and select[9:].isdecimal():
            return self.saved / snapshot_name(int(select[9:]))
        if select not in WEIGHTS:
            raise UserError(
                f"--select={select} is not known; it can be {', '.join(WEIGHTS)} or snapshot-N."
            )
        return self.saved / WEIGHTS[select]

    def config(self) -> Config:
        """Reads the configuration of the run."""
        path = str(self.path / "config.json")
        return Config(**config_module.from_file(path, named=path))

    def data(self) -> dict | None:
        """The provenance of the images, or None if the run has not loaded any yet."""
        return self.read("data.json")

    def check_data(self, splits: Splits) -> None:
        """Checks that images are those that the run was trained on.

        Raises:
          UserError: their fingerprint differs.
        """
        now, before = splits.provenance(), self.data()
        if before is not None and before["fingerprint"] != now["fingerprint"]:
            raise UserError(
                f"{self.path} was trained on other images ({before['source']}, "
                f"fingerprint {before['fingerprint']}; now {now['source']}, {now['fingerprint']}); "
                "give the same images, or train another --run."
            )

    def init_from(self) -> dict | None:
        """What the run started from, or None without `--init_from`.

        Returns:
          The name of the other run, as "run", and the checksum of its weights' index, as "sha256";
          or name and version of a SavedModel, as "model", and the checksum of its files.
        """
        start = self.read("init_from.json")
        if not start:
            return None
        if "model" in start:
            return {"model": "/".join(pathlib.Path(start["model"]).parts[-2:])} | {
                "sha256": start["sha256"]
            }
        name = pathlib.Path(start["weights"]).parent.parent.name
        return {"run": name, "sha256": start["index_sha256"]}

    def former_output(self) -> pathlib.Path | None:
        """The folder of the newest export that ended the run; None if it is not there any more."""
        ends = [self.finished()]
        ends += [self.read(p.name) for p in sorted(self.path.glob("finished-*.json"), reverse=True)]
        models = [end["model"] for end in ends if end and "model" in end]
        folder = pathlib.Path(models[0]).parent if models else None
        return folder if folder and folder.is_dir() else None

    def finished(self) -> dict | None:
        """How the run ended, or None if it has not ended yet."""
        return self.read("finished.json")

    def supersede_end(self) -> None:
        """Keeps the end of a run that trains again as finished-N.json, with N its last step."""
        finished = self.finished()
        if finished and self.scratch is None:
            os.replace(
                self.path / "finished.json", self.path / f"finished-{finished['step']:09d}.json"
            )

    def metrics(self) -> list[dict]:
        """Reads metrics.jsonl, without a half-written last line."""
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
        """Drops the metrics of all steps after `step`, which a resumed run will repeat."""
        rows = [row for row in self.metrics() if row["step"] <= step]
        self.write("metrics.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    def write(self, name: str, text: str) -> pathlib.Path:
        """Writes a file of the run atomically; returns its path."""
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
            raise UserError(
                f"another process is training in --run={self.path}; wait for it or give another "
                "--run."
            ) from None

    def read(self, name: str) -> dict | None:
        """Reads a JSON file of the run; None if it does not exist.

        Raises:
          UserError: it is damaged.
        """
        path = self.path / name
        try:
            return json.loads(path.read_text()) if path.exists() else None
        except ValueError:
            raise UserError(
                f"{path} is damaged; restore it from a copy, or train another --run."
            ) from None


def _index(path):
    """The file of a checkpoint that TensorFlow writes last."""
    return path.with_name(path.name + ".index")
