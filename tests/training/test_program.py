"""Many steps as one XLA program: a run by it equals the run by single steps, and ends as it does.

In float64, where both orders of summation agree to many digits.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import synthetic_splits
from tfflowgan.config import Config
from tfflowgan.runs.run import Run
from tfflowgan.training.fit import fit
from tfflowgan.training.resolve import resolve

NICE = {
    "flow": "nice",
    "couplings": 2,
    "layers": 1,
    "width": 4,
    "dtype": "float64",
    "batch_size": 8,
    "steps": 11,
    "monitor_steps": 6,
    "warmup_steps": 2,
}
CRITIC = {
    "critic_width": 4,
    "critic_steps": 2,
    "burst_steps": 4,
    "burst_first": 2,
    "burst_every": 5,
}
CASES = {
    "mle": NICE | {"flips": True, "snapshots": "0,4"},
    "bursts": NICE
    | CRITIC
    | {"objective": "hybrid", "adversary": "wgan_gp", "nll_weight": 0.5, "batch_norm": True}
    | {"independent_critic": True, "steps": 6},
    "conditional": NICE
    | {"objective": "wgan", "critic": "fast_learning", "critic_width": 4, "critic_steps": 2}
    | {"reuse_batch": True, "optimizer": "rmsprop", "steps": 6},
    "real_nvp": {k: v for k, v in NICE.items() if k not in ("couplings", "layers")}
    | {"flow": "real_nvp", "blocks": 1, "levels": 1, "steps": 6},
    "dcgan": {"generator": "dcgan", "objective": "wgan_gp", "critic_width": 4, "critic_steps": 1}
    | {"batch_size": 8, "steps": 6, "monitor_steps": 3, "dtype": "float64", "width": 4},
}


def _fit(folder, settings, **changes):
    keras.utils.set_random_seed(0)
    run = Run.create(folder)
    config = resolve(Config(**settings | changes))
    splits = synthetic_splits(40, (8, 8, 1) if settings.get("generator") else (4, 4, 1))
    end = fit(run, config, splits, tf.distribute.get_strategy())
    return run, end


def _rows(run):
    return [{k: v for k, v in row.items() if k != "seconds"} for row in run.metrics()]


def _assert_alike(one, other, rtol=1e-7):
    for row, same in zip(_rows(one), _rows(other), strict=True):
        assert row.keys() == same.keys()
        for name in row.keys() - {"data"}:
            np.testing.assert_allclose(row[name], same[name], rtol, 1e-8, err_msg=name)
    for name in sorted(p.stem for p in one.checkpoints.glob("*.index")):
        paths = [str(run.checkpoints / name) for run in (one, other)]
        for key, _ in tf.train.list_variables(paths[0]):
            if key.endswith("VARIABLE_VALUE") and not key.startswith("progress/4/"):
                a, b = (tf.train.load_variable(path, key) for path in paths)
                np.testing.assert_allclose(a, b, rtol, 1e-8, err_msg=f"{name}: {key}")


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_run_by_the_program_equals_one_by_steps(tmp_path, name):
    single, end = _fit(tmp_path / "single", CASES[name], jit="off")
    for steps in (None, 3) if name == "mle" else (None,):
        run, same = _fit(tmp_path / f"program-{steps}", CASES[name], jit="on", steps_per_call=steps)
        _assert_alike(single, run)
        assert {k: v for k, v in same.items() if k != "seconds"} == pytest.approx(
            {k: v for k, v in end.items() if k != "seconds"}
        )
