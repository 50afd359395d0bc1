"""What an artefact is: one table, figure or claim of a paper, in a module of `grover/` or `danihelka/`.

\"\"\"Table 1: best MODE scores ...\"\"\"       the first line of its docstring is its title
PUBLISHED = "..."                          what the paper shows or says there, in words
IMAGES = "mnist"                           the paper's images
RUNS = {"MLE": "mnist_nice_mle"}           a label for every run of `recipes` that it rests on
SEEDS = True                               if it reads all seeds of a run, and not the first alone
NEEDS = [Evaluation("likelihood")]         evaluations of each run; or by label {"MLE": [...]}
render(found) -> Rendered                  from {label: `FinishedRun`} to a table, figure, pictures and claims
"""

import dataclasses
import importlib
import math
import pathlib
import statistics
from types import ModuleType
from typing import Any

from tfflowgan.errors import UserError
from tfflowgan.statistics import Mean

__all__ = [
    *("PAPERS", "SCALES", "Claim", "Evaluation", "Rendered"),
    *("above", "all_hold", "evaluations", "exactly", "load", "names", "rises", "title"),
]

PAPERS = {"grover": "Grover et al. (2018), Flow-GAN", "danihelka": "Danihelka et al. (2017)"}
SCALES = ("smoke", "laptop", "paper")


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """An evaluation that an artefact needs.

    Attributes:
      name: one of `tfflowgan.evaluation`.
      select: which weights, None for what the run selects.
      dtype: "float64", or None for the run's.
      options: its options at each scale, over those of `plan.OPTIONS`.
    """

    name: str
    select: str | None = None
    dtype: str | None = None
    options: dict[str, dict] = dataclasses.field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        """Name, weights and dtype."""
        return self.name, self.select, self.dtype


@dataclasses.dataclass(frozen=True)
class Claim:
    """A statement held against our numbers.

    Attributes:
      statement: what is said.
      holds: whether it holds; None where our runs cannot tell.
      ours: the numbers.
      paper: whether the paper says so; else it is ours, and counted apart.
    """

    statement: str
    holds: bool | None
    ours: str
    paper: bool = True


@dataclasses.dataclass
class Rendered:
    """What an artefact makes of runs.

    Attributes:
      claims: at least one.
      table: header and rows of text, or None.
      figure: a matplotlib `Figure`, or None.
      notes: what a reader must know.
      numbers: plain values for the JSON file.
    """

    claims: list[Claim]
    table: tuple[list[str], list[list[str]]] | None = None
    figure: Any = None
    notes: list[str] = dataclasses.field(default_factory=list)
    numbers: dict = dataclasses.field(default_factory=dict)


def above(one: Mean, other: Mean) -> bool | None:
    """Whether a mean is above another.

    Returns:
      None where they are less than two standard errors apart, or one is not a number.
    """
    value, limit = one["value"], other["value"]
    spread = 2.0 * math.hypot(one["standard_error"] or 0.0, other["standard_error"] or 0.0)
    if math.isnan(value) or math.isnan(limit) or math.isnan(spread) or abs(value - limit) <= spread:
        return None
    return value > limit


def exactly(value: float) -> Mean:
    """A number without an error, to hold a mean against."""
    return {"value": value, "standard_error": None}


def all_hold(found: list[bool | None]) -> bool | None:
    """Of several findings: whether all hold; False if one does not, else None if one is open or there is none."""
    return False if False in found else None if None in found or not found else True


def rises(values: list[float]) -> bool | None:
    """Whether a curve of positive values goes up over a run.

    Returns:
      True where the median of its last quarter is a tenth above that of its first, False where it is not above at all, else
      None, as where it begins at infinity.
    """
    quarter = max(1, len(values) // 4)
    early, late = statistics.median(values[:quarter]), statistics.median(values[-quarter:])
    if math.isinf(early):
        return None
    return True if late > 1.1 * early else False if late <= early else None


def names() -> list[str]:
    """All artefacts as "paper/name", tables and figures in the papers' order, then claims in words."""
    return [f"{paper}/{name}" for paper in PAPERS for name in sorted(_files(paper), key=_order)]


def load(name: str) -> ModuleType:
    """The module of an artefact.

    Raises:
      UserError: there is none of this name.
    """
    if name not in names():
        raise UserError(f"{name} is not an artefact; bin/reproduce --list names them all.")
    return importlib.import_module(f"papers.{name.replace('/', '.')}")


def title(module: ModuleType) -> str:
    """What an artefact is, in a line."""
    return module.__doc__.splitlines()[0].rstrip(".")


def evaluations(module: ModuleType, label: str) -> list[Evaluation]:
    """What an artefact needs of the run with a label."""
    needs = module.NEEDS
    return needs.get(label, []) if isinstance(needs, dict) else needs


def _files(paper):
    folder = pathlib.Path(__file__).parent / paper
    return [path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")]


def _order(name):
    kind = name.rstrip("0123456789")
    return ({"table": 0, "figure": 1}.get(kind, 2), int(name[len(kind) :] or 0), name)
