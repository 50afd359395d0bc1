"""Evaluates a run: loads what the evaluations need once, keeps results, records their origin.

RUN/results/NAME.json       what the evaluation returned, with checkpoint, data, settings and
                            provenance
RUN/results/NAME.png        its figure
RUN/results/NAME-*.png      its pictures
RUN/results/.NAME-KEY/      parts of an unfinished evaluation; deleted when it is complete
"""

import dataclasses
import functools
import hashlib
import json
import logging
import pathlib
import time

import numpy as np

from tfflowgan import devices, image_grid, own_code, plugins, report, tf32
from tfflowgan.datasets import Splits
from tfflowgan.errors import UserError
from tfflowgan.evaluation import _registry as registry
from tfflowgan.generators import Generator
from tfflowgan.metrics.classifier import INCEPTION, classifier_path, find_classifier
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.model_versions import digest
from tfflowgan.plugins import Choice
from tfflowgan.report import results
from tfflowgan.runs.load import load_generator, load_splits
from tfflowgan.runs.provenance import provenance
from tfflowgan.runs.run import Run

__all__ = ["RunEvaluator"]

_log = logging.getLogger(__name__)


@dataclasses.dataclass(frozen=True)
class RunEvaluator:
    """A run, ready to be evaluated.

    Attributes:
      run: the run.
      select: which weights to evaluate, or None for the run's own selection.
      dtype: "float32" or "float64" to compute in, or None for the run's.
      data_dir: where the original data files are now, or None for the run's directory.
      given: the images of a run that was trained from Python (see `tfflowgan.datasets.arrays`),
        with test images, which may be new to the run if it had none.
    """

    run: Run
    select: str | None = None
    dtype: str | None = None
    data_dir: str | None = None
    given: Splits | None = None

    @functools.cached_property
    def splits(self) -> Splits:
        """The images that the run was trained on.

        Raises:
          UserError: the images differ from those that the run was trained on.
        """
        config = self.run.config()
        if self.data_dir:
            config = dataclasses.replace(config, data_dir=self.data_dir)
        if self.given is None:
            splits = load_splits(config, self.run.data())
        else:
            splits = self.given.first(config.limit)
        if not len(splits.test):
            what = f"--run={self.run.path}" if self.given is None else "given"
            way = "" if self.given is None else "splits_of(images, validation_data, test_data)"
            raise UserError(
                f"{what} has no test images, on which {self.run.path} is to be evaluated"
                + (f"; give {way}." if way else ".")
            )
        seen = splits
        if self.given is not None and (self.run.data() or {}).get("test") == 0:
            seen = dataclasses.replace(splits, test=splits.test.first(0))
        self.run.check_data(seen)
        return splits

    @functools.cached_property
    def generator(self) -> Generator:
        """The generator that the run trained, in `dtype`."""
        generator = load_generator(self.run, self.select)
        return generator if self.dtype in (None, generator.dtype) else generator.astype(self.dtype)

    @property
    def weights(self) -> dict[str, str]:
        """The weights of `generator`: which, as "select", and their index' checksum, "sha256".

        Raises:
          UserError: they do not exist yet, or cannot be read.
        """
        self.generator  # noqa: B018  reports missing weights before they are hashed
        select = self.select or self.run.config().select or "nll"
        index = self.run.weights(select).with_suffix(".index")
        return {"select": select, "sha256": hashlib.sha256(index.read_bytes()).hexdigest()}

    @property
    def flow(self) -> Generator:
        """The generator, if it has a density.

        Raises:
          UserError: it has no density.
        """
        if not self.generator.has_density:
            raise UserError(
                f"--run={self.run.path} trained --generator={self.run.config().generator}, "
                "which has no density."
            )
        return self.generator

    @tf32.allowed(False)
    def evaluate(
        self, name: Choice, options: dict, overwrite: bool = False
    ) -> tuple[dict, pathlib.Path]:
        """Runs an evaluation, or reads its stored result.

        A stored result is used if its settings, weights and images are the same.

        Args:
          name: one of `tfflowgan.evaluation.names()`, `FILE.py:FUNCTION`, or a function.
          options: the evaluation's options; those left out have their defaults.
          overwrite: run the evaluation in any case, and replace the stored result.

        Returns:
          The result and the path of its JSON file.

        Raises:
          UserError: the run, the images or the options are not valid, or a file of code may not
            be executed.
        """
        for flag, value in self.run.config().code().items():
            own_code.require(value, flag)
        label = registry.label(name)
        code = own_code.digests([plugins.written(name)])
        options = registry.options(name) | options
        weights = self._weights(name)
        data = self.splits.provenance()
        model = self._settings()
        fingerprint, scored_by = data["fingerprint"], self._scored_by(options)
        own = "annealing_batch" if name == "annealing" else None  # changes no result
        asked = {n: v for n, v in options.items() if n != own}
        key = _digest(
            [label, asked, self.dtype, weights, model, fingerprint, scored_by, *code.values()]
        )
        path = self.run.results / f"{self._name(name, options)}.json"
        lasting = not callable(name) or code  # a function in no file may have changed
        if (
            lasting
            and not overwrite
            and (result := _read(path)) is not None
            and result.get("key") == key
        ):
            _log.info("%s is up to date (%s); --overwrite repeats it.", label, path)
            return result, path
        parts = _digest([key, provenance()["commit"]])  # another version may divide it differently
        loop = ResumableLoop(self.run.results / f".{label}-{parts}", shown=True)
        _log.info("Evaluating %s of %s on %s.", label, self.run.path, devices.describe())
        start = time.monotonic()
        arguments = {
            needed: loop if needed == "loop" else getattr(self, needed)
            for needed in registry.inputs(name)
        }
        function = plugins.function("evaluation", name, "evaluations", "evaluate")
        result = _checked(function(**arguments, **options), name)
        result["pictures"] = self._save_pictures(path, result.get("pictures", {}))
        if "arrays" in result:
            np.savez_compressed(path.with_suffix(".npz"), **result.pop("arrays"))
            result["arrays"] = path.with_suffix(".npz").name
        result |= {
            "format": results.FORMAT,
            "evaluation": label,
            "key": key,
            "run": self.run.path.name,
            "weights": weights,
            "options": options,
            "data": data,
            "provenance": provenance() | {"seconds": round(time.monotonic() - start, 1)},
        }
        result |= {"code": code} if code else {}
        text = _text(result, name)
        self.run.write(f"results/{path.name}", text + "\n")
        loop.discard()
        report.save_figure(label, {self.run.path.name: json.loads(text)}, path.with_suffix(".png"))
        return json.loads(text), path

    def _settings(self):
        """The run's settings as in its file, so that later versions find its results too."""
        settings = json.loads((self.run.path / "config.json").read_text())
        settings.pop("format", None)
        return json.dumps(settings, indent=2) + "\n"

    def _weights(self, name):
        """The weights evaluated; for an evaluation of a whole run, all of them and its metrics."""
        if "run" in registry.inputs(name):
            files = [*sorted(self.run.saved.glob("*.index")), self.run.path / "metrics.jsonl"]
            files = [p for p in files if p.exists() and not p.name.startswith("step-")]
            return {
                "select": "all",
                "sha256": _digest([hashlib.sha256(p.read_bytes()).hexdigest() for p in files]),
            }
        return self.weights

    def _scored_by(self, options):
        """The checksum of the classifier that an evaluation uses; None without a local one."""
        if options.get("classifier", "") in ("", INCEPTION):
            return None
        try:
            return digest(find_classifier(classifier_path(options["classifier"], self.splits.name)))
        except UserError:
            return None  # the evaluation reports what is missing, if it needs a classifier

    def _name(self, name, options):
        select = [self.select] if self.select and "run" not in registry.inputs(name) else []
        first = [f"first-{options['limit']}"] if options.get("limit") else []
        dtype = (
            [self.dtype]
            if self.dtype and {"flow", "generator", "dtype"} & {*registry.inputs(name)}
            else []
        )
        return "-".join([registry.label(name), *select, *first, *dtype])

    def _save_pictures(self, path, images):
        files = {}
        for name, (grid, columns) in images.items():
            files[name] = f"{path.stem}-{name}.png"
            image_grid.save_grid(path.with_name(files[name]), np.asarray(grid), columns)
        return files


def _checked(result, name):
    """A new dict of what an evaluation returned."""
    if not isinstance(result, dict):
        raise UserError(
            f"--evaluations={plugins.title(name)} must return a dict; it returned a value of type "
            f"{type(result).__name__}."
        )
    return dict(result)


def _text(result, name):
    try:
        return json.dumps(result, indent=1, allow_nan=False)
    except (TypeError, ValueError) as error:
        if isinstance(name, str) and not own_code.is_code(name):
            raise
        raise UserError(
            f"--evaluations={plugins.title(name)} returned a value that JSON cannot hold: {error}."
        ) from None


def _digest(value):
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()[:16]


def _read(path):
    try:
        return results.read(path)
    except (OSError, ValueError):
        return None
