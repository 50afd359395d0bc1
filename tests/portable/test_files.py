"""Arrays in files of a chosen size."""

from unittest import mock

import numpy as np
import pytest
import tensorflow as tf

from tfflowgan.errors import UserError
from tfflowgan.portable import _state, read_arrays, write_arrays
from tfflowgan.portable._files import from_bfloat16, to_bfloat16, write_archive


def test_bfloat16_is_that_of_tensorflow():
    draw = np.random.default_rng(0)
    bits = draw.integers(0, 2**32, 10_000, dtype=np.uint32)
    special = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1e-45], np.float32)
    values = np.concatenate([bits.view(np.float32), special])
    theirs = tf.cast(tf.cast(values, tf.bfloat16), tf.float32).numpy()
    np.testing.assert_array_equal(from_bfloat16(to_bfloat16(values)), theirs)


@pytest.mark.parametrize("part_bytes", [1, 1000, 10**9])
def test_arrays_come_back_from_files_of_any_size(tmp_path, part_bytes):
    draw = np.random.default_rng(0)
    arrays = {
        "weights/0": draw.standard_normal((60, 7)).astype(np.float32),
        "weights/1": draw.standard_normal(3),
        "steps": np.int64(12),
        "pixels": draw.integers(0, 256, (5, 4, 4, 1)).astype(np.uint8),
        "none": np.zeros([0, 3], np.float32),
    }
    write_arrays(tmp_path, "state", arrays, part_bytes)
    found = read_arrays(tmp_path, "state")
    assert found.keys() == arrays.keys()
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)
    sizes = [sum(a.nbytes for a in np.load(p).values()) for p in tmp_path.glob("*.npz")]
    assert max(sizes) <= max(part_bytes, 8) and (part_bytes > 1000) == (len(sizes) == 1)


def test_shorter_arrays_leave_nothing_of_longer_ones(tmp_path):
    write_arrays(tmp_path, "state_1", {"a": np.arange(3)}, 100)
    write_arrays(tmp_path, "state", {"a": np.arange(1002)}, 8)
    assert (tmp_path / "state_1001.npz").exists()
    write_arrays(tmp_path, "state", {"a": np.arange(3)}, 100)
    assert sorted(p.name for p in tmp_path.glob("*.npz")) == ["state_000.npz", "state_1_000.npz"]
    np.testing.assert_array_equal(read_arrays(tmp_path, "state")["a"], np.arange(3))


def test_a_state_is_whole_whenever_a_save_is_killed(tmp_path, monkeypatch):
    """The files of the last save stay until those of the next one are complete."""
    progress = {"program": "p", "step": 3, "seconds": 1.0, "stretches": []}
    _state.save(tmp_path, progress, {"a": np.arange(1000)}, 4000, frozenset())
    for place in ("numpy.savez", "tfflowgan.portable._state.write_atomically"):
        with monkeypatch.context() as patch:
            patch.setattr(place, mock.Mock(side_effect=KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                later = progress | {"step": 4}
                _state.save(tmp_path, later, {"a": np.zeros(1000)}, 4000, frozenset())
        kept = _state.read_progress(tmp_path)
        assert kept["step"] == 3
        np.testing.assert_array_equal(_state.read_variables(tmp_path, kept)["a"], np.arange(1000))
    for step in (4, 4, 5):
        later = progress | {"step": step}
        _state.save(tmp_path, later, {"a": np.full(9, step)}, 10, frozenset())
        kept = _state.read_progress(tmp_path)
        np.testing.assert_array_equal(_state.read_variables(tmp_path, kept)["a"], np.full(9, step))
    assert {p.name.split("_")[0] for p in tmp_path.glob("*.npz")} == {kept["state"]}


def test_an_archive_is_whole_or_that_of_before(tmp_path, monkeypatch):
    write_archive(tmp_path / "found.npz", {"a": np.arange(3)})
    monkeypatch.setattr("numpy.savez_compressed", mock.Mock(side_effect=KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        write_archive(tmp_path / "found.npz", {"a": np.arange(4)})
    np.testing.assert_array_equal(np.load(tmp_path / "found.npz")["a"], np.arange(3))


@pytest.mark.parametrize("damage", ["missing", "short", "json"])
def test_damaged_files_are_one_sentence(tmp_path, damage):
    write_arrays(tmp_path, "state", {"a": np.arange(1000)}, 4000)
    path = tmp_path / ("state.json" if damage == "json" else "state_001.npz")
    path.unlink() if damage == "missing" else path.write_bytes(path.read_bytes()[:20])
    with pytest.raises(UserError, match="state.*incomplete or damaged"):
        read_arrays(tmp_path, "state")
