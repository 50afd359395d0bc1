"""Sharded batches: the same numbers as whole ones, and an error if sharding is enabled too late."""

import json
import subprocess
import sys

import pytest
import tensorflow as tf

from tests.bijectors import sharded
from tests.helpers import ROOT
from tfflowgan.bijectors import sharding

# how often each network stands in the graph of a batch in two shards; real_nvp is of nvp's class
FACTORS = {"nvp": 2, "nice": 1}


@pytest.fixture(scope="module")
def in_two_shards():
    script = ROOT / "tests" / "bijectors" / "sharded.py"
    process = subprocess.run(
        [sys.executable, str(script), *FACTORS],
        capture_output=True,
        text=True,
        timeout=900,
        cwd=ROOT,
        check=True,
    )
    return json.loads(process.stdout)


@pytest.mark.long
@pytest.mark.slow
@pytest.mark.parametrize("name", FACTORS)
def test_batches_in_shards_give_the_same_numbers(name, in_two_shards):
    shared, alone = in_two_shards[name], sharded.numbers(name)
    assert (shared["shards"], alone["shards"]) == (2, 1)
    assert shared["known_batch"] == FACTORS[name] * alone["known_batch"]
    assert shared["exported"] == alone["exported"] == alone["known_batch"]
    for what, values in alone["values"].items():
        assert shared["values"][what] == pytest.approx(values, rel=1e-10, abs=1e-12), what


def test_sharding_must_be_enabled_before_tensorflow_computes():
    tf.zeros([])
    with pytest.raises(RuntimeError):
        sharding.enable(2)
    assert sharding.num_shards() == 1
