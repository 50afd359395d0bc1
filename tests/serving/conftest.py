"""A client of a small model, through both protocols, to a stand-in on loopback."""

import pytest

from tests.serving import models, runtime, servers
from tfflowgan.client import Client


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    return models.export(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module", params=["rest", "grpc"])
def served(request, exported):
    """(protocol, address, what the server was sent)."""
    start = servers.rest if request.param == "rest" else servers.grpc_server
    with start(runtime.Runtime(exported[1])) as (address, sent):
        yield request.param, address, sent


@pytest.fixture
def client(served):
    protocol, address, _ = served
    with Client("small", address, protocol) as client:
        yield client
