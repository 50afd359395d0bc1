"""Sixteen threads share a model, some of them ask wrongly, and nobody waits for ever."""

import concurrent.futures
import itertools

import numpy as np
import pytest
import tensorflow as tf

import tfflowgan
from tests.helpers import small_flow
from tfflowgan.errors import UserError

pytestmark = pytest.mark.slow

SHAPE = (4, 4, 1)
THREADS, CALLS = 16, 12


@pytest.fixture(scope="module")
def flow():
    return small_flow("nice", SHAPE)


@pytest.fixture(scope="module")
def images(flow):
    return flow.sample(3, seed=1).numpy()


@pytest.fixture(scope="module")
def exported(flow, tmp_path_factory):
    path = tfflowgan.export(flow, tmp_path_factory.mktemp("threads") / "flow")
    return tf.saved_model.load(str(path))


def _wrong(ask, images):
    """Calls with a wrong rank, shape, dtype or kind of value, each of which must be refused."""
    return [
        lambda: ask(images[..., 0]),
        lambda: ask(images[:, :3]),
        lambda: ask(images[np.newaxis]),
        lambda: ask(images.astype(np.complex64)),
        lambda: ask(np.zeros((2, *SHAPE), np.uint8)),
        lambda: ask(np.array(["x"])),
        lambda: ask("images"),
        lambda: ask(np.full((2, *SHAPE), np.nan, np.float32)),
    ]


def _check(right, expected, wrong):
    def right_each_time(_):
        for _ in range(CALLS):
            np.testing.assert_allclose(right(), expected, rtol=1e-5)

    def wrong_each_time(first):
        for call in itertools.islice(itertools.cycle(wrong), first, first + CALLS):
            with pytest.raises((ValueError, TypeError, UserError, tf.errors.OpError)):
                call()

    pool = concurrent.futures.ThreadPoolExecutor(THREADS)
    tasks = [
        pool.submit(wrong_each_time if i % 3 == 0 else right_each_time, i) for i in range(THREADS)
    ]
    try:
        for task in tasks:
            task.result(timeout=60)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@pytest.mark.parametrize("method", ["log_prob", "encode", "bits_per_dim"])
def test_a_flow(flow, images, method):
    given = np.zeros((3, *SHAPE), np.uint8) if method == "bits_per_dim" else images
    ask = getattr(flow, method)
    wrong = _wrong(ask, images)
    if method == "bits_per_dim":
        wrong = [lambda: ask(images), lambda: ask(given[..., 0]), lambda: ask("images")]
    _check(lambda: ask(given), ask(given).numpy(), wrong)


def test_the_samples_of_a_flow(flow):
    ask = flow.sample
    wrong = [lambda: ask(2, seed=-1), lambda: ask(2, seed=0.5), lambda: ask("two", seed=1)]
    wrong += [lambda: ask(2, seed=1, temperature=[1.0, 2.0, 3.0])]
    wrong += [lambda: flow.decode(np.zeros((2, 3), np.float32)), lambda: flow.decode("z")]
    _check(lambda: ask(3, seed=1), ask(3, seed=1).numpy(), wrong)


def test_the_methods_of_a_saved_model(exported, images):
    expected = exported.log_prob(images).numpy()
    wrong = _wrong(exported.log_prob, images)
    wrong += [lambda: exported.sample(2.5, 1), lambda: exported.sample(2, -1)]
    wrong += [lambda: exported.sample([2], 1), lambda: exported.sample("2", 1)]
    _check(lambda: exported.log_prob(images), expected, wrong)


def test_the_signatures_of_a_saved_model(exported, images):
    serve = exported.signatures["log_prob"]

    def ask(values):
        return serve(images=tf.constant(values))["log_prob"]

    wrong = [*_wrong(ask, images), lambda: serve(), lambda: serve(pictures=tf.constant(images))]
    _check(lambda: ask(images), ask(images).numpy(), wrong)
