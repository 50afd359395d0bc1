"""What the sub-folders of a folder of images mean: splits, labels, or nothing.

    train/ validation/ test/     splits (also training, valid, val, dev, testing), at the top
    good/ beside other folders   labels (also ok, normal): what lies in the others is not good
    defect/                      a label, wherever it is (also defects, defective, anomaly, ...)
    any other                    nothing: all images belong together

Images that are labelled as not good are left out, so that none is training data by accident. Upper
and lower case are the same. A single folder at the top, as an archive makes it, is passed through.
"""

import collections
import dataclasses
import pathlib
from collections.abc import Iterable

from tfflowgan.errors import UserError

__all__ = ["Layout", "layout"]

_PARTS = {
    "train": {"train", "training"},
    "validation": {"validation", "valid", "val", "dev"},
    "test": {"test", "testing"},
}
_GOOD = {"good", "ok", "normal"}
_DEFECT = {"defect", "defects", "defective", "anomaly", "anomalies", "anomalous", "faulty"}
_DEFECT |= {"not_good", "unusual"}
_PART_OF = {name: part for part, names in _PARTS.items() for name in names}


@dataclasses.dataclass(frozen=True)
class Layout:
    """A folder's files by what they are for.

    Attributes:
      parts: from "train", "validation" and "test" to files; "train" alone if there are no splits.
      split: whether sub-folders name the splits.
      unusual: from a folder, relative to the top, to how many images it labels as not good.
      together: from a folder at the top to how many images of it are read together with the
        others; empty if there is only one.
    """

    parts: dict[str, tuple[pathlib.Path, ...]]
    split: bool
    unusual: dict[str, int]
    together: dict[str, int]


def layout(folder: pathlib.Path, files: Iterable[pathlib.Path]) -> Layout:
    """Sorts files by their sub-folders.

    Args:
      folder: the top.
      files: below it.

    Raises:
      UserError: there are splits, but no train/, or images that are in none of them.
    """
    inner = {path: path.relative_to(folder).parts[:-1] for path in files}
    skipped = _passed_through(inner.values())
    labels = _labels(inner.values())
    unusual: collections.Counter[str] = collections.Counter()
    tops: dict[str, list[pathlib.Path]] = {}
    for path, parts in inner.items():
        label = next((i for i in range(1, len(parts) + 1) if parts[:i] in labels), None)
        if label is not None:
            unusual["/".join(parts[:label]) + "/"] += 1
        else:
            tops.setdefault("/".join(parts[skipped : skipped + 1]), []).append(path)
    split = {top for top in tops if top.lower() in _PART_OF}
    if not split:
        together = {f"{top}/" if top else "the folder itself": len(t) for top, t in tops.items()}
        everything = tuple(sorted(path for paths in tops.values() for path in paths))
        together = together if len(together) > 1 else {}
        return Layout({"train": everything}, False, dict(unusual), together)
    _check(folder, tops, split)
    parts = {
        part: tuple(sorted(p for top in split if _PART_OF[top.lower()] == part for p in tops[top]))
        for part in _PARTS
    }
    return Layout({k: v for k, v in parts.items() if v}, True, dict(unusual), {})


def _check(folder, tops, split):
    others = [
        f"{len(paths)} in {f'{top}/' if top else 'the folder itself'}"
        for top, paths in tops.items()
        if top not in split
    ]
    named = " and ".join(f"{top}/ ({len(tops[top])})" for top in sorted(split))
    if others:
        raise UserError(
            f"--data_dir={folder} has images in {named}, and also {', '.join(others)}, of which it "
            "is not clear what they are for; move them, or give --data_dir of one sub-folder."
        )
    if not any(_PART_OF[top.lower()] == "train" for top in split):
        raise UserError(
            f"--data_dir={folder} has images in {named} but none in train/; name that folder "
            "train, or give --data_dir of one sub-folder."
        )


def _passed_through(all_parts):
    """How many folders at the top hold everything and mean nothing."""
    all_parts = list(all_parts)
    depth = 0
    while all_parts and all(len(parts) > depth for parts in all_parts):
        names = {parts[depth].lower() for parts in all_parts}
        if len(names) > 1 or names & (_PART_OF.keys() | _GOOD | _DEFECT):
            break
        depth += 1
    return depth


def _labels(all_parts):
    """The folders whose images are not good."""
    folders = {parts[:i] for parts in all_parts for i in range(1, len(parts) + 1)}
    beside_good = {parts[:-1] for parts in folders if parts[-1].lower() in _GOOD}
    plain = {parts for parts in folders if parts[-1].lower() not in _GOOD | _PART_OF.keys()}
    return {parts for parts in plain if parts[-1].lower() in _DEFECT or parts[:-1] in beside_good}
