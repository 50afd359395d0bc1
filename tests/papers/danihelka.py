"""Made runs of Danihelka et al.'s artefacts: adversaries near or far, by independent critics."""

import importlib

import numpy as np
import pytest

from tests.papers.made import Made, critics, likelihood, made, mean

NEAR, FAR = 0.3, 0.7  # distances: of an adversary that has trained, and of likelihood
LIKELIHOOD = made(results=critics(FAR))
NOISE = np.random.default_rng(1).standard_normal(400)


@pytest.fixture(autouse=True)
def without_pictures(monkeypatch):
    """Made runs have no pictures, and no settings of which notes could tell."""
    samples = importlib.import_module("papers.danihelka._samples")
    monkeypatch.setattr(samples.drawn, "notes", lambda results: [])
    plots = importlib.import_module("papers.plots")
    monkeypatch.setattr(plots, "pictures", lambda rows, side=3.0: None)
    monkeypatch.setattr(Made, "samples", lambda self: None, raising=False)


def adversary(rows, bits, distance=NEAR, train=None):
    return made(rows, results=critics(distance) | likelihood(bits, train))


def latents(middle, deviation, own=1.0, distance=NEAR):
    images, samples = (
        [{"latent": i, "mean": mean(middle), "deviation": mean(d)} for i in range(2)]
        for d in (deviation, own)
    )
    images = {"latents": images, "test": {"deviation": [deviation] * 3}}
    results = {"latents": {"images": images, "own_samples": {"latents": samples}}}
    return made(results=results | critics(distance))


def at(distance):
    return made(results=critics(distance))
