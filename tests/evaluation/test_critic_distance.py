"""The independent critic, on cases with known answers."""

import keras
import numpy as np
import pytest

from tests.helpers import perturb, small_flow, synthetic_splits
from tfflowgan import critics, flows, generators, objectives
from tfflowgan.datasets import each_once, from_generator, with_replacement
from tfflowgan.errors import UserError
from tfflowgan.evaluation import _independent_critic as independent
from tfflowgan.evaluation import critic_distance
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.statistics import mean_with_interval
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.optimizer import RMSprop

SHAPE = (8, 8, 1)
SMALL = {"critics": 1, "critic_updates": 30, "critic_readings": 4, "critic_batch": 8}


@pytest.fixture(autouse=True)
def narrow(monkeypatch):
    """The paper's critic with 4 channels instead of 64, learning faster."""

    def build(generator):
        critic = critics.build("dcgan", generator.image_shape, width=4, dtype=generator.dtype)
        return CriticTrainer(
            critic, objectives.build("wgan").adversary, RMSprop(5e-4, rho=0.99, epsilon=1e-8)
        )

    monkeypatch.setattr(independent, "build_independent_critic", build)


def _images(count, seed, shift=0.0):
    """Textures of one distribution, floats."""
    noise = np.random.default_rng(seed).uniform(0.2, 0.7, (count, *SHAPE))
    return (noise + np.roll(noise, 1, axis=1)).astype(np.float32) / 2 + np.float32(shift)


def _distance(generated, **options):
    """Of fresh images from generated ones, both held out."""
    parts = {"fresh": _images(1600, 2)}
    settings = {"updates": 100, "readings": 50, "batch": 32, "seed": 0} | options
    return independent.measure(_images(1600, 1), parts, generated, **settings)[0]["fresh"]


@pytest.mark.slow
def test_a_linear_critic_under_clipping_reaches_clip_times_the_1_norm_of_the_mean_difference():
    start = keras.Input(SHAPE, dtype="float64")
    flat = keras.layers.Flatten(dtype="float64")(start)
    scores = keras.layers.Dense(1, use_bias=False, dtype="float64")(flat)
    critic = keras.Model(start, keras.layers.Reshape((), dtype="float64")(scores))
    clip = 0.3
    trainer = CriticTrainer(
        critic,
        objectives.build("wgan", clip_weights=clip).adversary,
        RMSprop(0.05, rho=0.99, epsilon=1e-8),
    )
    random = np.random.default_rng(0)
    real, generated = random.uniform(size=(2, 1, *SHAPE))  # two points
    independent.train(trainer, lambda i: real.repeat(4, 0), lambda i: generated.repeat(4, 0), 40)
    (distance,) = independent.read(
        trainer, {"real": lambda i: real.repeat(4, 0)}, lambda i: generated.repeat(4, 0), 1
    )["real"]
    assert distance == pytest.approx(clip * np.abs(real - generated).sum(), rel=1e-6)


@pytest.mark.slow
def test_the_dcgan_critic_orders_three_shifts():
    distances = [
        mean_with_interval(_distance((_images(1600, 3, s), _images(1600, 4, s))), 0)
        for s in (0.0, 0.05, 0.15)
    ]
    for nearer, farther in zip(distances, distances[1:], strict=False):
        assert nearer["interval"][1] < farther["interval"][0]


@pytest.mark.slow
def test_fresh_draws_of_one_distribution_are_at_distance_0_on_a_held_out_set():
    trainer = independent.build_independent_critic(independent.FixedImages(SHAPE, "float32"))
    train = [with_replacement(_images(1600, seed), 32, 0, seed) for seed in (1, 2)]
    independent.train(trainer, *train, 60)
    inside = 0
    for seed in range(20):
        fresh, generated = (
            each_once(_images(400, 100 + 2 * seed + i), 16, 25, 0, i) for i in range(2)
        )
        result = mean_with_interval(
            independent.read(trainer, {"fresh": fresh}, generated, 25)["fresh"], seed
        )
        assert abs(result["value"]) < 4.5 * result["standard_error"]
        inside += result["interval"][0] < 0 < result["interval"][1]
    assert inside >= 17  # of 20 intervals at 95 %


@pytest.mark.slow
def test_a_generator_that_repeats_training_images_shows_a_gap():
    train, other = _images(200, 1), _images(400, 9, 0.1)
    parts = {"train": train, "test": other[:200]}
    values, _ = independent.measure(
        other[200:], parts, (train, train), updates=60, readings=12, batch=16, seed=0
    )
    gap = mean_with_interval(values["test"] - values["train"], 0)
    assert gap["interval"][0] > 0 and abs(values["train"].mean()) < 0.2 * values["test"].mean()


@pytest.mark.slow
@pytest.mark.parametrize("stop, left", [(9, 2 + 6), (15, 2)])
def test_an_interrupted_critic_ends_where_an_uninterrupted_one_does(
    stop, left, tmp_path, monkeypatch
):
    """10 updates and 6 readings in parts of 4: stopped at the 9th batch, 2 updates and all readings
    are left, at the 15th 2.
    """
    flow, splits = small_flow("nice", SHAPE), synthetic_splits(64, SHAPE)
    options = {"critics": 1, "critic_updates": 10, "critic_readings": 6, "critic_batch": 8}
    monkeypatch.setattr(independent, "_BLOCK", 4)
    whole = critic_distance.evaluate(flow, splits, **options)
    values = whole.pop("arrays")
    drawn = []

    def counting(*arguments):
        draw = from_generator(*arguments)

        def counted(number):
            drawn.append(number)
            if len(drawn) == stop:
                raise KeyboardInterrupt
            return draw(number)

        return counted

    monkeypatch.setattr(independent, "from_generator", counting)
    with pytest.raises(KeyboardInterrupt):
        critic_distance.evaluate(flow, splits, ResumableLoop(tmp_path), **options)
    continued = critic_distance.evaluate(flow, splits, ResumableLoop(tmp_path), **options)
    for name, readings in continued.pop("arrays").items():
        np.testing.assert_array_equal(readings, values[name])
    assert continued == whole
    assert len(drawn) == stop + left


@pytest.mark.slow
def test_the_generator_is_in_evaluation_mode_and_stays_as_it_is():
    generator = perturb(generators.build("dcgan", SHAPE, width=4))
    before = generator.get_weights()
    critic_distance.evaluate(generator, synthetic_splits(32, SHAPE), **SMALL)
    for a, b in zip(before, generator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    draw = from_generator(generator, 4, 0, 0)
    images = draw(0).numpy()
    for statistic in generator.non_trainable_variables:
        statistic.assign(statistic + 1.0)
    assert np.abs(draw(0).numpy() - images).max() > 1e-3  # running statistics are what counts


@pytest.mark.slow
def test_the_result_has_values_errors_and_settings():
    splits = synthetic_splits(64, SHAPE)
    flow, options = small_flow("nvp", SHAPE), SMALL | {"limit": 40}
    one = critic_distance.evaluate(flow, splits, **options)
    result = critic_distance.evaluate(flow, splits, **options | {"critics": 2})
    assert {d["images"] for d in result["distances"].values()} == {40}
    for found, count in ((one, 4), (result, 8)):  # critics times readings
        assert {d["count"] for d in found["distances"].values()} == {count}
        assert found["overfitting_gap"]["count"] == count
    for name, entry in result["distances"].items():
        values = result["arrays"][name]
        np.testing.assert_array_equal(values[:1], one["arrays"][name])
        assert entry["critics"] == [*values.mean(axis=1)] and len({*entry["critics"]}) == 2
        assert entry["critics"][:1] == one["distances"][name]["critics"]
    for entry in (*result["distances"].values(), result["overfitting_gap"]):
        assert (
            entry["interval"][0] <= entry["value"] <= entry["interval"][1]
            and entry["standard_error"] > 0
        )
    gap = result["distances"]["test"]["value"] - result["distances"]["train"]["value"]
    assert result["overfitting_gap"]["value"] == pytest.approx(gap)
    critic = result["critic"]
    assert critic["seed"] == critic["seeds"][0] == 0 and len({*critic["seeds"]}) == 2
    assert (
        critic["updates"] == 30
        and critic["readings"] == 4
        and critic["training_curve"]["update"][-1] == 30
    )
    assert "batch statistics" in critic["batch_norm"]


def test_critics_differ_in_what_they_train_on_and_read_the_same_images(monkeypatch):
    seen = {"train": [], "read": []}

    def train(trainer, real, generated, updates, loop, label):
        seen["train"].append([trainer.critic.get_weights()[0], real(0), generated(0)])
        return np.zeros(updates)

    def read(trainer, parts, generated, count, loop, label):
        seen["read"].append([parts["test"](1), generated(1)])
        return {name: np.zeros(count) for name in parts}

    monkeypatch.setattr(independent, "train", train)
    monkeypatch.setattr(independent, "read", read)
    options = SMALL | {"critics": 2, "seed": 3}
    critic_distance.evaluate(small_flow("nice", SHAPE), synthetic_splits(64, SHAPE), **options)
    for one, other in zip(*seen["train"], strict=True):
        assert np.abs(one - other).max() > 1e-3
    (images, generated), (same, others) = seen["read"]
    np.testing.assert_array_equal(images, same)
    assert np.abs(generated - others).max() > 1e-3


def test_a_long_curve_is_binned_to_200_points():
    curve = independent.settings(np.arange(1001.0), 2, 64, [0], "float32")["training_curve"]
    assert len(curve["update"]) == len(curve["distance"]) == 167
    assert curve["update"][-1] == 1001 and curve["distance"][0] == pytest.approx(2.5)


@pytest.mark.slow
def test_no_image_is_read_twice_and_another_seed_is_another_critic():
    images = np.arange(50, dtype=np.float32).reshape(50, 1, 1, 1)
    draw = each_once(images, 8, 6, 0, 0)
    assert len({float(v) for i in range(6) for v in draw(i).ravel()}) == 48
    assert len({float(v) for v in with_replacement(images, 50, 0, 0)(0).ravel()}) < 50
    flow, splits = small_flow("nice", SHAPE), synthetic_splits(32, SHAPE)
    first, again, other = (
        critic_distance.evaluate(flow, splits, seed=seed, **SMALL) for seed in (0, 0, 1)
    )
    for result in (first, again, other):
        del result["arrays"]
    assert first == again and first["distances"] != other["distances"]


def test_bad_input_is_refused():
    flow = flows.build("nice", SHAPE, width=4, layers=1)
    with pytest.raises(UserError, match=r"synthetic.*\(4, 4, 1\).*\(8, 8, 1\)"):
        critic_distance.evaluate(flow, synthetic_splits(40))
    with pytest.raises(UserError, match=r"--critic_batch=64\b.*train\b.*\b40\b"):
        critic_distance.evaluate(flow, synthetic_splits(40, SHAPE))
    bad = _images(64, 0)
    bad[:] = np.nan
    with pytest.raises(UserError, match="generated.*finite"):
        independent.measure(
            _images(64, 1),
            {"a": _images(64, 2)},
            (bad, bad),
            updates=1,
            readings=2,
            batch=8,
            seed=0,
        )
