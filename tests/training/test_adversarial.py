"""Adversarial and hybrid runs, from beginning to end."""

import math
import shutil

import numpy as np
import pytest
import tensorflow as tf

from tests.training.test_train import TINY
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.report.columns import COLUMNS
from tfflowgan.runs.load import load_generator
from tfflowgan.runs.names import score_name
from tfflowgan.runs.run import Run
from tfflowgan.training import monitor, stopping
from tfflowgan.training.resolve import resolve, start_from
from tfflowgan.training.train import train

ADVERSARIAL = TINY | {"objective": "wgan_gp", "critic_width": 4, "critic_steps": 1, "epochs": 1}
ADVERSARIAL |= {"limit": 40, "batch_size": 8}  # an independent critic is 64 channels wide


def _train(folder, exports=False, **settings):
    config = {k: v for k, v in (ADVERSARIAL | settings).items() if v is not None}
    output = folder / "model" if exports else None
    end = train(resolve(Config(**config)), folder / "run", output)
    return Run.open(folder / "run"), end


def _weights(run, name):
    path = str(run.checkpoints / name)
    return {
        k: tf.train.load_variable(path, k)
        for k, _ in tf.train.list_variables(path)
        if k.endswith("VARIABLE_VALUE")
    }


@pytest.fixture(scope="module")
def plain(tmp_path_factory):
    """A WGAN-GP run, of a flow with batch normalization, and how it ended."""
    folder = tmp_path_factory.mktemp("plain")
    return _train(folder, True, monitor_steps=2, snapshots="0,3", batch_norm=True)


@pytest.fixture(scope="module")
def likelihood(tmp_path_factory):
    """A run of maximum likelihood, to start from."""
    return _train(
        tmp_path_factory.mktemp("likelihood"), objective="mle", critic_width=None, critic_steps=None
    )[0]


@pytest.mark.slow
def test_a_run_is_monitored(plain):
    run, end = plain
    rows = run.metrics()
    assert [(row["step"], row["epoch"]) for row in rows] == [(2, 0.4), (4, 0.8), (5, 1)]
    for row in rows:
        assert row.keys() <= COLUMNS.keys()  # which describes every one
        for name in (
            "loss generator_loss critic_loss distance gradient_norm critic_gradient_norm train_nll "
            "validation_nll min_log_scale "
            "max_log_scale inverse_error learning_rate"
        ).split():
            assert math.isfinite(row[name]), name
    assert end["select"] == "last" and (run.path / "curves.png").exists()
    assert {p.name for p in run.samples.iterdir()} == {f"step-{n:09d}.png" for n in (2, 4, 5)}


@pytest.mark.slow
def test_the_exported_weights_are_the_last_ones(plain):
    run, end = plain
    import tfflowgan

    exported, last = tfflowgan.load(end["model"]), load_generator(run)
    for a, b in zip(exported.get_weights(), last.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    state = _weights(run, "step-000000005")
    for key, value in _weights(run, "last").items():
        np.testing.assert_array_equal(value, state[key])


@pytest.mark.slow
def test_snapshots_are_kept_and_read(plain):
    run, _ = plain
    start, third = load_generator(run, "snapshot-0"), load_generator(run, "snapshot-3")
    assert any(
        np.abs(a - b).max() > 0
        for a, b in zip(start.get_weights(), third.get_weights(), strict=True)
    )
    with pytest.raises(
        UserError,
        match="--select=snapshot-4.*snapshot-000000000, snapshot-000000003",
    ):
        load_generator(run, "snapshot-4")
    for name in ("best", "step-000000005", "../x"):
        with pytest.raises(
            UserError,
            match=f"--select={name} is not known; it can be nll, score, last or snapshot-N",
        ):
            load_generator(run, name)


@pytest.mark.long
@pytest.mark.slow
class TestIndependentCritic:
    def test_it_changes_nothing_and_is_read_on_every_split(self, tmp_path, plain):
        run, _ = _train(
            tmp_path, monitor_steps=2, snapshots="0,3", batch_norm=True, independent_critic=True
        )
        row = run.metrics()[-1]
        readings = [row[f"independent_{name}"] for name in ("train", "validation", "test")]
        assert all(map(math.isfinite, readings)) and len(set(readings)) == 3
        alone = plain[0]
        for a, b in zip(alone.metrics(), run.metrics(), strict=True):
            for name in a.keys() - {"data", "seconds"}:
                assert a[name] == pytest.approx(b[name], rel=1e-5), name
        for key, value in _weights(alone, "last").items():
            np.testing.assert_allclose(_weights(run, "last")[key], value, rtol=1e-5, atol=1e-7)

    def test_it_tells_a_bad_generator_from_data_under_maximum_likelihood_too(self, tmp_path):
        settings = {
            "objective": "mle",
            "critic_width": None,
            "critic_steps": None,
            "learning_rate": 1e-9,
            "epochs": 2,
        }
        run, _ = _train(tmp_path, independent_critic=True, limit=120, batch_size=40, **settings)
        first, last = run.metrics()
        assert last["independent_validation"] > first["independent_validation"] > 0
        assert any(key.startswith("independent/") for key in _weights(run, "step-000000006"))


@pytest.mark.slow
class TestInitFrom:
    def test_a_hybrid_starts_with_the_weights_of_a_likelihood_run(self, tmp_path, likelihood):
        config = Config(
            **{
                k: v
                for k, v in ADVERSARIAL.items()
                if k not in ("flow", "width", "layers", "couplings")
            }
            | {"objective": "hybrid"}
        )
        config = start_from(config, likelihood.config())
        assert (config.flow, config.width, config.layers) == ("nice", 16, 1)
        run, _ = _train(
            tmp_path / "next", objective="hybrid", init_from=str(likelihood.path), snapshots="0"
        )
        for a, b in zip(
            load_generator(likelihood).get_weights(),
            load_generator(run, "snapshot-0").get_weights(),
            strict=True,
        ):
            np.testing.assert_array_equal(a, b)

    def test_another_architecture_is_refused(self, tmp_path, plain):
        with pytest.raises(UserError, match="/last.*--run="):
            _train(tmp_path, init_from=str(plain[0].path), width=17)
        with pytest.raises(UserError, match="--init_from=x.*--flow=nice.*--flow=nvp"):
            start_from(Config(flow="nvp", init_from="x"), plain[0].config())
        with pytest.raises(UserError, match="--init_from=x.*--width=16.*--width=17"):
            start_from(Config(width=17, init_from="x"), plain[0].config())

    def test_what_is_no_run_is_refused(self, tmp_path):
        with pytest.raises(UserError, match="--init_from=/nowhere"):
            _train(tmp_path, init_from="/nowhere")


@pytest.mark.slow
class TestClassifier:
    @pytest.fixture(scope="class")
    @classmethod
    def classifier(cls, tmp_path_factory):
        """A SavedModel that calls bright images ones and dark ones noughts."""
        module = tf.Module()

        @tf.function(input_signature=[tf.TensorSpec([None, 28, 28, 1], tf.float32)])
        def probabilities(images):
            one = tf.clip_by_value(2.0 * tf.reduce_mean(images, axis=(1, 2, 3)), 0.01, 0.99)
            return tf.stack([1.0 - one, one] + [tf.zeros_like(one)] * 8, axis=1)

        module.call = probabilities
        path = str(tmp_path_factory.mktemp("classifier"))
        tf.saved_model.save(module, path, {"serving_default": probabilities})
        return path

    def test_on_cifar10_the_best_is_by_inception_score(self, tmp_path, classifier, monkeypatch):
        assert [score_name(dataset) for dataset in ("cifar10", "mnist")] == [
            "inception_score",
            "mode_score",
        ]
        for module in (stopping, monitor):
            monkeypatch.setattr(module, "score_name", lambda dataset: "inception_score")
        run, end = _train(
            tmp_path, classifier=classifier, score_samples=50, monitor_steps=1, learning_rate=0.01
        )
        best = max(run.metrics(), key=lambda row: row["inception_score"])
        assert end["score"] == "inception_score"
        assert (end["best_score"], end["best_score_epoch"]) == (
            best["inception_score"],
            best["epoch"],
        )

    def test_the_best_by_score_and_by_nll_are_both_kept(self, tmp_path, classifier):
        run, end = _train(
            tmp_path, classifier=classifier, score_samples=50, monitor_steps=1, learning_rate=0.01
        )
        rows = run.metrics()
        best = max(rows, key=lambda row: row["mode_score"])
        assert (
            end["select"] == "score"
            and end["best_score"] == best["mode_score"]
            and end["best_score_epoch"] == best["epoch"]
        )
        assert end["best_validation_nll"] == min(row["validation_nll"] for row in rows)
        assert (run.checkpoints / "best.index").exists() and (
            run.checkpoints / "best_score.index"
        ).exists()
        assert end["score"] == "mode_score"
        scored = load_generator(run, "score")
        for a, b in zip(scored.get_weights(), load_generator(run).get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)


class TestWithoutDensity:
    SETTINGS = {"flow": None, "layers": None, "couplings": None, "generator": "dcgan", "width": 4}

    @pytest.mark.slow
    def test_a_generator_trains_samples_and_exports(self, tmp_path):
        run, end = _train(tmp_path, True, **self.SETTINGS)
        row = run.metrics()[-1]
        assert (
            "validation_nll" not in row
            and "inverse_error" not in row
            and math.isfinite(row["distance"])
        )
        loaded = tf.saved_model.load(end["model"])
        assert loaded.sample(3, seed=1).shape == (3, 28, 28, 1)
        with pytest.raises(UserError, match="density"):
            load_generator(run).log_prob(np.zeros((1, 28, 28, 1), np.float32))

    def test_a_likelihood_is_refused(self):
        with pytest.raises(UserError, match="--objective=mle.*--generator=dcgan"):
            resolve(Config(generator="dcgan"))


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"critic": "dcgan"}, "--critic does not apply to --objective=mle, which has no critic"),
        ({"nll_weight": 1.0}, "--nll_weight does not apply to --objective=mle"),
        (
            {"objective": "wgan", "adversary": "gan"},
            "--adversary does not apply to --objective=wgan",
        ),
        (
            {"objective": "wgan_gp", "critic_norm": "batch"},
            "--critic_norm=batch .*--critic_norm=layer",
        ),
        (
            {"objective": "hybrid", "critic_norm": "batch"},
            "--critic_norm=batch .*--critic_norm=layer",
        ),
        ({"objective": "wgan", "burst_first": 3}, "--burst_first=3.*--burst_steps"),
        (
            {"objective": "wgan", "burst_steps": 5},
            "--burst_steps=5 must be more than --critic_steps=5",
        ),
        ({"optimizer": "rmsprop", "beta1": 0.5}, "--beta1 does not apply to --optimizer=rmsprop"),
        ({"rho": 0.5}, "--rho does not apply to --optimizer=adam"),
        (
            {"independent_critic": True, "independent_steps": 4},
            "--independent_steps=4 must be at least 5",
        ),
        (
            {"objective": "wgan", "reuse_batch": True, "burst_steps": 9},
            "--reuse_batch does not go with --burst_steps",
        ),
        (
            {"objective": "wgan", "burst_steps": 9, "burst_first": 0, "burst_every": 0},
            "leaves no burst",
        ),
        (
            {"objective": "hybrid", "adversary": "wgan", "penalty_weight": 1.0},
            "--penalty_weight .*--objective=hybrid.*--adversary=wgan",
        ),
        ({"snapshots": "0:1000000000:1"}, "--snapshots=0:1000000000:1.*10,000"),
        ({"classifier": "/nowhere"}, "--classifier=/nowhere"),
        ({"independent_steps": 5}, "--independent_steps .*--independent_critic"),
        ({"score_samples": 5}, "--score_samples .*--classifier"),
        ({"select": "score"}, "--select=score.*--classifier"),
        ({"objective": "wgan", "early_stopping": 3}, "--early_stopping.*--select=nll.*score"),
        (
            {"generator": "dcgan", "objective": "wgan", "select": "nll"},
            "--select=nll.*--generator=dcgan",
        ),
        ({"generator": "dcgan", "objective": "wgan", "levels": 2}, "--levels .*--generator=dcgan"),
        ({"flow": "nice", "generator": "dcgan"}, "--flow=nice.*--generator=dcgan"),
        ({"snapshots": "1,x"}, "--snapshots=1,x"),
        ({"snapshots": "1:5:0"}, "--snapshots=1:5:0"),
        ({"critic_steps": 0, "objective": "wgan"}, "--critic_steps=0"),
    ],
)
def test_what_does_not_go_together_is_refused(settings, message):
    with pytest.raises(UserError, match=message):
        resolve(Config(**settings))


@pytest.mark.slow
def test_a_critic_that_is_not_finite_stops_the_run_and_is_named(tmp_path):
    with pytest.raises(UserError, match=r"step \d.*not finite.*critic.*--learning_rate"):
        _train(tmp_path, objective="kl", critic_learning_rate=1e30, critic_norm="none")


@pytest.mark.slow
def test_an_nll_of_a_million_is_reported_and_does_not_stop_a_run(tmp_path):
    run, _ = _train(tmp_path, objective="wgan", learning_rate=1.0, clip_norm=0.0, epochs=2)
    assert run.metrics()[-1]["validation_nll"] > 1e6


@pytest.mark.slow
def test_a_snapshot_beyond_the_end_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"--snapshots=3,6.*\b6\b.*\b5\b"):
        _train(tmp_path, snapshots="3,6")


@pytest.mark.slow
def test_a_run_that_was_initialised_continues_without_its_source(tmp_path, likelihood):
    source = tmp_path / "source"
    shutil.copytree(likelihood.path, source)
    run, _ = _train(tmp_path / "next", objective="wgan", init_from=str(source))
    assert (run.path / "init_from.json").exists()
    shutil.rmtree(source)
    (run.path / "finished.json").unlink()
    _train(tmp_path / "next", objective="wgan", init_from=str(source))
    assert run.finished()
