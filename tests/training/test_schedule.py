"""When a critic is updated, and on what."""

import numpy as np
import pytest

from tests.helpers import small_flow, synthetic_split
from tfflowgan import datasets
from tfflowgan.datasets import prior_draws, rounds
from tfflowgan.training.schedule import CriticSchedule

SPLIT = synthetic_split(40)
FLOW = small_flow("nice")


def _rounds(first_step=0, seed=0, critic_steps=3, **kwargs):
    return iter(rounds(SPLIT, FLOW, 8, seed, first_step, False, critic_steps, **kwargs))


def _numpy(batch):
    return {
        k: {n: v.numpy() for n, v in b.items()} if isinstance(b, dict) else b.numpy()
        for k, b in batch.items()
    }


def test_bursts_come_first_and_then_every_so_often():
    # Danihelka et al.: 100 updates before each of the first 25 generator steps and before every
    # 500th, otherwise 5
    schedule = CriticSchedule(5, 100, 25, 500)
    total = [5 + int(schedule.burst_updates(step)) for step in range(1501)]
    assert [step for step, count in enumerate(total) if count == 100] == [
        *range(25),
        500,
        1000,
        1500,
    ]
    assert set(total) == {5, 100}


def test_bursts_that_end_leave_nothing_to_look_for():
    schedule = CriticSchedule(1, 4, 2, 0)
    draw = datasets.critic_draws(SPLIT, prior_draws(FLOW), 8, 0, False, stream=1)
    assert schedule.burst_end == 2 and CriticSchedule(1, 4, 2, 3).burst_end is None
    updates = datasets.critic_updates(draw, 0, schedule.burst_updates, end_step=schedule.burst_end)
    assert len(list(updates)) == 6


def test_without_bursts_nothing_is_extra():
    assert not any(int(CriticSchedule(5).burst_updates(step)) for step in range(30))


def test_a_round_holds_fresh_images_for_every_update():
    batch = _numpy(next(_rounds()))
    assert batch["images"].shape == (8, 4, 4, 1) and batch["latents"].shape == (8, 16)
    critic = batch["critic"]
    assert (
        critic["real"].shape == (8, 3, 4, 4, 1)
        and critic["latents"].shape == (8, 3, 16)
        and critic["mix"].shape == (8, 3)
    )
    for name in critic:
        assert all(
            np.abs(critic[name][:, i] - critic[name][:, j]).max() > 1e-3
            for i, j in [(0, 1), (0, 2), (1, 2)]
        )
    assert np.abs(critic["latents"][:, 0] - batch["latents"]).max() > 1e-3
    assert critic["mix"].min() >= 0 and critic["mix"].max() <= 1


def test_the_generators_images_are_those_of_maximum_likelihood():
    alone = iter(datasets.training_batches(SPLIT, 8, 0))
    for _, batch in zip(range(7), _rounds(), strict=False):
        np.testing.assert_array_equal(batch["images"], next(alone))


@pytest.mark.slow
def test_a_round_is_a_function_of_seed_and_step():
    batches = _rounds()
    third = [_numpy(next(batches)) for _ in range(3)][2]
    again, other = _numpy(next(_rounds(2))), _numpy(next(_rounds(2, seed=1)))
    for a, b, c in zip(
        *[[x["images"], x["latents"], *x["critic"].values()] for x in (third, again, other)],
        strict=True,
    ):
        np.testing.assert_array_equal(a, b)
        assert np.abs(a - c).max() > 1e-3


def test_reuse_gives_one_batch_to_all_updates_and_the_generator():
    batch = _numpy(next(_rounds(reuse_batch=True)))
    np.testing.assert_array_equal(batch["critic"]["real"], batch["images"][:, None])
    np.testing.assert_array_equal(batch["critic"]["latents"], batch["latents"][:, None])
    assert batch["critic"]["mix"].shape == (8, 3)


def test_maximum_likelihood_draws_nothing_for_a_critic():
    assert list(next(_rounds(critic_steps=0))) == ["images"]


@pytest.mark.parametrize("first_step", [0, 2])
def test_updates_beside_the_step_follow_their_counts_and_resume_anywhere(first_step):
    draw = datasets.critic_draws(SPLIT, prior_draws(FLOW), 8, 0, False, stream=1)
    count = CriticSchedule(1, 4, 2, 3).burst_updates  # 3, 3, 0, 3, 0, 0, 3
    updates = iter(datasets.critic_updates(draw, first_step, count, first=1))
    for step in range(first_step, 5):
        for i in range(int(count(step))):
            got, expected = next(updates), draw(step, 1 + i, 1)
            for name in expected:
                np.testing.assert_array_equal(got[name], expected[name])


def test_streams_and_steps_draw_apart():
    draws = [
        datasets.critic_draws(SPLIT, prior_draws(FLOW), 8, 0, False, stream=s)(step, 0, 1)
        for s, step in [(0, 0), (1, 0), (0, 1)]
    ]
    for i, j in [(0, 1), (0, 2), (1, 2)]:
        assert np.abs(draws[i]["latents"] - draws[j]["latents"]).max() > 1e-3
        assert np.abs(draws[i]["real"] - draws[j]["real"]).max() > 1e-3


def test_flips_mirror_about_half_of_the_real_images():
    plain, flipped = (
        datasets.critic_draws(SPLIT, prior_draws(FLOW), 200, 0, flips, 0)(0, 0, 1)["real"][
            :, 0
        ].numpy()
        for flips in (False, True)
    )
    same = np.array([np.array_equal(a, b) for a, b in zip(plain, flipped, strict=True)])
    mirrored = np.array(
        [np.array_equal(a[:, ::-1], b) for a, b in zip(plain, flipped, strict=True)]
    )
    assert (same | mirrored).all() and 60 < mirrored.sum() < 140


def test_latents_follow_the_prior():
    draw = datasets.critic_draws(SPLIT, prior_draws(FLOW), 2000, 0, False, 0)(0, 0, 1)[
        "latents"
    ].numpy()
    np.testing.assert_allclose(
        draw.std(), np.pi / np.sqrt(3.0), rtol=0.02
    )  # NICE's prior is logistic


@pytest.mark.parametrize(
    "schedule", [(5, 100, 25, 500), (2, 100, 25, 0), (5, 6, 0, 7), (5, 20, 10, 10), (5, 0, 0, 0)]
)
@pytest.mark.parametrize("steps", [0, 3, 26, 57])
def test_updates_of_all_bursts_are_counted(schedule, steps):
    schedule = CriticSchedule(*schedule)
    updates = [int(schedule.burst_updates(step)) for step in range(steps)]
    assert schedule.total_burst_updates(steps) == sum(updates)
