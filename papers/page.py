"""The page of an artefact, in Markdown, from its JSON file."""

import posixpath

from papers.claims import RULES

__all__ = ["EARLIER", "SCALE_NOTES", "agreement", "counted", "page", "see", "table_row"]

SCALE_NOTES = {
    "smoke": (
        "Smoke scale: tiny networks, a few steps, few digits. It shows that everything runs; its "
        "numbers mean nothing."
    ),
    "laptop": (
        "Laptop scale: smaller networks, far fewer steps and other settings, which each page "
        "lists; on two CPU cores."
    ),
    "paper": "The paper's own settings where it gives any; the others are ours.",
}
EARLIER = "Verdicts by earlier rules, of runs with earlier recipes; not drawn by today's yet"
_ONE = {True: "agrees", False: "**does not agree**", None: "cannot be told"}
_SEVERAL = {True: "claims hold", False: "do not", None: "cannot be told"}


def page(result: dict, remarks: str) -> str:
    """The page of an artefact.

    Args:
      result: what its JSON file holds.
      remarks: Markdown, written by hand: why claims hold or do not.
    """
    lines = [f"# {result['title']}", "", f"*{SCALE_NOTES[result['scale']]}*", ""]
    if result.get("rules") != RULES:
        lines += [f"*{EARLIER}.*", ""]
    if result["in_place_of"]:
        lines += [f"*{result['in_place_of']}*", ""]
    lines += [f"**Published.** {result['published']}", ""]
    agrees = agreement(result["claims"]) or "counted on other pages, below"
    lines += [f"**Agreement: {agrees}.**", "", *_claims(result)]
    if result["picture"]:
        lines += ["", f"![{result['title']}]({result['picture']})"]
    if result["table"]:
        header, rows = result["table"]
        lines += ["", *_table(header, rows)]
    if remarks.strip():
        lines += ["", "## Why", "", remarks.strip()]
    if result["notes"]:
        lines += ["", "## Notes", "", *(f"- {note}" for note in dict.fromkeys(result["notes"]))]
    lines += ["", *_runs(result), *_settings(result)]
    if result["not_run"]:
        lines += ["", f"Not run at this scale: {', '.join(result['not_run'])}."]
    return "\n".join([*lines, "", *_commands(result)]).rstrip() + "\n"


def counted(claims: list[dict]) -> list[dict]:
    """The claims without those that another page counts."""
    return [claim for claim in claims if not claim.get("same_as")]


def see(claim: dict, artefact: str, folder: str) -> str:
    """A link to the page that counts a claim, such as "see [figure 5](figure5.md)".

    Args:
      claim: with `same_as`: "grover/figure5", or "figure5" of the same paper.
      artefact: whose claim it is.
      folder: of the page that shows the link, below that of all pages: "grover", or "" for itself.
    """
    paper = artefact.rpartition("/")[0]
    counts = claim["same_as"] if "/" in claim["same_as"] else f"{paper}/{claim['same_as']}"
    name = counts.rpartition("/")[2]
    kind = name.rstrip("0123456789")
    label = f"{kind.replace('_', ' ')} {name[len(kind) :]}".strip()
    return f"see [{label}]({posixpath.relpath(f'{counts}.md', folder or '.')})"


def agreement(claims: list[dict]) -> str:
    """How many claims hold, in one line; the paper's first, then ours.

    Those that another page counts do not count; empty if there are no others.
    """
    parts = []
    for paper in (True, False):
        holds = [claim["holds"] for claim in counted(claims) if claim["paper"] is paper]
        if holds:
            parts.append(f"{'' if paper else 'ours: '}{_counts(holds)}")
    return "; ".join(parts)


def table_row(cells: list[str]) -> str:
    """A row of a Markdown table."""
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    return [
        table_row(header).replace("|  |", "| |"),
        "|" + "---|" * len(header),
        *map(table_row, rows),
    ]


def _counts(holds: list[bool | None]) -> str:
    if len(holds) == 1:
        return _ONE[holds[0]].strip("*")
    counts = {words: sum(one is which for one in holds) for which, words in _SEVERAL.items()}
    return ", ".join(f"{n} of {len(holds)} {words}" for words, n in counts.items() if n)


def _claims(result: dict) -> list[str]:
    """A table of the paper's claims and one of ours, where there are any."""
    tables, folder = [], result["artefact"].rpartition("/")[0]
    for paper, heading in ((True, "the paper"), (False, "ours")):
        rows = [
            [
                claim["statement"],
                claim["ours"],
                see(claim, result["artefact"], folder)
                if claim.get("same_as")
                else _ONE[claim["holds"]],
            ]
            for claim in result["claims"]
            if claim["paper"] is paper
        ]
        if rows:
            tables.append("\n".join(_table([heading, "here", ""], rows)))
    return ["\n\n".join(tables)]


def _runs(result: dict) -> list[str]:
    columns = ("label", "run", "from", "images", "length", "seeds")
    rows = [[run[column] for column in columns] for run in result["runs"]]
    header = ["", "run", "started from", "images", "length", "seed"]
    lines = ["## Runs", "", *_table(header, rows)]
    hardware = [run["provenance"]["hardware"] for run in result["runs"] if run["provenance"]]
    if hardware:
        lines += ["", f"Trained on {' and on '.join(dict.fromkeys(hardware))}."]
    return lines


def _settings(result: dict) -> list[str]:
    """How the settings of the runs differ from the paper's, and from each other."""
    lines, labels = [], [run["label"] for run in result["runs"]]
    if result["unlike_paper"]:
        heading = "Settings that are not the paper's, with those of the paper, or ours at its scale"
        lines += ["", f"{heading} where it gives none:", ""]
        for label, settings in result["unlike_paper"].items():
            lines.append(f"- {label}: {', '.join(settings) or 'none'}")
        others = [label for label in labels if label not in result["unlike_paper"]]
        lines += [f"- not among the paper's runs: {'; '.join(others)}"] if others else []
    if result["apart"]:
        rows = [[name, *values] for name, values in result["apart"].items()]
        lines += ["", "Settings in which they differ:", "", *_table(["", *labels], rows)]
    return lines


def _commands(result: dict) -> list[str]:
    files = "" if result["scale"] == "smoke" else " --data_dir=DIR"
    lines = [f"    bin/reproduce {result['artefact']} --scale={result['scale']}{files}"]
    lines += ["", "which stands for", "", *(f"    {command}" for command in result["commands"])]
    several = [run["label"] for run in result["runs"] if "," in run["seeds"]]
    if several:
        lines += ["", f"and for {', '.join(several)} again with --seed=1 and so on."]
    return lines
