"""Seeds of single samples: those that choose weights are apart from all others."""

import pytest

from tfflowgan.errors import UserError
from tfflowgan.generators import image_seeds, monitor_seeds

ENDS = (0, 1, 2**31 - 1)


@pytest.mark.parametrize("seed", ENDS)
def test_no_seed_of_an_evaluation_gives_a_sample_of_the_monitor(seed):
    assert monitor_seeds(seed, 3).numpy().max() < 0
    assert image_seeds(seed, 3).numpy().min() >= 0


def test_runs_of_different_seeds_have_different_samples():
    every = [int(one) for seed in ENDS for one in monitor_seeds(seed, 3)]
    assert len(set(every)) == len(every)


def test_a_sample_is_always_the_same():
    assert monitor_seeds(3, 2).numpy().tolist() == [-9223372023969873920, -9223372023969873919]


@pytest.mark.parametrize("seed", [-1, 2**31, 0.5])
def test_other_seeds_are_refused(seed):
    with pytest.raises(UserError, match=f"--seed={seed}"):
        monitor_seeds(seed, 1)
