"""What artefacts read from the files of runs: encoders of adversarial variational Bayes, and NLLs
of single images.
"""

import hashlib
import json

import numpy as np
import pytest

from papers import artefact
from papers.finished_run import FinishedRun, find


def _encoder(folder, seed, joint, split):
    """A finished run of `bin/train_avb`: exact KL 1, then 20; gaps of its discriminators at 20."""

    def entry(exact, gaps):
        found = {
            n: {"nats": exact + g, "standard_error": 0.1, "gap": g, "gap_standard_error": 0.1}
            for n, g in gaps.items()
        }
        return {
            "kl": {"nats": exact, "standard_error": 0.1},
            "elbo": -100.0,
            "discriminators": found,
        }

    gaps = {"joint": joint, "autoregressive": split}
    rows = [entry(1.0, dict.fromkeys(gaps, -0.5)), entry(20.0, gaps)]
    settings = {
        "encoder": "real_nvp",
        "latents": 8,
        "discriminator": "none",
        "epochs": 2,
        "settle_epochs": 0,
        "width": 4,
    }
    settings |= {"discriminator_steps": 2, "seed": seed}
    end = {
        "settings": settings,
        "data": {"train": 10, "test": 10},
        "test": rows[-1],
        "training_images": rows[-1],
    }
    folder.mkdir()
    (folder / "metrics.json").write_text(
        json.dumps([row | {"step": i, "settles": False} for i, row in enumerate(rows)])
    )
    (folder / "finished.json").write_text(json.dumps(end))
    (folder / "settings.json").write_text(json.dumps(settings))
    return FinishedRun(folder.name, folder)


def test_discriminators_of_an_encoder_are_judged_in_every_seed(tmp_path):
    def run(name, *gaps):
        first, *others = [_encoder(tmp_path / f"{name}{i}", i, *g) for i, g in enumerate(gaps)]
        return FinishedRun(first.name, first.folder, {}, others)

    found = {
        "all": run("all", (-9.0, -1.0), (-8.0, -2.0)),
        "one": run("one", (-9.0, -1.0), (9.0, 10.0)),
    }
    rendered = artefact.load("danihelka/figure18").render(found)
    assert [claim.holds for claim in rendered.claims] == [True, True, False, False, False]
    steps = {"all": run("small", (-9.0, -1.0)), "one": run("large", (-30.0, -1.0))}
    (steps["one"].folder / "finished.json").write_text(
        (steps["one"].folder / "finished.json").read_text().replace('"nats": 20.0', '"nats": 50.0')
    )
    assert [claim.holds for claim in artefact.load("danihelka/figure18").render(steps).claims] == [
        True
    ] * 5
    assert "11.00 against 20.00, 12.00 against 20.00" in rendered.claims[0].ours
    assert len(rendered.table[1]) == 8 and rendered.table[1][2][0] == "all, seed 1"
    assert (
        len(rendered.figure.axes[0].lines) == 6
        and rendered.numbers["one"]["gaps"][1]["joint"]["value"] == 9.0
    )


def _judged(folder, nlls, fingerprint="f"):
    results = folder / "results"
    (folder / "checkpoints").mkdir(parents=True)
    results.mkdir()
    (folder / "checkpoints/best.index").write_text("weights")
    (folder / "config.json").write_text(json.dumps({"select": "nll", "dtype": "float32"}))
    weights = {"select": "nll", "sha256": hashlib.sha256(b"weights").hexdigest()}
    result = {
        "evaluation": "likelihood",
        "weights": weights,
        "options": {},
        "provenance": {"date": "2020"},
    }
    result |= {
        "data": {"fingerprint": fingerprint},
        "draws": 1,
        "seed": 0,
        "test": {"count": len(nlls)},
        "arrays": "a.npz",
    }
    (results / "likelihood-nll.json").write_text(json.dumps(result))
    np.savez(results / "a.npz", test=np.array(nlls, np.float32))
    return FinishedRun(folder.name, folder)


def test_nlls_are_compared_image_by_image(tmp_path):
    one, two = (
        _judged(tmp_path / "one", [11.0, 102.0, 1003.0]),
        _judged(tmp_path / "two", [10.0, 100.0, 1000.0]),
    )
    assert one.nll_above(two, "nll") == pytest.approx(
        {"value": 2.0, "standard_error": 1.0 / 3**0.5, "count": 3}
    )
    with pytest.raises(ValueError, match="different images"):
        one.nll_above(_judged(tmp_path / "other", [1.0, 2.0, 3.0], "g"), "nll")


@pytest.mark.parametrize("config", ["[]", "{}", "{"])
def test_a_run_whose_settings_are_damaged_has_no_results(tmp_path, config):
    (tmp_path / "config.json").write_text(config)
    assert find(tmp_path, "likelihood", None, None, {}) is None
