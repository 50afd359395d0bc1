"""The Python of a page of the documentation runs, block after block, as a reader would type it."""

import re

import numpy as np
import pytest

from tests.helpers import ROOT


def _blocks(page):
    return re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)


def _run(page, names):
    for block in _blocks(page):
        exec(compile(block, page, "exec"), names)
    return names


@pytest.mark.slow
def test_a_flow_in_python(monkeypatch):
    monkeypatch.chdir(ROOT)
    pixels = np.random.default_rng(0).integers(0, 256, (64, 28, 28, 1), np.uint8)
    images = ((pixels + np.random.default_rng(1).uniform(0, 0.99, pixels.shape)) / 256).astype("f4")
    names = {"pixels": pixels, "more_pixels": pixels[:20], "images": images}
    assert len(_blocks("docs/guides/python.md")) >= 4
    _run("docs/guides/python.md", names)
    assert names["density"].log_prob(names["density"].sample([2, 3])).shape == (2, 3)


@pytest.mark.slow
def test_the_six_lines_of_the_readme_and_those_of_flows_in_one_page(monkeypatch):
    monkeypatch.chdir(ROOT)
    names = _run("README.md", {})
    assert names["nats"].shape == (16,)
    assert np.allclose(names["again"], names["images"], atol=1e-3)
    assert _run("docs/concepts/flows.md", {})["latents"].shape == (4, 784)
