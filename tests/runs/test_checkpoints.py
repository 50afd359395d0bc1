"""Checkpoints on disk."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import perturb
from tfflowgan import flows
from tfflowgan.errors import UserError
from tfflowgan.runs.checkpoints import Checkpoints, checkpoint_paths


def _parts(seed=0):
    flow = perturb(flows.build("nice", (4, 4, 1), width=6, layers=1), seed=seed)
    optimizer = keras.optimizers.Adam()
    optimizer.build(flow.trainable_variables)
    return {"flow": flow, "optimizer": optimizer}


def test_every_weight_and_every_slot_comes_back(tmp_path):
    parts, other = _parts(0), _parts(1)
    for variable in parts["optimizer"].variables:
        variable.assign(np.asarray(variable) + 3)
    Checkpoints(tmp_path, **parts).save(7)
    assert Checkpoints(tmp_path, **other).restore().name == "step-000000007"
    for name in parts:
        assert parts[name].variables
        for a, b in zip(parts[name].variables, other[name].variables, strict=True):
            np.testing.assert_array_equal(a, b)


def test_only_the_newest_are_kept(tmp_path):
    checkpoints = Checkpoints(tmp_path, keep=2, **_parts())
    for step in (1, 5, 20, 100):
        checkpoints.save(step)
    assert [p.name for p in checkpoint_paths(tmp_path)] == ["step-000000100", "step-000000020"]
    assert len(list(tmp_path.iterdir())) == 4


@pytest.mark.parametrize("file", ["index", "data-00000-of-00001"])
@pytest.mark.parametrize("damage", ["truncated", "empty", "flipped"])
def test_a_damaged_checkpoint_is_passed_over_for_the_one_before(tmp_path, file, damage, caplog):
    parts = _parts()
    checkpoints = Checkpoints(tmp_path, **parts)
    checkpoints.save(1)
    kept = parts["flow"].get_weights()
    perturb(parts["flow"])
    checkpoints.save(2)
    path = tmp_path / f"step-000000002.{file}"
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[len(data) // 2] ^= 0xFF
    path.write_bytes(
        {"truncated": bytes(data[: len(data) // 2]), "empty": b"", "flipped": bytes(data)}[damage]
    )
    assert checkpoints.restore().name == "step-000000001"
    assert "step-000000002" in caplog.text
    for a, b in zip(kept, parts["flow"].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_nothing_readable_is_an_error_and_nothing_at_all_is_not(tmp_path):
    checkpoints = Checkpoints(tmp_path, **_parts())
    assert checkpoints.restore() is None
    path = checkpoints.save(1)
    path.with_name(path.name + ".index").write_bytes(b"")
    with pytest.raises(UserError, match=f"{tmp_path}.*--run"):
        checkpoints.restore()


def test_another_architecture_is_noticed(tmp_path):
    Checkpoints(tmp_path, **_parts()).save(1)
    other = Checkpoints(tmp_path, flow=flows.build("nice", (4, 4, 1), width=7, layers=1))
    with pytest.raises((AssertionError, ValueError)):
        other.restore()


def test_plain_variables_and_lists_are_saved(tmp_path):
    module, metric = tf.Module(), keras.metrics.Mean()
    module.count = tf.Variable(3)
    metric.update_state([4.0])
    checkpoints = Checkpoints(tmp_path, module=module, metrics=[metric])
    checkpoints.save(1)
    module.count.assign(0)
    metric.reset_state()
    checkpoints.restore()
    assert int(module.count) == 3 and float(metric.result()) == 4.0
