"""Spectra of Jacobians with known answers."""

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import perturb, quick_first, small_flow
from tfflowgan import flows, generators
from tfflowgan.errors import UserError
from tfflowgan.evaluation import jacobian
from tfflowgan.generators import Generator
from tfflowgan.metrics.resumable_loop import ResumableLoop


class _Linear(Generator):
    """Images M z."""

    def __init__(self, matrix, dtype="float64"):
        super().__init__((4, len(matrix) // 4, 1), "normal", dtype, "linear")
        self.matrix = tf.constant(matrix, dtype)

    def generate(self, latents, training=False):
        return tf.reshape(latents @ tf.transpose(self.matrix), [-1, *self.image_shape])


def _quantiles(result):
    return np.asarray(result["log10_singular_values"]["values"])


@pytest.mark.parametrize("dims", [16, 64, 68])  # below, at and above the rows of a pass
def test_a_linear_maps_jacobian_is_its_matrix(dims):
    matrix = np.random.default_rng(0).standard_normal((dims, dims))
    found = jacobian.jacobian_function(_Linear(matrix))(tf.zeros([dims], tf.float64))
    np.testing.assert_array_equal(found, matrix)


def test_a_diagonal_map_has_its_diagonal_as_singular_values():
    flow = flows.build(
        "nice", (4, 4, 1), couplings=2, layers=1, width=4, logit_alpha=None, dtype="float64"
    )
    scales = np.linspace(-2.0, 3.0, 16)
    flow.log_scale.assign(scales)  # new couplings shift nothing: x = z exp(-s)
    result = jacobian.evaluate(flow, jacobian_draws=3)
    expected = np.quantile(
        np.repeat(-scales, 3) / np.log(10), result["log10_singular_values"]["levels"]
    )
    np.testing.assert_allclose(_quantiles(result), expected, atol=1e-12)
    assert result["log10_condition_number"]["median"] == pytest.approx(5 / np.log(10))
    assert result["log_det"]["value"] == pytest.approx(-8.0) and result["log_det"][
        "standard_error"
    ] == pytest.approx(0.0, abs=1e-12)
    assert result["rank"] == {"mean": 16.0, "least": 16, "greatest": 16}


@pytest.mark.parametrize("name", quick_first(["nice", "nvp"]))
def test_log_singular_values_add_up_to_the_flows_own_log_det(name):
    flow = small_flow(name, dtype="float64")
    result = jacobian.evaluate(flow, jacobian_draws=4)
    own = result["own_log_det"]
    assert own["greatest_difference"] < 1e-8 and own["agrees"]
    latents = flow.latents(flows.image_seeds(0, 4))
    exact = flow.bijector().forward_log_det_jacobian(latents, event_ndims=1).numpy()
    assert result["log_det"]["value"] == pytest.approx(exact.mean(), abs=1e-8)
    assert result["log_det"]["standard_error"] == pytest.approx(exact.std(ddof=1) / 2, abs=1e-8)


@pytest.mark.slow
def test_the_columns_are_derivatives_by_the_latents():
    flow = small_flow("nvp", dtype="float64")
    latents, step = flow.latents(flows.image_seeds(3, 1)), 1e-6
    moved = (
        flow.decode(latents + step * np.eye(16)) - flow.decode(latents - step * np.eye(16))
    ) / (2 * step)
    np.testing.assert_allclose(
        jacobian.jacobian_function(flow)(latents[0]),
        tf.reshape(moved, [16, 16]).numpy().T,
        atol=1e-8,
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_linear_map_of_low_rank_gives_its_rank(dtype):
    noise = np.random.default_rng(1)
    matrix = noise.standard_normal((64, 5)) @ noise.standard_normal((5, 64))
    result = jacobian.evaluate(_Linear(matrix, dtype), jacobian_draws=2)
    assert result["rank"]["mean"] == 5.0 and result["own_log_det"] is None
    assert (_quantiles(result) < result["log10_resolution"]).mean() == pytest.approx(
        59 / 64, abs=0.01
    )


def test_exact_zeros_leave_no_infinite_number_behind():
    result = jacobian.evaluate(_Linear(np.diag([1.0] * 12 + [0.0] * 4)), jacobian_draws=2)
    assert result["log_det"] is None and result["zero_share"] == 0.25
    assert (
        set(result["log10_condition_number"].values()) == {None}
        and np.isfinite(_quantiles(result)).all()
    )


@pytest.mark.slow
def test_a_dtype_that_is_too_coarse_is_noticed():
    flow = small_flow("nice", logit_alpha=None)
    flow.log_scale.assign(np.linspace(0.0, 40.0, 16))
    perturb(flow, seed=3)
    single, double = (
        jacobian.evaluate(f, jacobian_draws=2) for f in (flow, flow.astype("float64"))
    )
    assert single["rank"]["mean"] < double["rank"]["mean"]


@pytest.mark.slow
def test_a_generator_without_a_density_has_a_spectrum():
    generator = perturb(generators.build("dcgan", (8, 8, 1), width=4, dtype="float64"), 0.05)
    result = jacobian.evaluate(generator, jacobian_draws=2)
    assert (
        result["dims"] == 64 and result["own_log_det"] is None and 0 < result["rank"]["mean"] <= 64
    )


@pytest.mark.slow
def test_an_interrupted_evaluation_continues(tmp_path):
    flow = small_flow("nice")
    whole = jacobian.evaluate(flow, jacobian_draws=3)
    jacobian.evaluate(flow, ResumableLoop(tmp_path), jacobian_draws=2)
    assert jacobian.evaluate(flow, ResumableLoop(tmp_path), jacobian_draws=3) == whole


def test_a_jacobian_that_is_not_finite_is_refused():
    with pytest.raises(UserError, match="draw 0.*float64"):
        jacobian.evaluate(_Linear(np.full((16, 16), np.nan)), jacobian_draws=1)
