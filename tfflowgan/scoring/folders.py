"""All images below one or two folders to a table: finds files, scores chunks, keeps what is done.

    OUTPUT                  the table
    OUTPUT.part             the rows so far, while it is computed; the same command goes on from it
    STEM.errors.csv         path and reason of every file without a row, if there are any

Sub-folders mean nothing here: images in good/ and defect/ are scored alike.
"""

import collections
import dataclasses
import hashlib
import json
import logging
import os
import pathlib
from collections.abc import Callable, Iterable, Iterator, Sequence

from tqdm import tqdm

from tfflowgan.errors import UserError
from tfflowgan.extras import install_command
from tfflowgan.images.find import find
from tfflowgan.images.formats import HEIF_ENDINGS
from tfflowgan.images.summary import Summary
from tfflowgan.scoring import table
from tfflowgan.scoring.partial import Partial
from tfflowgan.scoring.rows import Error, Row, Scorer

__all__ = ["CHUNK", "Chunks", "Engine", "Scored", "in_this_process", "score_folders"]

CHUNK = 64  # files that are scored, and kept, together: whole passes, if each is one image

Chunks = Iterable[Sequence[pathlib.Path]]
Engine = Callable[[Scorer, Chunks], Iterator[tuple[list[Row], list[Error]]]]

_log = logging.getLogger(__name__)
_VERSION = 1  # of the rows in a partial table


@dataclasses.dataclass(frozen=True)
class Scored:
    """What `score_folders` has written.

    Attributes:
      output: the table.
      columns: its columns.
      rows: how many images it has.
      flagged: how many of them have a flag; None if there is no threshold.
      errors: how many files have no row.
      errors_path: the table of these; None if there are none.
    """

    output: pathlib.Path
    columns: tuple[str, ...]
    rows: int
    flagged: int | None
    errors: int
    errors_path: pathlib.Path | None


def in_this_process(scorer: Scorer, chunks: Chunks) -> Iterator[tuple[list[Row], list[Error]]]:
    """The engine that needs no other process: one chunk after the other."""
    return map(scorer, chunks)


def score_folders(
    scorer: Scorer,
    folders: dict[str, pathlib.Path],
    output: pathlib.Path,
    engine: Engine = in_this_process,
    shown: bool = False,
    every_row: Callable[[Row], None] = lambda row: None,
) -> Scored:
    """Scores every image below the folders, or goes on where an earlier call was interrupted.

    Args:
      scorer: the model and its settings.
      folders: from the flag ("images", and perhaps "unusual") to the folder. With "unusual" the
        table has a column `unusual`, 1 for images of that folder.
      output: the table, .csv or .parquet.
      engine: from the scorer and chunks of paths to their rows and errors, in the same order.
      shown: whether to show a progress bar.
      every_row: is called with each row in the end, in order.

    Raises:
      UserError: a folder or the table cannot be used, or there is no image at all.
    """
    table.check(output)
    chunks, errors = _found(folders, scorer)
    names = [str(path) for _, paths in chunks for path in paths]
    if len({*names}) < len(names):
        raise UserError(
            f"--unusual={folders['unusual']} and --images={folders['images']} share files; give "
            "folders of which neither lies in the other."
        )
    columns = scorer.columns
    if "unusual" in folders:
        columns = (columns[0], "unusual", *columns[1:])
    partial = _partial(scorer, chunks, output)
    _score(scorer, chunks, partial, engine, shown)
    _say(scorer)
    counts: collections.Counter[str] = collections.Counter()

    def rows():
        for row in partial.rows():
            counts["rows"] += 1
            counts["flagged"] += bool(row["flag"])
            counts["judged"] += row["flag"] is not None
            every_row(row)
            yield row

    try:
        table.write(output, columns, rows())
        path = output.with_name(f"{output.stem}.errors.csv")
        errors += list(partial.errors())
        path.unlink(missing_ok=True)
        if errors:
            table.write(path, ("path", "reason"), errors)
    except OSError as error:
        raise _unusable(output, error) from None
    partial.remove()
    flagged = counts["flagged"] if counts["judged"] else None
    return Scored(output, columns, counts["rows"], flagged, len(errors), path if errors else None)


def _found(folders, scorer):
    """Chunks of (label, files), and errors for what could not even be looked at."""
    chunks: list[tuple[int, list[pathlib.Path]]] = []
    errors: list[Error] = []
    for flag, folder in folders.items():
        if not folder.is_dir():
            raise UserError(f"--{flag}={folder} is not a folder.")
        found = find(folder)
        summary = Summary(folder, left_out=found.left_out)
        if found.left_out:
            _log.info("%s: left out: %s.", folder, summary.left_out_text())
        errors += [{"path": str(p), "reason": why} for p, why in found.unreadable.items()]
        for kind in sorted(HEIF_ENDINGS & found.left_out.keys()):
            reason = f"{found.left_out[kind]} files; {install_command('heic')} reads them"
            errors.append({"path": str(folder / f"**/*{kind}"), "reason": reason})
        if not found.files:
            raise UserError(f"--{flag}={folder} has no image files that Pillow can open.")
        label = int(flag == "unusual")
        for start in range(0, len(found.files), CHUNK):
            chunks.append((label, list(found.files[start : start + CHUNK])))
    return chunks, errors


def _partial(scorer, chunks, output):
    digest = hashlib.sha256(json.dumps([_VERSION, CHUNK, *scorer.key()], default=str).encode())
    for label, paths in chunks:
        for path in paths:
            try:
                status = path.stat()
                seen = f"{label} {path} {status.st_size} {status.st_mtime_ns}\n"
            except OSError:  # is an error when it is read
                seen = f"{label} {path}\n"
            digest.update(os.fsencode(seen))  # names of files need not be text
    path = output.with_name(output.name + ".part")
    try:
        partial = Partial(path, digest.hexdigest())
    except OSError as error:
        raise _unusable(path, error) from None
    if partial.outdated:
        _log.warning(
            "%s is of another model, of other settings or files; all files are scored anew.", path
        )
    elif partial.done:
        done = sum(len(paths) for _, paths in chunks[: partial.done])
        _log.info("%s has %d files already; going on.", path, done)
    return partial


def _score(scorer, chunks, partial, engine, shown):
    left = chunks[partial.done :]
    total = sum(len(paths) for _, paths in chunks)
    before = total - sum(len(paths) for _, paths in left)
    hidden = None if shown else True  # None: unless it is no terminal
    try:
        with tqdm(None, "images", total, False, initial=before, unit="file", disable=hidden) as bar:
            results = engine(scorer, [paths for _, paths in left])
            for (label, paths), (rows, errors) in zip(left, results, strict=True):
                for error in errors:
                    _log.warning("%s cannot be read: %s", error["path"], error["reason"])
                try:
                    partial.append([row | {"unusual": label} for row in rows], errors)
                except OSError as error:
                    raise _unusable(partial.path, error) from None
                bar.update(len(paths))
    except KeyboardInterrupt:
        _log.warning("%s keeps the rows so far; the same command goes on.", partial.path)
        raise


def _say(scorer):
    """What reading changed in images, in one sentence."""
    done, channels = scorer.done, scorer.model.measure.flow.image_shape[2]
    summary = Summary(pathlib.Path("images"), done=done)
    parts = summary.text().split("; ")[1:]
    if done["grey"] and channels == 3:
        parts.append(f"{done['grey']} grey images were read as RGB")
    if done["colour"] and channels == 1:
        parts.append(f"{done['colour']} images in colour became grey, as the model's images are")
    if parts:
        _log.info("Of the images, %s.", "; ".join(parts))


def _unusable(path, error):
    return UserError(f"--output: {path} cannot be written: {error.strerror or error}.")
