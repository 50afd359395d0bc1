"""What reading a folder did, as one sentence: how many images, what was changed, what was left out.

400 images read; 5 of more than 8 bits per value scaled to 8; left out: 12 .heic (pip install
"tfflowgan[heic]"), 1 unreadable: a.png (not an image, or damaged)
"""

import collections
import dataclasses
import pathlib

from tfflowgan.extras import install_command
from tfflowgan.images import read
from tfflowgan.images.formats import HEIF_ENDINGS

__all__ = ["Summary", "listed"]

_HEIF = install_command("heic")
_DONE = {
    read.TURNED: "turned upright as their EXIF orientation says",
    read.DEEP: "of more than 8 bits per value scaled to 8",
    read.TRANSPARENT: f"with transparency composited on {read.BACKGROUND}",
    read.SEVERAL: "frames of files that hold several",
}


@dataclasses.dataclass
class Summary:
    """Counts of images by what was done to them, and of files by why they were left out.

    Attributes:
      folder: where the files lie.
      count: images read.
      done: from a note of `read.flat` to how many images have it.
      grey: grey images that became RGB because others are in colour.
      left_out: from a kind, such as ".txt" or "hidden", to how many.
      unreadable: from a path to why it cannot be read.
    """

    folder: pathlib.Path
    count: int = 0
    done: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)
    grey: int = 0
    left_out: dict[str, int] = dataclasses.field(default_factory=dict)
    unreadable: dict[pathlib.Path, str] = dataclasses.field(default_factory=dict)

    @property
    def doubtful(self) -> bool:
        """Whether images may be missing: files that are unreadable, HEIC, or labelled."""
        kinds = {kind for kind in self.left_out if kind in HEIF_ENDINGS or kind.startswith("in ")}
        return bool(self.unreadable or kinds)

    def text(self) -> str:
        """The sentence, without its full stop."""
        parts = [f"{self.folder}: {self.count} images read"]
        parts += [f"{self.done[note]} {words}" for note, words in _DONE.items() if self.done[note]]
        if self.grey:
            parts.append(f"{self.grey} grey among colour, read as RGB")
        if left_out := self.left_out_text():
            parts.append(f"left out: {left_out}")
        return "; ".join(parts)

    def left_out_text(self) -> str:
        """What was left out, by kind and count, every unreadable file with its reason."""
        parts = [
            f"{count} {kind}{f' ({_HEIF})' if kind in HEIF_ENDINGS else ''}"
            for kind, count in sorted(self.left_out.items(), key=lambda item: (-item[1], item[0]))
        ]
        if self.unreadable:
            files = [
                f"{_within(path, self.folder)} ({why})"
                for path, why in sorted(self.unreadable.items())
            ]
            parts.append(f"{len(files)} unreadable: {', '.join(files)}")
        return ", ".join(parts)


def listed(paths: list[pathlib.Path], folder: pathlib.Path) -> str:
    """Paths as they are called within a folder, separated by commas."""
    return ", ".join(_within(path, folder) for path in paths)


def _within(path, folder):
    return str(path.relative_to(folder)) if path != folder else str(path)
