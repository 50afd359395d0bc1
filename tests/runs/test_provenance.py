"""The record of where a result comes from."""

import subprocess

import pytest

from tests.helpers import ROOT
from tfflowgan.runs.provenance import provenance


def test_it_names_the_commit_of_a_checkout():
    if not (ROOT / ".git").exists():
        pytest.skip("the tests do not run in a checkout")
    head = ["git", "-C", str(ROOT), "rev-parse", "HEAD"]
    commit = subprocess.run(head, capture_output=True, text=True, check=True).stdout.strip()
    assert commit.startswith(provenance()["commit"].removesuffix("-dirty"))
