"""The architectures themselves: sizes, counts, refusals."""

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import count_ops, perturb, random_images, small_flow
from tfflowgan import flows
from tfflowgan.errors import UserError


@pytest.mark.parametrize("levels, couplings", [(1, 7), (2, 13), (3, 19)])
def test_nvp_has_6_l_plus_1_couplings(levels, couplings):
    assert (
        len(flows.build("nvp", (28, 28, 1), levels=levels, width=2, blocks=1).networks) == couplings
    )


def test_nice_has_the_published_number_of_parameters():
    flow = flows.build("nice", (28, 28, 1), batch_norm=True)
    assert sum(np.prod(w.shape) for w in flow.trainable_variables) == 23_162_408


@pytest.mark.slow
def test_real_nvp_has_about_the_published_number_of_parameters():
    published = {"levels": 2, "blocks": 8, "weight_norm": True, "batch_norm": True}
    flow = flows.build("real_nvp", (32, 32, 3), mixing=False, zero_start="none", **published)
    trained = sum(np.prod(weight.shape) for weight in flow.trainable_variables)
    assert trained == pytest.approx(5.95e6, rel=0.01)


@pytest.mark.parametrize("levels, couplings", [(1, 4), (2, 10), (3, 16)])
@pytest.mark.parametrize("mixing", [False, True])
def test_real_nvp_has_6_l_minus_2_couplings(levels, couplings, mixing):
    flow = flows.build("real_nvp", (8, 8, 3), levels=levels, width=2, blocks=1, mixing=mixing)
    assert len(flow.networks) == couplings
    assert sum(map(bool, flow.mixings)) == (6 * (levels - 1) if mixing else 0)


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(28, 28, 1), (32, 32, 3), (64, 64, 3)])
@pytest.mark.parametrize(
    "name, options",
    [
        ("nice", {"layers": 1}),
        ("nvp", {"levels": 1, "blocks": 1}),
        ("nvp", {"levels": 3, "blocks": 1}),
        ("real_nvp", {"blocks": 1}),
    ],
)
def test_papers_image_sizes_work(name, options, shape):
    flow = perturb(flows.build(name, shape, width=2, **options), scale=0.01)
    images = random_images(shape, count=2, dtype="float32")
    np.testing.assert_allclose(flow.decode(flow.encode(images)), images, atol=1e-3)


def test_a_size_that_the_levels_do_not_divide_is_refused_with_sizes_that_work():
    with pytest.raises(UserError, match="--flow=nvp .*30x30 .*28x28 or 32x32"):
        flows.build("nvp", (30, 30, 1), levels=3)
    with pytest.raises(UserError, match="--flow=nice .*3x3 .* 9"):
        flows.build("nice", (3, 3, 1))


def test_unknown_flows_and_options_are_refused():
    with pytest.raises(UserError, match=r"--flow=nvpp .*\bnvp\b"):
        flows.build("nvpp", (4, 4, 1))
    with pytest.raises(UserError, match="--couplings .*--flow=nvp"):
        flows.build("nvp", (4, 4, 1), couplings=3)
    with pytest.raises(UserError, match="--prior=cauchy"):
        flows.build("nice", (4, 4, 1), prior="cauchy")
    with pytest.raises(UserError, match="--logit_alpha=0.7"):
        flows.build("nice", (4, 4, 1), logit_alpha=0.7)


@pytest.mark.slow
def test_a_new_flow_is_the_identity_between_the_logit_and_the_prior():
    flow = flows.build("nvp", (4, 4, 1), width=4, logit_alpha=None, dtype="float64")
    images = random_images((4, 4, 1))
    np.testing.assert_allclose(
        flow.log_prob(images),
        -0.5 * (images.numpy() ** 2).sum(axis=(1, 2, 3)) - 8 * np.log(2 * np.pi),
        rtol=1e-12,
    )


def test_log_scales_stay_within_their_limit():
    flow = flows.build(
        "nvp",
        (4, 4, 1),
        levels=1,
        width=4,
        blocks=1,
        learned_bound=False,
        logit_alpha=None,
        dtype="float64",
    )
    for network in (
        flow.networks
    ):  # each asks for a log-scale of 50 for every pixel that it moves, and gets 2 tanh(50 / 2)
        bias = network.layers[-1].bias
        bias.assign(np.repeat([0.0, 50.0], bias.shape[0] // 2))
    log_det = flow.bijector().inverse_log_det_jacobian(random_images((4, 4, 1)), event_ndims=3)
    np.testing.assert_allclose(np.abs(log_det), 2.0 * 8 * len(flow.networks), rtol=1e-6)


@pytest.mark.slow
def test_batch_norm_density_does_not_depend_on_the_neighbours_in_evaluation():
    for name in ("nice", "real_nvp"):
        flow = small_flow(name, batch_norm=True, dtype="float64")
        images = random_images((4, 4, 1), count=6)
        np.testing.assert_allclose(flow.log_prob(images)[:2], flow.log_prob(images[:2]), rtol=1e-9)


def test_batch_norm_normalizes_by_the_batch_in_training():
    flow = perturb(flows.build("nice", (4, 4, 1), width=4, batch_norm=True, dtype="float64"))
    moving = [np.array(w) for w in flow.non_trainable_variables]
    flow.distribution(training=True).log_prob(random_images((4, 4, 1), count=6))
    assert any(
        np.abs(np.array(w) - m).max() > 0
        for w, m in zip(flow.non_trainable_variables, moving, strict=True)
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["nvp", "real_nvp"])
def test_recomputation_keeps_less_and_gives_the_same_gradients(name):
    images = random_images((4, 4, 1))
    options = {"levels": 2, "width": 4, "blocks": 1, "mixing": False, "dtype": "float64"}
    kept = perturb(flows.build(name, (4, 4, 1), **options))
    recomputed = flows.build(name, (4, 4, 1), **options, recompute=True)
    recomputed.set_weights_from(kept)
    results, convolutions = [], []
    for flow in (kept, recomputed):

        @tf.function
        def step(images, flow=flow):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(flow.distribution(training=True).log_prob(images))
            return loss, tape.gradient(loss, flow.trainable_variables)

        results.append(tf.nest.flatten(step(images)))
        convolutions.append(count_ops(step.get_concrete_function(images), "Conv2D"))
    assert convolutions[1] == 2 * convolutions[0]
    for plain, again in zip(*results, strict=True):
        np.testing.assert_allclose(again, plain, rtol=1e-10, atol=1e-12)


def test_recomputation_and_batch_norm_exclude_each_other():
    with pytest.raises(UserError, match="--recompute .*--batch_norm"):
        flows.build("real_nvp", (4, 4, 1), width=4, blocks=1, batch_norm=True, recompute=True)
