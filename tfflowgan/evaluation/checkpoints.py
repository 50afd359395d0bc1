"""The course of a run: exact NLLs of train, validation and test images at every checkpoint.

This is the data of Danihelka et al., 2017, Figures 4, 5, 13, 16 and Grover et al., 2018, Figure 2.
With `--checkpoint_distances` there are also the distances by an independent critic (Danihelka et
al., Figures 9 and 14), a single new critic for every checkpoint. `bin/train --snapshots` sets which
checkpoints there are in addition to the best and the last. The result also holds what the run
measured during training.

An NLL that is not finite in float32 is computed in float64. It is None if it is not finite there
either.

Cost: per checkpoint, one NLL of every image and, with distances, one `critic_distance`.
"""

import numpy as np

from tfflowgan.datasets import Split, Splits, evaluation_batches
from tfflowgan.errors import UserError
from tfflowgan.evaluation import _independent_critic as independent
from tfflowgan.evaluation import likelihood
from tfflowgan.evaluation.critic_distance import PARTS, distances
from tfflowgan.flows import Flow
from tfflowgan.metrics.log_probs import log_probs
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.runs.load import load_generator, read_weights
from tfflowgan.runs.names import WEIGHTS, score_name
from tfflowgan.runs.run import Run
from tfflowgan.statistics import unknown_mean

__all__ = ["HISTORY", "evaluate"]

HISTORY = (
    "train_nll",
    "validation_nll",
    "distance",
    "independent_train",
    "independent_validation",
    "independent_test",
    "mode_score",
    "inception_score",
)
_ROWS = 1000  # of the history, at most
_CHECKED = 100  # test images per checkpoint that are also scored in float64


def evaluate(
    run: Run,
    splits: Splits,
    loop: ResumableLoop = ResumableLoop(),
    dtype: str | None = None,
    *,
    checkpoint_distances: bool = False,
    critic_updates: int = 500,
    critic_readings: int = 100,
    critic_batch: int = 64,
    limit: int | None = None,
    seed: int = 0,
    batch_size: int = 256,
) -> dict:
    """Evaluates all checkpoints of a run.

    Args:
      run: the run.
      splits: uint8 images of its shape.
      loop: shows progress and keeps partial results.
      dtype: "float32" or "float64" to compute in; None for the run's.
      checkpoint_distances: also train and read an independent critic for every checkpoint.
      critic_updates: as in `critic_distance`.
      critic_readings: as in `critic_distance`.
      critic_batch: as in `critic_distance`.
      limit: use only the first images of each split.
      seed: for the noise and the critics.
      batch_size: images per pass; it does not change the results.

    Returns:
      A dict of
        checkpoints: by step, [{"name", "step": None if unknown, "train", "validation", "test": in
          all units, unknown where not finite, "precision" as in `likelihood`, "distances" and
          "overfitting_gap" as in `critic_distance`, or None, "problems": sentences}].
        history: columns of metrics.jsonl.
        snapshots: how many of the checkpoints are snapshots.
      and the settings.

    Raises:
      UserError: there is no checkpoint, or the generator has no density and no distances are
        requested.
    """
    saved = _checkpoints(run)
    if not saved:
        raise UserError(
            f"{run.path} has no checkpoint yet; let it train until its first evaluation."
        )
    loaded = load_generator(run, saved[0][1])
    generator = loaded.astype(dtype or loaded.dtype)  # one for all, so that it is compiled once
    exact = generator.exact() if generator.has_density else None
    if not generator.has_density and not checkpoint_distances:
        raise UserError(
            f"{run.path} trained --generator={run.config().generator}, which has no density; "
            "--checkpoint_distances reads the distances of its checkpoints."
        )
    entries = []
    for name, select, step in saved:
        read_weights(loaded, run.weights(select), f"{run.path}/config.json")
        generator.set_weights_from(loaded)
        if exact is not None:
            exact.set_weights_from(loaded)
        entry = {
            "name": name,
            "step": step,
            "problems": [],
            "distances": None,
            "overfitting_gap": None,
        }
        if generator.has_density:
            entry |= _nlls(
                generator, exact, splits, limit, seed, batch_size, loop, name, entry["problems"]
            )
            images = next(iter(evaluation_batches(splits.test.first(_CHECKED), _CHECKED, seed)))[0]
            entry["precision"] = likelihood.precision(generator, images, exact)
        if checkpoint_distances:
            try:
                entry |= distances(
                    generator,
                    splits,
                    loop,
                    1,  # critic
                    critic_updates,
                    critic_readings,
                    critic_batch,
                    limit,
                    seed,
                    label=f"{name}_critic",
                )[0]
            except independent.NotFinite as error:
                entry["problems"].append(f"{name}: {error}")
        entries.append(entry)
    return {
        "checkpoints": entries,
        "snapshots": sum(name.startswith("snapshot") for name, _, _ in saved),
        "history": _history(run.metrics()),
        "dims": generator.dims,
        "limit": limit,
        "seed": seed,
        "dtype": generator.dtype,
    }


def _checkpoints(run):
    """(name, the selection that reads it, step) of every checkpoint, by step."""
    rows = run.metrics()
    steps = {
        "best": _step_of(rows, "validation_nll", min),
        "best_score": _step_of(rows, score_name(run.config().dataset), max),
        "last": rows[-1]["step"] if rows else None,
    }
    selects = {name: select for select, name in WEIGHTS.items()}
    saved = []
    for path in run.saved.glob("*.index"):
        name = path.stem
        if name in steps:
            saved.append((name, selects[name], steps[name]))
        elif name.startswith("snapshot-"):
            step = int(name.removeprefix("snapshot-"))
            saved.append((f"snapshot-{step}", f"snapshot-{step}", step))
    return sorted(saved, key=lambda entry: (entry[2] is None, entry[2] or 0, entry[0]))


def _step_of(rows, key, choose):
    rows = [row for row in rows if row.get(key) is not None]
    return choose(rows, key=lambda row: row[key])["step"] if rows else None


def _nlls(
    flow: Flow, exact: Flow, splits: Splits, limit, seed, batch_size, loop, name, problems
) -> dict:
    if splits.image_shape != flow.image_shape:
        raise UserError(
            f"the images of {splits.name} have shape {splits.image_shape}; the model needs "
            f"{flow.image_shape}."
        )
    return {
        part: _nll(
            flow,
            exact,
            getattr(splits, part).first(limit),
            seed,
            batch_size,
            loop,
            f"{name}_{part}",
            problems,
        )
        for part in PARTS
    }


def _nll(flow: Flow, exact: Flow, split: Split, seed, batch_size, loop, label, problems) -> dict:
    values = log_probs(flow, split, 1, seed, batch_size, loop, label)[0]
    dtype = flow.dtype
    if not np.isfinite(values).all() and exact.dtype != dtype:
        bad, dtype = int((~np.isfinite(values)).sum()), exact.dtype
        values = log_probs(exact, split, 1, seed, batch_size, loop, f"{label}_{dtype}")[0]
        problems.append(
            f"{label}: {bad} of {len(values)} log-densities are not finite in {flow.dtype}; "
            f"computed in {dtype}."
        )
    if np.isfinite(values).all():
        return likelihood.summary(-values, flow.dims, label) | {"dtype": dtype}
    bad = int((~np.isfinite(values)).sum())
    problems.append(
        f"{label}: {bad} of {len(values)} log-densities are not finite in {dtype}, so there is "
        "no NLL."
    )
    unknown = {name: unknown_mean(len(values)) for name in ("nll", "bits_per_dim")}
    return {"count": len(values), **unknown, "code_length": None, "dtype": dtype}


def _history(rows):
    rows = rows[:: max(1, -(-len(rows) // _ROWS))]
    known = [key for key in HISTORY if any(row.get(key) is not None for row in rows)]
    return {key: [row.get(key) for row in rows] for key in ("step", *known)}
