"""The Python of a page of the documentation runs, block after block, as a reader would type it."""

import re

import numpy as np
import pytest

from tests.helpers import ROOT


def _blocks(page):
    return re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)


@pytest.mark.slow
def test_a_flow_in_python(monkeypatch):
    monkeypatch.chdir(ROOT)
    pixels = np.random.default_rng(0).integers(0, 256, (64, 28, 28, 1), np.uint8)
    images = ((pixels + np.random.default_rng(1).uniform(0, 0.99, pixels.shape)) / 256).astype("f4")
    names = {"pixels": pixels, "more_pixels": pixels[:20], "images": images}
    blocks = _blocks("guides/python.md")
    assert len(blocks) >= 4
    for block in blocks:
        exec(compile(block, "docs/guides/python.md", "exec"), names)
    assert names["density"].log_prob(names["density"].sample([2, 3])).shape == (2, 3)
