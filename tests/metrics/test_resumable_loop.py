"""Components that are kept."""

import numpy as np
import pytest

from tfflowgan.metrics.resumable_loop import ResumableLoop


def _double(calls):
    def function(key):
        calls.append(key)
        if key == 3 and len(calls) == 4:
            raise KeyboardInterrupt
        return {"value": 2.0 * key}

    return function


def test_parts_that_are_there_are_not_computed_again(tmp_path):
    calls = []
    with pytest.raises(KeyboardInterrupt):
        ResumableLoop(tmp_path).map("part", _double(calls), range(5))
    results = ResumableLoop(tmp_path).map("part", _double(calls), range(5))
    assert [float(r["value"]) for r in results] == [0, 2, 4, 6, 8]
    assert calls == [0, 1, 2, 3, 3, 4]


def test_a_scan_continues_from_its_newest_carry(tmp_path):
    calls = []

    def add(carry, key):
        calls.append(key)
        if key == 3 and len(calls) == 4:
            raise KeyboardInterrupt
        return {"sum": carry["sum"] + key}

    start = {"sum": np.zeros(2)}
    with pytest.raises(KeyboardInterrupt):
        ResumableLoop(tmp_path).scan("sum", add, start, range(5))
    np.testing.assert_array_equal(
        ResumableLoop(tmp_path).scan("sum", add, start, range(5))["sum"], [10.0, 10.0]
    )
    assert calls == [0, 1, 2, 3, 3, 4]
    assert len(list(tmp_path.iterdir())) == 1


def test_a_damaged_part_is_computed_again(tmp_path):
    calls = []
    ResumableLoop(tmp_path).map("part", _double(calls), range(2))
    (tmp_path / "part-0.npz").write_bytes(b"PK half")
    ResumableLoop(tmp_path).map("part", _double(calls), range(2))
    assert calls == [0, 1, 0]


def test_nothing_is_kept_without_a_folder_or_after_discarding(tmp_path):
    assert ResumableLoop().map("part", _double([]), range(2)) == [{"value": 0.0}, {"value": 2.0}]
    loop = ResumableLoop(tmp_path / "parts")
    loop.map("part", _double([]), range(2))
    loop.discard()
    assert not (tmp_path / "parts").exists()
