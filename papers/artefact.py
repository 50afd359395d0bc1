"""An artefact: one table, figure or claim of a paper, in a module of `grover/` or `danihelka/`.

\"\"\"Table 1: best MODE scores ...\"\"\"       the first line of its docstring is its title
PUBLISHED = "..."                          what the paper shows or says there, in words
IMAGES = "mnist"                           the paper's images
RUNS = {"MLE": "mnist_nice_mle"}           label -> recipe of every run that it rests on
SEEDS = True                               if it reads all seeds of a run, not only the first
NEEDS = [Evaluation("likelihood")]         evaluations of each run; or by label {"MLE": [...]}
render(runs) -> Rendered                   from {label: `FinishedRun`} to a table, figure and claims
"""

import dataclasses
import importlib
import pathlib
from types import ModuleType
from typing import Any

from PIL import Image

from papers.claims import Claim
from tfflowgan.errors import UserError

__all__ = ["PAPERS", "SCALES", "Evaluation", "Rendered", "evaluations", "load", "names", "title"]

PAPERS = {"grover": "Grover et al. (2018), Flow-GAN", "danihelka": "Danihelka et al. (2017)"}
SCALES = ("smoke", "laptop", "paper")


@dataclasses.dataclass(frozen=True)
class Evaluation:
    """An evaluation that an artefact needs.

    Attributes:
      name: a value of `bin/evaluate --evaluations`.
      select: which weights; None for those that the run selects.
      dtype: "float64", or None for the run's own.
      options: scale -> flags of the evaluation, stronger than `plan.OPTIONS`.
    """

    name: str
    select: str | None = None
    dtype: str | None = None
    options: dict[str, dict] = dataclasses.field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        """Name, select and dtype: what `FinishedRun.result` takes."""
        return self.name, self.select, self.dtype


@dataclasses.dataclass
class Rendered:
    """What an artefact makes of its runs.

    Attributes:
      claims: at least one.
      table: header and rows of text, or None.
      figure: a matplotlib `Figure`, or None.
      notes: what a reader of the page must know.
      numbers: plain values for the JSON file.
      headline: the one number of the summary, with as many words as it needs, such as "hybrid 7.38,
        MLE 6.51 (MODE)"; empty for the numbers of the first claim.
      pictures: file name -> picture, kept in the folder of all pages.
    """

    claims: list[Claim]
    table: tuple[list[str], list[list[str]]] | None = None
    figure: Any = None
    notes: list[str] = dataclasses.field(default_factory=list)
    numbers: dict = dataclasses.field(default_factory=dict)
    headline: str = ""
    pictures: dict[str, Image.Image] = dataclasses.field(default_factory=dict)


def names() -> list[str]:
    """All artefacts as "paper/name": tables and figures in the papers' order, then claims."""
    return [f"{paper}/{name}" for paper in PAPERS for name in sorted(_files(paper), key=_order)]


def load(name: str) -> ModuleType:
    """The module of an artefact.

    Raises:
      UserError: there is none of this name.
    """
    if name not in names():
        raise UserError(f"{name} is not an artefact; bin/reproduce --list lists them all.")
    return importlib.import_module(f"papers.{name.replace('/', '.')}")


def title(module: ModuleType) -> str:
    """What an artefact is, in one line."""
    return (module.__doc__ or "").splitlines()[0].rstrip(".")


def evaluations(module: ModuleType, label: str) -> list[Evaluation]:
    """The evaluations that an artefact needs of the run with a label."""
    needs = module.NEEDS
    return needs.get(label, []) if isinstance(needs, dict) else needs


def _files(paper: str) -> list[str]:
    folder = pathlib.Path(__file__).parent / paper
    return [path.stem for path in folder.glob("*.py") if not path.stem.startswith("_")]


def _order(name: str) -> tuple[int, int, str]:
    kind = name.rstrip("0123456789")
    return ({"table": 0, "figure": 1}.get(kind, 2), int(name[len(kind) :] or 0), name)
