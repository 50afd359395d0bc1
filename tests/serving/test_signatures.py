"""Signatures: the same numbers as the Python model, and errors where the input is wrong."""

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import quick_first, random_images, small_flow
from tests.serving import models
from tfflowgan import generators, plugins, units
from tfflowgan.bijectors.logit import support
from tfflowgan.evaluation.reconstruction import kept_latents
from tfflowgan.serving import saved_model
from tfflowgan.serving.signatures import signatures

pytestmark = pytest.mark.slow

SHAPE = (4, 4, 1)
SEEDS = np.array([3 << 32, (3 << 32) + 1, 5 << 32, -7], np.int64)


@pytest.fixture(scope="module", params=quick_first(plugins.names("flows")))
def served(request, tmp_path_factory):
    """(flow, its SavedModel's signatures)."""
    flow = small_flow(request.param, SHAPE, logit_alpha=0.05)
    path = saved_model.export(flow, tmp_path_factory.mktemp(request.param))
    model = tf.saved_model.load(str(path))
    return flow, Signatures(model)


class Signatures:
    """Calls signatures with NumPy arrays, as a server does."""

    def __init__(self, model):
        self._model = model

    def __call__(self, name, **inputs):
        return {
            k: v.numpy()
            for k, v in self._model.signatures[name](
                **{k: tf.constant(v) for k, v in inputs.items()}
            ).items()
        }


@pytest.fixture
def images():
    return random_images(SHAPE, dtype="float32").numpy()


def close(a, b):
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-5 * np.abs(b).max())


def test_log_prob_encode_and_decode_are_those_of_the_flow(served, images):
    flow, call = served
    close(call("log_prob", images=images)["log_prob"], flow.log_prob(images))
    close(call("serving_default", images=images)["log_prob"], flow.log_prob(images))
    latents = call("encode", images=images)["latents"]
    close(latents, flow.encode(images))
    decoded = call("decode", latents=latents)
    close(decoded["images"], images)
    close(decoded["log_prob"], flow.decode_with_log_prob(latents)[1])


def test_sample_is_that_of_the_flow_with_its_density_at_temperature_one(served):
    flow, call = served
    temperature = np.array([1.0, 0.0, 0.7, 1.0], np.float32)
    drawn = call("sample", seeds=SEEDS, temperature=temperature)
    expected, log_prob = flow.sample_from_seeds(SEEDS, temperature)
    close(drawn["images"], expected)
    close(drawn["log_prob"], log_prob)
    np.testing.assert_allclose(
        drawn["log_prob"], flow.log_prob(drawn["images"]), rtol=1e-3, atol=1e-2
    )


def test_bits_per_dim_is_the_mean_over_draws_of_the_noise(images):
    """A new flow is the identity behind a logit; its density at a pixel has a closed form."""
    from tfflowgan import flows

    draws, alpha, pixel = 2000, 0.05, 90
    flow = flows.build("nice", (2, 2, 1), width=4, layers=1, logit_alpha=alpha, prior="normal")
    answer = signatures(flow, draws)["bits_per_dim"](
        tf.fill([1, 2, 2, 1], tf.constant(pixel, tf.uint8)), tf.constant([1], tf.int64)
    )
    x = (pixel + (np.arange(1000) + 0.5) / 1000) / 256
    y = alpha + (1 - 2 * alpha) * x
    z = np.log(y) - np.log1p(-y)
    log_density = (
        -0.5 * z**2 - 0.5 * np.log(2 * np.pi) - np.log(y) - np.log1p(-y) + np.log1p(-2 * alpha)
    )
    np.testing.assert_allclose(
        answer["bits_per_dim"], units.bits_per_dim(4 * log_density.mean(), 4), rtol=1e-4
    )


def test_bits_per_dim_depends_on_an_image_and_its_seed_alone(served):
    _, call = served
    pixels = np.random.default_rng(0).integers(0, 256, (4, *SHAPE), np.uint8)
    together = call("bits_per_dim", images=pixels, seeds=SEEDS)["bits_per_dim"]
    alone = [
        call("bits_per_dim", images=pixels[i : i + 1], seeds=SEEDS[i : i + 1])["bits_per_dim"][0]
        for i in range(4)
    ]
    close(np.array(alone), together)
    other = call("bits_per_dim", images=pixels, seeds=SEEDS + 1)["bits_per_dim"]
    assert (np.abs(other - together) > 1e-6).all()
    assert np.isfinite(together).all()


def test_bits_per_dim_are_those_of_the_flow(served):
    flow, call = served
    pixels = np.random.default_rng(0).integers(0, 256, (4, *SHAPE), np.uint8)
    close(
        call("bits_per_dim", images=pixels, seeds=SEEDS)["bits_per_dim"],
        models.bits_per_dim(flow, pixels, SEEDS),
    )


@pytest.mark.parametrize("name", quick_first(["nice", "nvp"]))
def test_a_float64_flow_is_served_in_float32(name):
    flow = small_flow(name, SHAPE, logit_alpha=1e-7).astype("float64")
    named = signatures(flow)
    decoded = named["decode"](
        tf.constant([[30.0] * 16, [-30.0] * 16], tf.float32)
    )  # saturated: at the ends of the support
    assert {value.dtype for value in decoded.values()} == {tf.float32}
    assert np.isfinite(named["log_prob"](decoded["images"])["log_prob"]).all()
    encoded = named["encode"](decoded["images"])["latents"]
    assert encoded.dtype == tf.float32 and np.isfinite(encoded).all()
    images = random_images(SHAPE)
    close(
        named["log_prob"](tf.cast(images, tf.float32))["log_prob"],
        flow.log_prob(tf.cast(images, tf.float32)),
    )


def test_reconstruct_keeps_a_share_and_draws_the_rest(served, images):
    flow, call = served
    keep = np.array([0.0, 0.25, 0.5, 1.0], np.float32)
    made = call("reconstruct", images=images, seeds=SEEDS, keep=keep)["images"]
    latents, drawn = flow.encode(images).numpy(), flow.latents(SEEDS).numpy()
    for i, share in enumerate(keep):
        mixed = np.where(kept_latents(str(share), flow.dims), latents[i], drawn[i])
        close(made[i : i + 1], flow.decode(mixed[np.newaxis]))
    close(made[3], images[3])
    close(made[:1], flow.decode(drawn[:1]))


def test_rows_are_the_same_in_any_batch(served, images):
    _, call = served
    inputs = {"images": images, "seeds": SEEDS, "keep": np.full(4, 0.5, np.float32)}
    together = call("reconstruct", **inputs)["images"]
    backwards = call("reconstruct", **{name: value[::-1] for name, value in inputs.items()})[
        "images"
    ]
    close(backwards[::-1], together)


def test_an_empty_batch_is_refused(served):
    _, call = served
    with pytest.raises(tf.errors.InvalidArgumentError, match="images must.* row"):
        call("log_prob", images=np.zeros((0, *SHAPE), np.float32))
    with pytest.raises(tf.errors.InvalidArgumentError, match="seeds must.* row"):
        call("sample", seeds=SEEDS[:0], temperature=np.zeros(0, np.float32))


def test_pixels_outside_the_support_are_refused_with_their_row(served, images):
    flow, call = served
    low, high = support(0.05, np.float32)
    for good in (low, high):
        images[2, 1, 1, 0] = good
        assert np.isfinite(call("log_prob", images=images)["log_prob"]).all()
    for bad in (
        np.nextafter(low, np.float32(-1)),
        np.nextafter(high, np.float32(2)),
        np.float32(255),
    ):
        images[2, 1, 1, 0] = bad
        for name in ("log_prob", "encode", "reconstruct"):
            more = {"seeds": SEEDS, "keep": np.ones(4, np.float32)} if name == "reconstruct" else {}
            with pytest.raises(
                tf.errors.InvalidArgumentError, match=r"images.*-0\.05.*1\.05.*\[2\]"
            ):
                call(name, images=images, **more)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_pixels_that_are_not_finite_are_refused(served, images, bad):
    _, call = served
    images[1, 0, 0, 0] = bad
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"images.*finite.*\[1\]"):
        call("log_prob", images=images)


@pytest.mark.slow
def test_a_flow_without_a_logit_takes_any_real_number(images):
    flow = small_flow("nvp", SHAPE, logit_alpha=None)
    function = signatures(flow)["log_prob"]
    assert np.isfinite(function(tf.constant(images + 300))["log_prob"]).all()
    with pytest.raises(tf.errors.InvalidArgumentError, match="images.*finite"):
        function(tf.constant(images * np.nan))


@pytest.mark.parametrize(
    ("name", "change", "sentence"),
    [
        (
            "sample",
            {"temperature": np.array([1, -0.1, 1, 1], np.float32)},
            r"temperature must be finite and not negative.*\[1\]",
        ),
        (
            "sample",
            {"temperature": np.full(4, np.nan, np.float32)},
            r"temperature must be finite and not negative.*\[0\]",
        ),
        (
            "sample",
            {"temperature": np.ones(3, np.float32)},
            "temperature must have one value per row of the batch.*3.*4",
        ),
        (
            "bits_per_dim",
            {"seeds": SEEDS[:2]},
            "seeds must have one value per row of the batch.*2.*4",
        ),
        (
            "reconstruct",
            {"keep": np.array([0, 1, 1.5, 1], np.float32)},
            r"keep must be a share from 0 to 1.*\[2\]",
        ),
        (
            "reconstruct",
            {"keep": np.full(4, np.nan, np.float32)},
            "keep must be a share from 0 to 1",
        ),
        (
            "reconstruct",
            {"seeds": SEEDS[:3]},
            "seeds must have one value per row of the batch.*3.*4",
        ),
        (
            "decode",
            {"latents": np.full((4, 16), np.inf, np.float32)},
            r"latents must be finite.*\[0\]",
        ),
    ],
)
def test_other_inputs_out_of_range_are_refused(served, images, name, change, sentence):
    _, call = served
    ones = np.ones(4, np.float32)
    inputs = {
        "sample": {"seeds": SEEDS, "temperature": ones},
        "bits_per_dim": {"images": np.zeros((4, *SHAPE), np.uint8), "seeds": SEEDS},
        "reconstruct": {"images": images, "seeds": SEEDS, "keep": ones},
        "decode": {"latents": np.zeros((4, 16), np.float32)},
    }[name]
    call(name, **inputs)
    with pytest.raises(tf.errors.InvalidArgumentError, match=sentence):
        call(name, **inputs | change)


def test_a_generator_without_a_density_samples():
    generator = generators.build("dcgan", SHAPE, width=4)
    named = signatures(generator)
    assert set(named) == {"sample", "serving_default"}
    drawn = named["sample"](tf.constant(SEEDS), tf.ones(4))
    assert set(drawn) == {"images"}
    close(drawn["images"], generator.decode(generator.latents(SEEDS)))
