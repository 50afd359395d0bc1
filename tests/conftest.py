"""What all tests share: quiet TensorFlow, a TFDS folder of their own, real data if present."""

import gc
import logging
import os
import pathlib
import sys
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")  # the suite runs in two processes
os.environ["TFFLOWGAN_CACHE"] = tempfile.mkdtemp(prefix="cache-")
os.environ["TFDS_DATA_DIR"] = tempfile.mkdtemp(prefix="tfds-")

import pytest

SHARED = pathlib.Path(
    os.environ.get("TFFLOWGAN_DATA")
    or pathlib.Path(__file__).resolve().parent.parent.parent / "shared" / "data"
)


def pytest_collection_modifyitems(items):
    """Starts with the longest tests, so that no process of `make test` waits for one at the end."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(autouse=True, scope="module")
def what_tensorflow_keeps_is_left_alone():
    """Python's collector would visit the objects of all earlier modules again and again."""
    gc.freeze()
    yield
    gc.collect()


@pytest.fixture(scope="session")
def mnist_dir() -> pathlib.Path:
    """The folder of MNIST's four original files."""
    return _shared("mnist", "the four original MNIST files")


@pytest.fixture(scope="session")
def cifar10_dir() -> pathlib.Path:
    """The folder above cifar-10-batches-bin."""
    return _shared("cifar-10-batches-bin", "CIFAR-10 batches").parent


def _shared(name, what):
    if not (SHARED / name).is_dir():
        pytest.skip(f"{what} are not in {SHARED / name}")
    return SHARED / name


@pytest.fixture(autouse=True)
def own_messages_reach_the_tests():
    """A command that ran in this process sends them to its own handler alone."""
    logging.getLogger("tfflowgan").propagate = True


@pytest.fixture(autouse=True)
def same_weights_in_every_run():
    """New Keras weights are random; a test that fails fails always."""
    if "keras" in sys.modules:  # most tests of reports and papers need neither it nor TensorFlow
        sys.modules["keras"].utils.set_random_seed(0)
