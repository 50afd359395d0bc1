"""Annealed importance sampling against models whose likelihood is known."""

import math

import numpy as np
import pytest
import tensorflow as tf
from scipy import integrate, stats
from tensorflow_probability.python.mcmc.internal import leapfrog_integrator

from tests.helpers import small_flow, synthetic_splits
from tfflowgan import draws
from tfflowgan.datasets import evaluation_batches
from tfflowgan.errors import UserError
from tfflowgan.evaluation import annealing
from tfflowgan.generators import Generator
from tfflowgan.metrics import annealing_chains
from tfflowgan.metrics.annealing_chains import Annealer
from tfflowgan.metrics.resumable_loop import ResumableLoop
from tfflowgan.portable import Layout, _chains, sigmoid_schedule

SHAPE, DIMS, SIGMA = (2, 3, 1), 6, 0.1
SEED = (3, 4)


class Linear(Generator):
    """x = A z + b."""

    def __init__(self, matrix, prior="normal", dtype="float64"):
        super().__init__(SHAPE, prior, dtype, name="linear")
        self.matrix, self.shift = (
            np.asarray(matrix, dtype),
            np.linspace(0.3, 0.7, DIMS).astype(dtype),
        )

    def generate(self, latents, training=False):
        return tf.reshape(latents @ self.matrix.T + self.shift, [-1, *SHAPE])


def mixing(seed=0):
    """A matrix whose singular values lie between 0.05 and 0.15: latents that the image tells much
    about, and little.
    """
    left, _, right = np.linalg.svd(np.random.default_rng(seed).standard_normal((DIMS, DIMS)))
    return left * np.linspace(0.05, 0.15, DIMS) @ right


def exact(model, images, sigma=SIGMA):
    """Log-density of x, normal with covariance A A^T + sigma^2 I."""
    covariance = model.matrix @ model.matrix.T + sigma**2 * np.eye(DIMS)
    return stats.multivariate_normal(model.shift, covariance).logpdf(images.reshape(-1, DIMS))


def exact_by_quadrature(model, images):
    """The same for a diagonal A and a logistic prior: D integrals over one latent each."""
    scale = np.diag(model.matrix)
    images = images.reshape(-1, DIMS)[..., None]
    noise = np.linspace(-10, 10, 2001) * SIGMA
    latents = (images - model.shift[:, None] - noise) / scale[:, None]
    density = stats.norm.pdf(noise, 0, SIGMA) * stats.logistic.pdf(latents) / scale[:, None]
    return np.log(integrate.trapezoid(density, noise, axis=-1)).sum(axis=-1)


def bounds(model, count, distributions, chains=1, seed=SEED):
    images, latents = annealing.own_samples(model, count, SIGMA, 0)
    annealer = Annealer(model, SIGMA, distributions, chains, ResumableLoop())
    cap = -0.5 * DIMS * math.log(2 * math.pi * SIGMA**2)
    forward = annealer.run("forward", images, seed)
    reverse = annealer.run("reverse", images, (seed[0] + 1, seed[1]), latents, forward["step_size"])
    return images, cap + forward["log_weight"], cap - reverse["log_weight"], forward["acceptance"]


def enclosed(truth, lower, upper):
    """Bounds lie on their sides, less than 0.2 nats off, and their weights have no bias."""
    for distance in (truth - lower, upper - truth):
        error = distance.std() / math.sqrt(len(distance))
        assert error < 0.05
        assert -3 * error < distance.mean() < 0.2
        assert math.log(np.mean(np.exp(-distance))) == pytest.approx(0.0, abs=4 * error)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_exact_likelihood_of_a_linear_gaussian_model_lies_between_the_bounds(dtype):
    model = Linear(mixing(), dtype=dtype)
    images, lower, upper, acceptance = bounds(model, 400, 300)
    enclosed(exact(model, images), lower, upper)
    assert (
        abs(acceptance.mean() - 0.65) < 0.1
    )  # with the first moves, before the step size has found its own


@pytest.mark.slow
def test_the_likelihood_under_a_logistic_prior_lies_between_the_bounds():
    model = Linear(np.diag(np.linspace(0.05, 0.15, DIMS)), prior="logistic")
    images, lower, upper, _ = bounds(model, 400, 800)
    enclosed(exact_by_quadrature(model, images), lower, upper)


@pytest.mark.slow
def test_more_distributions_and_more_chains_close_the_gap():
    model = Linear(mixing())
    gaps = []
    for distributions, chains in ((10, 1), (10, 8), (80, 1)):
        _, lower, upper, _ = bounds(model, 300, distributions, chains)
        gaps.append((upper - lower).mean())
    assert gaps[0] > 2 * gaps[1] > 0 and gaps[0] > 1.6 * gaps[2] > 0, gaps


@pytest.mark.slow
def test_two_distributions_and_many_chains_are_without_bias():
    model, sigma = Linear(mixing()), 0.3  # so much noise that the posterior is close to the prior
    images, _ = annealing.own_samples(model, 1, sigma, 0)
    found = Annealer(model, sigma, 2, 20_000, ResumableLoop()).run("forward", images, SEED)[
        "log_weight"
    ][0]
    assert found - 0.5 * DIMS * math.log(2 * math.pi * sigma**2) == pytest.approx(
        exact(model, images, sigma), abs=0.01
    )


class Kept(ResumableLoop):
    """A loop that keeps the carries of all blocks."""

    def __init__(self):
        super().__init__()
        self.carries = {}

    def scan(self, label, *args, **kwargs):
        self.carries[label] = super().scan(label, *args, **kwargs)
        return self.carries[label]


@pytest.mark.slow
@pytest.mark.parametrize("prior", ["normal", "logistic"])
def test_moves_are_those_of_tfps_integrator(prior):
    model, kept = Linear(mixing(), prior=prior), Kept()
    images, _ = annealing.own_samples(model, 20, SIGMA, 0)
    step = 0.8  # so long that some moves are refused
    Annealer(model, SIGMA, 7, 1, kept).run("forward", images, SEED, None, np.array([step]))
    seed = draws.fold_in(SEED, 0)
    latents, accepted = model.prior().sample(20, seed=draws.fold_in(seed, 0)), []
    for t, beta in enumerate(sigmoid_schedule(7)[1:-1], start=1):

        def density(z, beta=beta):
            error = tf.reduce_sum((images - model.generate(z)) ** 2, axis=[1, 2, 3])
            return model.prior().log_prob(z) - beta * error / (2 * SIGMA**2)

        momentum = draws.normal([20, DIMS], draws.fold_in(seed, 2 * t), "float64")
        integrator = leapfrog_integrator.SimpleLeapfrogIntegrator(
            density, [tf.constant(step, tf.float64)], 10
        )
        [swung], [moved], end, _ = integrator([momentum], [latents])
        kinetic = tf.reduce_sum(momentum**2 - swung**2, axis=1) / 2
        probability = tf.minimum(1.0, tf.exp(end - density(latents) + kinetic))
        takes = draws.uniform([20], draws.fold_in(seed, 2 * t + 1), "float64") < probability
        latents = tf.where(takes[:, None], moved, latents)
        step *= math.exp(0.1 * (np.mean(probability) - 0.65))
        accepted.append(takes.numpy())
    assert 0 < np.mean(accepted) < 1
    [carry] = kept.carries.values()
    np.testing.assert_allclose(carry["latents"][0], latents, rtol=1e-6)
    assert carry["step_size"] == pytest.approx([step])


@pytest.mark.slow
def test_results_do_not_depend_on_how_many_chains_are_moved_at_once(monkeypatch):
    monkeypatch.setattr(_chains, "_LATENTS", 4 * DIMS)  # groups of two images with two chains
    model, splits = Linear(mixing()), synthetic_splits(shape=SHAPE)
    settings = small(annealing_images=7, annealing_sigma=SIGMA)
    one, *others = (
        annealing.evaluate(model, splits, **settings, annealing_batch=size) for size in (1, 8, 100)
    )
    for other in others:
        for name in ("ais", "exact"):
            assert other["nlls"][name] == (one["nlls"][name] and pytest.approx(one["nlls"][name]))
        assert other["acceptance"] == pytest.approx(one["acceptance"])
        for name in ("lower", "upper"):
            found = other["own_samples"]["bounds"][name]
            assert found == pytest.approx(one["own_samples"]["bounds"][name])


@pytest.mark.slow
def test_places_that_are_left_in_a_call_count_for_nothing(monkeypatch):
    model = Linear(mixing())
    images, latents = annealing.own_samples(model, 3, SIGMA, 0)
    found = []
    for places in (3, 5):  # a program has as many as the largest group that it moves
        annealer = Annealer(model, SIGMA, 30, 2, ResumableLoop())
        layout = Layout((0, 3), images=places, groups=places - 2)
        monkeypatch.setattr(annealer, "_layout", lambda count, layout=layout: layout)
        found.append(annealer.run("forward", images, SEED))
        found.append(annealer.run("reverse", images, SEED, latents, np.array([0.5])))
    for few, many in zip(found[:2], found[2:], strict=True):
        for name, values in few.items():
            np.testing.assert_allclose(many[name], values, 1e-9, err_msg=name)


@pytest.mark.parametrize("size, calls", [(1, 4), (8, 2), (9, 2), (12, 2), (16, 1), (None, 1)])
def test_groups_are_moved_together_as_far_as_asked_for(monkeypatch, size, calls):
    monkeypatch.setattr(_chains, "_LATENTS", 4 * DIMS)
    monkeypatch.setitem(annealing_chains._LATENTS, "CPU", 100 * DIMS)
    at_once = annealing_chains.chains_at_once(DIMS, size)
    layout = Layout.of(7, DIMS, 2, at_once)
    assert layout.ends == (0, 1, 3, 5, 7) and layout.images == 2
    assert -(-layout.number // layout.groups) == calls


def test_the_schedule_is_a_sigmoid_from_0_to_1():
    betas = sigmoid_schedule(1000)
    assert len(betas) == 1001 and betas[0] == 0 and betas[-1] == 1 and (np.diff(betas) > 0).all()
    np.testing.assert_allclose(betas + betas[::-1], 1.0)
    inner = betas * (1 / (1 + math.exp(-4)) - 1 / (1 + math.exp(4))) + 1 / (1 + math.exp(4))
    np.testing.assert_allclose(np.log(inner / (1 - inner)), np.linspace(-4, 4, 1001), atol=1e-9)


def small(**options):
    return {"annealing_images": 5, "annealing_distributions": 60, "annealing_chains": 2} | options


@pytest.mark.slow
def test_a_result_has_sigma_its_cap_and_both_nlls():
    flow, splits = small_flow("nice", (4, 4, 1), couplings=2), synthetic_splits()
    result = annealing.evaluate(flow, splits, **small(annealing_sigma=0.2))
    assert result["cap"] == pytest.approx(-8 * math.log(2 * math.pi * 0.04))
    assert (
        result["ais_nll"]["value"] > -result["cap"] and min(result["nlls"]["ais"]) > -result["cap"]
    )
    assert max(result["own_samples"]["bounds"]["upper"]) < result["cap"]
    images = next(iter(evaluation_batches(splits.test.first(5), 5, 0)))[0]
    assert result["nlls"]["exact"] == pytest.approx((-flow.log_prob(images)).numpy().tolist())
    assert (result["images"], result["distributions"], result["chains"]) == (5, 60, 2)


@pytest.mark.slow
def test_test_images_and_own_samples_are_scored_by_the_model_with_noise():
    model, splits = Linear(mixing()), synthetic_splits(shape=SHAPE)
    result = annealing.evaluate(
        model,
        splits,
        **small(annealing_distributions=300, annealing_chains=16, annealing_sigma=SIGMA),
    )
    images = next(iter(evaluation_batches(splits.test.first(5), 5, 0)))[0].numpy()
    np.testing.assert_allclose(result["nlls"]["ais"], -exact(model, images), atol=0.6)
    truth = exact(model, annealing.own_samples(model, 5, SIGMA, 0)[0])
    for bound in result["own_samples"]["bounds"].values():
        np.testing.assert_allclose(bound, truth, atol=0.6)
    assert result["exact_nll"]["value"] is None and result["dtype"] == "float64"


def test_known_latents_are_those_of_the_models_samples():
    model = Linear(mixing())
    images, latents = annealing.own_samples(model, 200, SIGMA, 7)
    clean = model.decode(latents).numpy()
    np.testing.assert_array_equal(clean, model.sample(200, 7).numpy())
    assert np.std(images - clean) == pytest.approx(SIGMA, rel=0.1)


@pytest.mark.slow
def test_the_reverse_run_starts_at_the_latents_of_its_images():
    model, splits = Linear(mixing()), synthetic_splits(shape=SHAPE)
    settings = small(
        annealing_images=20, annealing_distributions=3, annealing_sigma=SIGMA
    )  # too few to forget another start
    result = annealing.evaluate(model, splits, **settings)["own_samples"]
    truth = exact(model, annealing.own_samples(model, 20, SIGMA, 0)[0]).mean()
    assert result["lower_bound"]["value"] < truth < result["upper_bound"]["value"]


@pytest.mark.slow
def test_an_interrupted_evaluation_continues_to_the_same_result(tmp_path, monkeypatch):
    model, splits = Linear(mixing(), dtype="float32"), synthetic_splits(shape=SHAPE)
    settings = small(annealing_sigma=SIGMA)
    whole = annealing.evaluate(model, splits, **settings)
    folder, written, write = tmp_path / "parts", [], ResumableLoop._write

    def interrupted(self, path, arrays):
        write(self, path, arrays)
        written.append(path)
        if len(written) == 5:  # within the second of three runs of three parts
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(ResumableLoop, "_write", interrupted)
        with pytest.raises(KeyboardInterrupt):
            annealing.evaluate(model, splits, ResumableLoop(folder), **settings)
    calls = []
    monkeypatch.setattr(
        ResumableLoop,
        "_write",
        lambda self, path, arrays: (calls.append(path), write(self, path, arrays)),
    )
    assert annealing.evaluate(model, splits, ResumableLoop(folder), **settings) == whole
    assert len(calls) == 9 - 5


@pytest.mark.parametrize(
    "options, named",
    [
        ({"annealing_preset": "quick"}, "--annealing_preset=quick.*fast.*paper"),
        ({"annealing_sigma": 0.0}, "--annealing_sigma=0.0"),
        ({"annealing_distributions": 1}, "--annealing_distributions=1"),
        ({"annealing_chains": 0}, "--annealing_chains=0"),
        ({"annealing_batch": 0}, "--annealing_batch=0"),
    ],
)
def test_settings_that_cannot_be_are_named(options, named):
    with pytest.raises(UserError, match=named):
        annealing.evaluate(Linear(mixing()), synthetic_splits(shape=SHAPE), **options)


def test_images_of_another_shape_and_values_that_are_not_finite_are_refused():
    with pytest.raises(UserError, match=r"\(4, 4, 1\).*\(2, 3, 1\)"):
        annealing.evaluate(Linear(mixing()), synthetic_splits())
    with pytest.raises(UserError, match="not finite"):
        annealing.evaluate(
            Linear(mixing() * np.inf), synthetic_splits(shape=SHAPE), **small(annealing_sigma=SIGMA)
        )
