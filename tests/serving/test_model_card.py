"""Cards: what a model that ships says of itself, and that it holds."""

import json
import pathlib

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import ROOT, command_here, small_flow, synthetic_split
from tfflowgan import config, datasets, model_versions, statistics
from tfflowgan.errors import UserError
from tfflowgan.evaluation import _model_card
from tfflowgan.evaluation._thresholds import histogram, served_bits_per_dim, thresholds
from tfflowgan.metrics.log_probs import log_probs
from tfflowgan.runs.run import Run
from tfflowgan.serving import model_card, same_model, saved_model
from tfflowgan.serving.signatures import signatures
from tfflowgan.training.resolve import resolve

FLOWS = ["nice_mnist_hybrid_small", "nice_mnist_mle_small", "nvp_mnist_mle_small"]
SHIPPED = ["mnist_classifier", *FLOWS]  # others may be there, which someone has made


def test_what_is_written_is_read(tmp_path):
    values = {
        "preset": None,
        "command": "bin/train --seed=1: twice",
        "test": {"nll": -3.5},
        "numbers": [1, 2],
    }
    model_card.write(tmp_path, values)
    assert model_card.read(tmp_path) == values
    lines = (tmp_path / "card.yaml").read_text().splitlines()
    assert lines[1] == 'command: "bin/train --seed=1: twice"'


def test_what_is_no_card_is_refused(tmp_path):
    with pytest.raises(UserError, match="card.yaml is missing or is not a model card"):
        model_card.read(tmp_path)
    (tmp_path / "card.yaml").write_text("name: [1\n")
    with pytest.raises(UserError, match=f"{tmp_path}/card.yaml"):
        model_card.read(tmp_path)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "bin/train"),
        ({"seed": 3, "data_dir": "/somewhere/of/mine"}, "bin/train --data_dir=DIR --seed=3"),
        (
            {"objective": "wgan", "critic_steps": 2},
            "bin/train --objective=wgan --critic=dcgan --critic_steps=2",
        ),
        (
            {"flow": "nice", "width": 300, "batch_norm": True},
            "bin/train --flow=nice --width=300 --batch_norm=true",
        ),
        (
            {"preset": "nice_mnist_mle", "width": 200},
            "bin/train --preset=nice_mnist_mle --width=200",
        ),
    ],
)
def test_the_command_is_what_differs_and_gives_the_same_run(settings, expected):
    preset = config.from_preset(settings["preset"]) if "preset" in settings else {}
    resolved = resolve(config.Config(**preset | settings))
    assert _model_card.command(resolved) == expected
    flags = dict(flag[2:].split("=") for flag in expected.split()[1:])
    kinds = {"seed": int, "critic_steps": int, "width": int, "batch_norm": bool}
    again = {name: kinds.get(name, str)(value) for name, value in flags.items()}
    assert resolve(config.Config(**preset | again | {"data_dir": None})) == resolve(
        config.Config(**preset | settings | {"data_dir": None})
    )


@pytest.mark.slow
def test_export_writes_a_card_of_a_run(tmp_path):
    run, output = tmp_path / "run", tmp_path / "model"
    small = [
        "--dataset=mnist",
        "--data_source=embedded",
        "--flow=nice",
        "--width=8",
        "--layers=1",
        "--epochs=1",
        "--limit=200",
    ]
    done = command_here("train", *small, f"--run={run}", f"--output={tmp_path / 'first'}")
    assert done.returncode == 0, done.stderr
    done = command_here("export", f"--run={run}", f"--output={output}", "--card")
    assert done.returncode == 0, done.stderr
    card = model_card.read(output)
    assert card["sha256"] == model_versions.digest(output / "1") and card["version"] == 1
    command = "bin/train --limit=200 --flow=nice --width=8 --layers=1 --epochs=1"
    assert card["command"] == f"{command} --warmup_steps=0 --monitor_steps=0"
    assert card["data_licence"] == "CC BY-SA 3.0" and card["data"]["name"] == "mnist"
    result = json.loads((run / "results" / "likelihood.json").read_text())
    assert card["test"]["nll"] == pytest.approx(result["test"]["nll"]["value"], abs=1e-6)
    for part in ("train", "test"):
        histogram = card["bits_per_dim_histogram"][part]
        assert sum(histogram["counts"]) == result[part]["count"]
        assert (
            histogram["edges"][0] <= result[part]["bits_per_dim"]["value"] <= histogram["edges"][-1]
        )
    assert card["scores"]["samples"]["mode_score"] < card["scores"]["test"]["mode_score"] <= 10
    thresholds = card["thresholds"]
    assert thresholds["count"] == result["test"]["count"] and thresholds["draws"] == 8
    assert list(thresholds["bits_per_dim"]) == ["90", "95", "99", "99.9"]
    assert card["init_from"] is None
    assert str(tmp_path) not in pathlib.Path(output / "card.yaml").read_text()

    # a version of this model gets the card; one of another number of draws is another model
    first = tmp_path / "first"
    done = command_here("export", f"--run={run}", f"--output={first}", "--card")
    assert done.returncode == 0 and f"{first / '1'} holds this model" in done.stdout, done.stderr
    assert model_versions.versions(first).keys() == {1}
    added = model_card.read(first)
    assert added["sha256"] == model_versions.digest(first / "1") and added["version"] == 1
    assert added["thresholds"] == thresholds
    generator = saved_model.load(first)
    assert same_model.exported_version(generator, first, None) == first / "1"
    assert same_model.exported_version(generator, first, 2) is None
    weights = generator.get_weights()
    generator.set_weights([*weights[:-1], np.nextafter(weights[-1], np.inf)])
    assert same_model.exported_version(generator, first, None) is None
    assert same_model.exported_version(generator, tmp_path / "none", None) is None


@pytest.mark.slow
def test_thresholds_are_of_what_the_signature_gives():
    """Both average as many draws of the noise, so their difference has twice its variance."""
    flow = small_flow("nice", logit_alpha=0.05)
    split = synthetic_split(300)
    answer = signatures(flow)["bits_per_dim"](
        tf.constant(split.images), tf.range(300, dtype=tf.int64)
    )["bits_per_dim"].numpy()
    differences = [
        served_bits_per_dim(flow, split, draws).astype(np.float64) - answer for draws in (8, 1)
    ]
    assert abs(differences[0].mean()) < 4 * differences[0].std() / 300**0.5
    ratio = differences[0].var() / differences[1].var()
    assert 0.15 < ratio < 0.3  # (1/8 + 1/8) / (1 + 1/8) = 0.22


def test_thresholds_have_the_intervals_of_quantiles_and_the_histogram_all_images():
    bits = np.random.default_rng(0).gumbel(2.0, 0.3, 400)
    found = thresholds(bits, 3)
    assert found["images"] == "test" and found["count"] == 400 and found["draws"] == 3
    for percent, row in found["bits_per_dim"].items():
        quantile = statistics.quantile_with_interval(bits, float(percent) / 100)
        assert row["value"] == pytest.approx(quantile["value"], abs=1e-5)
        assert row["interval"] == pytest.approx(quantile["interval"], abs=1e-5)
    assert found["bits_per_dim"]["99.9"]["interval"][1] is None  # 400 images do not bound it
    counted = histogram(bits)
    assert sum(counted["counts"]) == 400 and len(counted["counts"]) == 60
    assert np.interp(
        np.quantile(bits, 0.3), counted["edges"], [0, *np.cumsum(counted["counts"])]
    ) == (pytest.approx(120, abs=15))
    assert sum(histogram(np.full(5, 1.25))["counts"]) == 5


@pytest.mark.slow
def test_an_older_export_is_exported_again_with_its_weights_notes_and_card(tmp_path):
    folder = tmp_path / "model"
    flow = small_flow("nice")
    saved_model.export(flow, folder, {"run": "mine"}, draws=3)
    model_card.write(folder, {"seed": 7, "version": 1, "sha256": "of the first"})
    done = command_here("export", f"--model={folder}")
    assert done.returncode == 0, done.stderr
    for a, b in zip(flow.get_weights(), saved_model.load(folder / "2").get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert saved_model.notes(folder / "2") == ({"run": "mine"}, 3)
    assert model_card.read(folder) == {
        "seed": 7,
        "version": 2,
        "sha256": model_versions.digest(folder / "2"),
    }
    for flags in ([f"--run={folder}"], ["--card"], ["--select=nll"]):
        done = command_here("export", f"--model={folder}", *flags)
        assert done.returncode == 1 and flags[0].partition("=")[0] in done.stderr
    assert model_versions.versions(folder).keys() == {1, 2}


def test_a_card_names_the_run_it_started_from(tmp_path):
    (tmp_path / "init_from.json").write_text(
        '{"weights": "/home/me/runs/first/checkpoints/best", "index_sha256": "abc"}'
    )
    assert Run(tmp_path).init_from() == {"run": "first", "sha256": "abc"}


def test_a_run_that_has_not_ended_has_no_card(tmp_path):
    (tmp_path / "config.json").write_text(resolve(config.Config()).to_json())
    done = command_here("export", f"--run={tmp_path}", "--card", f"--output={tmp_path / 'model'}")
    assert (
        done.returncode == 1
        and f"--run={tmp_path}" in done.stderr
        and "\n" not in done.stderr.strip()
    )
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize("name", SHIPPED)
def test_the_card_of_a_shipped_model_is_of_these_files(name):
    folder = ROOT / "saved_models" / name
    card = model_card.read(folder)
    version = folder / str(card["version"])
    assert card["sha256"] == model_versions.digest(version)
    assert sum(file.stat().st_size for file in version.rglob("*") if file.is_file()) < 10_000_000
    for value in (
        "command",
        "data",
        "data_licence",
        "seed",
        "seconds",
        "hardware",
        "commit",
        "date",
    ):
        assert card[value] is not None, value
    assert "/" not in card["command"].removeprefix("bin/")


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOWS)
def test_the_test_nll_of_a_shipped_model_is_what_its_card_says(name, request):
    folder = ROOT / "saved_models" / name
    card = model_card.read(folder)
    dataset = card["data"]["name"]
    splits = datasets.load(dataset, str(request.getfixturevalue(f"{dataset}_dir")))
    assert splits.provenance()["fingerprint"] == card["data"]["fingerprint"]
    nll = -log_probs(saved_model.load(folder), splits.test.first(_model_card.COMPARED))
    assert np.mean(nll) == pytest.approx(card["test_first_1000"]["nll"], rel=1e-5)
