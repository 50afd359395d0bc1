"""What Flow-GAN's artefacts say of runs, made and kept: a claim holds where the numbers are so, and
falls where they are not.
"""

import json
import math
import pathlib
import re

import numpy as np
import pytest
from PIL import Image

from papers import artefact
from papers.claims import above, all_hold, beyond, exactly, rises, within
from papers.finished_run import FinishedRun
from papers.grover import _mixtures, _signal, figure1, table2
from tests.helpers import ROOT
from tests.papers.made import Made, claims, flat, made, mean, nats, spectrum
from tfflowgan.report import results
from tfflowgan.statistics import unknown_mean


def _scored(score, nll):
    samples = {"mode_score": mean(score), "fid": 150.0}
    classifier = {"name": "c", "sha256": "0" * 64}
    scores = {
        "samples": samples,
        "test": samples | {"mode_score": mean(9.8)},
        "classifier": classifier,
    }
    scores |= {"count": 10, "score_splits": 2}
    test = {"nll": mean(nll, 1.0), "bits_per_dim": mean(1.0), "count": 10}
    rows = [row | {"validation_nll": nll if row["step"] == 5 else 1e9} for row in flat(score)]
    rows[8]["mode_score"] += 1e-6  # the best
    return made(
        rows,
        {
            "sample_scores": scores,
            "likelihood": {"test": test, "own_samples": {"bits_per_dim": mean(2.0)}},
        },
    )


def test_the_table_of_scores_and_densities():
    published = {
        "MLE": _scored(7.42, -3334.56),
        "ADV": _scored(9.24, -1604.09),
        "hybrid": _scored(9.37, -3342.95),
    }
    assert claims("grover/table1", published) == [
        True,
        True,
        None,
        True,
        True,
        True,
    ]  # 9.24 and 9.37, +- 0.1 each
    longer = published | {"MLE, five epochs more": _scored(9.5, -3350)}
    assert claims("grover/table1", longer)[6:] == [None, False]  # what more likelihood alone gives
    other = {"MLE": _scored(7, -3334), "ADV": _scored(1, -3400), "hybrid": _scored(0.5, -3300)}
    # an adversary below MLE has not trained, and decides nothing
    assert claims("grover/table1", other) == [None, False, None, False, None, None]
    rows = artefact.load("grover/table1").render(published).table[1]
    assert [row[1:5:2] for row in rows[:2]] == [
        ["7.42", "-3334.56"],
        ["9.24", "-1604.09"],
    ] and rows[-1][0] == "real test images"
    assert rows[0][4:7] == [
        "-3334.56 +- 1.00 (step 5)",
        "-3334.56 +- 1.00 (step 9)",
        "150.00",
    ] and {len(row) for row in rows} == {9}
    strong = published | {"ADV, from MLE": _scored(9.9, -3000)}
    assert claims("grover/table1", strong)[6:] == [
        True,
        False,
        True,
    ]  # the adversary that starts where the hybrid does
    published["hybrid"].seeds.append(_scored(7.0, -3334.0))
    published["hybrid"].seeds[0].config["seed"] = 1
    assert claims("grover/table1", published) == [
        True,
        False,
        False,
        None,
        True,
        True,
    ]  # the second seed falls, or cannot tell
    assert artefact.load("grover/table1").render(published).table[1][3][0] == "hybrid, seed 1"


def test_the_weight_of_the_likelihood():
    weights = {
        f"hybrid {w}": _scored(9 - i, -3000 - 100 * i) for i, w in enumerate((0.01, 0.1, 1, 10))
    }
    runs = {"ADV": _scored(8.5, 5000)} | weights | {"MLE": _scored(5.5, -3250)}
    assert (
        claims("grover/nll_weights", runs) == [True] * 5
    )  # the last of one set of weights for both
    runs = runs | {"hybrid 10": _scored(0, 0), "MLE": _scored(9.4, -9999), "ADV": _scored(9.5, 0)}
    assert claims("grover/nll_weights", runs) == [False, True, False, False, False]
    strong = runs | {"ADV": _scored(1, 5000), "ADV, from MLE": _scored(9.9, -9999)}
    assert claims("grover/nll_weights", strong)[2:4] == [None, False]
    runs["hybrid 1"] = _scored(9, -3100.5)
    assert claims("grover/nll_weights", runs | {"hybrid 10": _scored(6, -3300)})[:2] == [
        None,
        False,
    ]


def _estimated(exact, ais, kde, gap=5.0):
    own = {"gap": mean(gap), "count": 2}
    annealed = {"exact_nll": mean(exact, 1.0), "ais_nll": mean(ais, 1.0)}
    annealed |= {"cap": 2930.0, "own_samples": own, "sigma": 0.0095, "images": 3}
    mixture = {name: {"test_nll": mean(nll, 1.0)} for name, nll in (("exact", exact), ("kde", kde))}
    mixture |= {"test": 3, "dataset": "mnist"}
    likelihood = {"test": {"nll": mean(exact, 1.0)}}
    found = {"annealing": annealed, "mixture": mixture, "likelihood": likelihood}
    return made(flat(7.0), found)


def test_estimators_against_the_exact_density():
    values = {"MLE": (-3287.69, -2584.40, -167.10), "ADV": (26350.30, -2916.10, -3.03)}
    values["hybrid"] = (-3121.53, -2703.03, -205.69)
    assert (
        claims("grover/table3", {label: _estimated(*v) for label, v in values.items()})
        == [True] * 5
    )
    short = {label: _estimated(*v, gap=900.0) for label, v in values.items()}
    # longer chains bring AIS at most to its cap, and those of ADV only further from the exact NLL;
    # the order they may change
    assert claims("grover/table3", short) == [True, True, True, None, True]
    within_reach = short | {"MLE": _estimated(-2000, -1000, -100, gap=900.0)}
    assert claims("grover/table3", within_reach)[1] is None
    close = values | {"MLE": (-3000.2, -2584.40, -250.0), "hybrid": (-3000.0, -2703.03, -249.0)}
    assert (
        claims("grover/table3", {label: _estimated(*v) for label, v in close.items()})[2] is None
    )  # too close to be ranked
    right = {"MLE": (0, 0, 0), "hybrid": (10, 10, 10), "ADV": (20, 20, 20)}
    assert claims("grover/table3", {label: _estimated(*v) for label, v in right.items()}) == [
        False,
        False,
        False,
        False,
        True,
    ]


def test_log_determinants():
    def run(log_det):
        own = {"nll": mean(log_det + 100.0, 9.0), "count": 1000}
        return made(
            flat(7.0),
            results={"likelihood": {"identity": {"mean_log_det": log_det}, "own_samples": own}},
        )

    published = {"MLE": -4170.34, "hybrid": -5184.40, "ADV": -15588.34}
    runs = {f"{objective}, MNIST": run(log_det) for objective, log_det in published.items()}
    assert claims("grover/log_determinants", runs) == [True]
    assert claims("grover/log_determinants", runs | {"hybrid, MNIST": run(-4170.9)}) == [
        None
    ]  # 0.56 +- 0.5 nats apart
    assert claims("grover/log_determinants", runs | {"hybrid, MNIST": run(-4100)}) == [False]


def test_a_log_determinant_has_an_error_of_its_own():
    own = {"nll": mean(100.0, 9.0), "count": 1000}
    identity = {"mean_log_det": -4170.0, "log_det": mean(-4170.0, 3.0)}
    found = {"likelihood": {"identity": identity, "own_samples": own}}
    runs = {"MLE, MNIST": made(flat(7.0), found)}

    def shown():
        claims("grover/log_determinants", runs)
        return artefact.load("grover/log_determinants").render(runs).table[1][0][3]

    assert shown() == "-4170.00 +- 3.00"
    del identity["log_det"]  # as results of earlier versions
    assert shown() == "-4170.00 +- 9.00"


def test_spectra():
    runs = {
        "MLE": spectrum(-1, 0, -4000),
        "ADV": spectrum(-8, 0, -9000),
        "hybrid": spectrum(-1.5, 0, -5000),
    }
    assert claims("grover/figure4", runs) == [True, True]
    far = runs | {"hybrid": spectrum(-7.9, 0, -5000)}
    # a little nearer than the adversary's, and yet near those
    assert claims("grover/figure4", far)[1] is False
    wide = {
        "MLE": spectrum(-3, 0, -9),
        "ADV": spectrum(-0.5, 0, -1),
        "hybrid": spectrum(-20, 0, -2),
    }
    assert claims("grover/figure4", wide) == [False, None]  # an adversary that is no wider
    assert claims("grover/figure8", wide) == [False, None]
    low = made(flat(1.0), results=runs["ADV"].__dict__["results"])
    assert claims("grover/figure4", runs | {"ADV": low}) == [None, None]  # it has not trained


def _dcgan(images, trained, untrained, mle=(-2, 0), score=7.0):
    """Whether the claim about a DCGAN holds, given lowest and highest singular values (log10)."""
    runs = {"MLE": mle, "DCGAN, JS": trained, "DCGAN, untrained": untrained}
    made_runs = {f"{label}, {images}": spectrum(*ends) for label, ends in runs.items() if ends}
    made_runs[f"DCGAN, JS, {images}"].__dict__["rows"] = flat(score)
    (holds,) = claims("grover/dcgan_spectra", made_runs)
    return holds


def test_a_dcgan_is_compared_with_an_untrained_one():
    assert _dcgan("MNIST", trained=(-9, 0), untrained=(-2, 0)) is True
    assert _dcgan("MNIST", trained=(-9, 0), untrained=(-9, 0)) is None  # it was there before
    assert _dcgan("MNIST", trained=(-9, 0), untrained=(-12, 0)) is None
    assert _dcgan("MNIST", trained=(-9, 0), untrained=None) is None
    assert _dcgan("MNIST", trained=(-1, 0), untrained=(-9, 0)) is False
    assert _dcgan("CIFAR-10", trained=(-16, 0), untrained=(-3, 0)) is True
    assert _dcgan("CIFAR-10", trained=(-16, 0), untrained=(-16, 0)) is None
    assert _dcgan("CIFAR-10", trained=(-1, 0), untrained=(-1, 0)) is False


@pytest.mark.parametrize("trained", [(-9, 0), (-1, 0)])
def test_a_dcgan_that_scores_below_mle_decides_nothing(trained):
    assert _dcgan("MNIST", trained, untrained=(-2, 0), score=5.4) is None


def test_figure_4_shows_dcgans_without_counting_them():
    runs = {"MLE": spectrum(-2, 0, -9), "DCGAN, JS": spectrum(-9, 0)}
    runs |= {"DCGAN, untrained": spectrum(-2, 0)}
    claims("grover/figure4", runs)
    (claim,) = artefact.load("grover/figure4").render(runs).claims
    assert claim.holds and claim.same_as == "grover/dcgan_spectra"


def _hybrid(score, error, fid, nll):
    samples = {"inception_score": mean(score, error), "fid": fid}
    test = {"nll": mean(nll, 1.0)}
    run = made([], {"sample_scores": {"samples": samples}, "likelihood": {"test": test}})
    run.__dict__["needs"] = {
        ("sample_scores", "score", None),
        ("likelihood", "nll", None),
        ("likelihood", "score", None),
    }
    return run


@pytest.mark.parametrize(
    ("score", "fid", "bits", "holds"),
    [
        (3.0, 40.0, 4.0, [True, True, True]),
        (2.4, 50.0, 4.5, [False, False, False]),  # 2.8 standard errors; worse; half a bit
        (math.nan, None, 4.1, [None, None, None]),  # a tenth of a bit, within its error
    ],
)
def test_what_we_ask_of_a_hybrid(score, fid, bits, holds):
    mle = _hybrid(2.0, 0.1, 45.0, nats(4.0))
    hybrid = _hybrid(score, 0.1, fid, nats(bits))
    found = table2.asked_of_a_hybrid(hybrid, mle)
    assert [claim.holds for claim in found] == holds and not any(claim.paper for claim in found)


@pytest.mark.parametrize(
    ("interval", "holds"),
    [
        ([0.6, 0.9], False),
        ([-0.1, 0.3], True),
        ([-0.9, -0.6], True),
        ([-0.2, 0.8], None),
        (None, None),
    ],
)
def test_a_distance_follows_the_nll_well_or_not(interval, holds):
    levels = {"spearman": interval and sum(interval) / 2, "spearman_interval": interval}
    result = {"signals": {"distance": {"levels": levels, "sign": 1}}, "evaluations": 9}
    assert _signal.claim("a", result).holds is holds


def test_a_distance_settles_while_the_nll_rises():
    def run(distances, bits):
        pairs = enumerate(zip(distances, bits, strict=True))
        return made([{"step": i, "distance": d, "validation_nll": nats(b)} for i, (d, b) in pairs])

    assert (
        _signal.settles("a", run([9, 5, 3, 2, 2, 2, 2, 2], [8, 9, 10, 11, 20, 40, 80, 160])).holds
        is True
    )
    assert (
        _signal.settles("a", run([9, 8, 7, 6, 5, 4, 3, 2], [8, 9, 10, 11, 20, 40, 80, 160])).holds
        is False
    )
    assert (
        _signal.settles("a", run([9, 5, 3, 2, 2, 2, 2, 2], [8, 9, 10, 11, 20, 20, 20, 20])).holds
        is False
    )


def test_what_is_not_a_number_decides_nothing():
    assert above(mean(math.nan), mean(1.0)) is None and all_hold([]) is None
    assert above(mean(2.0, math.nan), mean(1.0)) is None
    assert above(mean(1.0), unknown_mean(3)) is None and above(unknown_mean(3), mean(1.0)) is None
    assert rises([math.inf, math.inf, math.inf]) is None


def test_an_nll_beyond_all_numbers_rises_with_that_of_training_images(monkeypatch):
    signal = {
        "signals": {
            "distance": {"levels": {"spearman": None, "spearman_interval": None}, "sign": 1}
        },
        "evaluations": 9,
    }
    rows = [
        row | {"train_nll": v, "validation_nll": v, "distance": 1.0}
        for row, v in zip(flat(7.0), [1.0, 2.0, 9.0, 9.0, 9.0, *[None] * 15], strict=True)
    ]
    assert claims("grover/figure2", {"ADV, MNIST": made(rows, {"learning_signal": signal})})[
        :2
    ] == [True, True]


def test_the_mixture_is_clearly_better_or_not():
    def said(score, nll):
        row = {"bandwidth": 0.1, "validation_nll": mean(nll), "mode_score": mean(score)}
        exact = {"validation_nll": mean(-100.0)}
        return _mixtures._better(
            row, {"model": {"mode_score": mean(6.0)}, "exact": exact}, "mode_score"
        )

    assert said(7.0, -200.0) and not said(6.1, -200.0) and not said(7.0, 0.0)


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ([9, 9, 20, 90], True),
        ([9000, 20, 20, 20.1], False),
        ([9, 6, 8, 9.5], None),
        ([9, 6, math.inf, math.inf], True),
    ],
)
def test_a_curve_rises_over_the_run(values, holds):
    assert rises(values) is holds


def test_noise_decides_nothing():
    assert above(mean(1.0), mean(1.2)) is None
    assert above(mean(2.0), mean(1.2)) is True
    assert above(exactly(1.0), exactly(1.2)) is False


def test_an_interval_decides_where_there_is_one():
    def found(low, high):
        return {"value": 1.0, "standard_error": 0.001, "interval": [low, high]}

    assert [beyond(found(*ends)) for ends in ((0.1, 2), (-2, -0.1), (-0.1, 2))] == [
        *(True, False, None)
    ]
    assert beyond(found(2.1, 3), 2.0) is True and beyond(found(1.9, 3), 2.0) is None
    assert beyond(found(None, -1.0)) is False and beyond(found(None, 1.0)) is None
    assert beyond(mean(1.0, 0.4)) is True and beyond(mean(1.0, 0.6)) is None
    for unknown in (unknown_mean(3), mean(1.0, None), mean(math.nan), mean(1.0, math.nan)):
        assert beyond(unknown) is within(unknown, 9.0) is None
    assert [within(found(*ends), 2.0) for ends in ((-1, 1), (2.1, 3), (-3, -2.1), (1, 2.1))] == [
        *(True, False, False, None)
    ]


REAL = pathlib.Path(__file__).resolve().parents[2] / "docs/results/nice_mnist_objectives"


class Kept(FinishedRun):
    """A run of which the results are kept with the documentation; of whatever weights."""

    def result(self, name, select=None, dtype=None):
        return results.read(min((self.folder / "results").glob(f"{name}*.json")))

    nll_above = Made.nll_above


@pytest.mark.parametrize(
    "name",
    ["grover/figure3", "grover/figure6", "grover/figure7", "grover/loss_and_nll", "grover/table3"],
)
def test_artefacts_read_what_evaluations_write(name, monkeypatch):
    module = artefact.load(name)
    runs = {"MLE": "mle", "ADV": "wgan_gp", "hybrid": "hybrid"}
    monkeypatch.setattr(Kept, "end", {"step": 1401, "seconds": 900.0})
    found = {
        label: Kept(label, REAL / run)
        for label, run in runs.items()
        if name == "grover/table3" or label == "ADV"
    }
    rendered = module.render(found)
    assert rendered.claims and (rendered.table or rendered.figure)
    json.dumps(rendered.numbers)


def test_figure_2_reads_what_training_writes(monkeypatch):
    found = {"MLE, MNIST": Kept("m", REAL / "mle"), "ADV, MNIST": Kept("a", REAL / "wgan_gp")}
    found_claims = artefact.load("grover/figure2").render(found).claims
    held = {claim.statement: claim for claim in found_claims}
    assert held["MNIST: the validation NLL falls under maximum likelihood"].holds
    far = held["MNIST: it ends far above that of maximum likelihood (over 1,000 nats)"]
    assert far.holds is None and "ADV, MNIST has trained cannot be told" in far.ours  # 15 minutes
    statement = "the adversary's distance does not follow the NLL well (correlation over 0.5)"
    assert held[f"MNIST: {statement}"].same_as == "grover/loss_and_nll"


def test_loss_and_nll_counts_the_runs_that_the_paper_has(monkeypatch):
    adv = Kept("a", REAL / "wgan_gp")
    rendered = artefact.load("grover/loss_and_nll").render(
        {"ADV, MNIST": adv, "ADV from MLE, MNIST": adv}
    )
    assert [claim.paper for claim in rendered.claims] == [True, False]


@pytest.mark.parametrize("scale", [1, 2])
def test_figure_1_shows_what_the_tables_count(tmp_path, scale):
    size = 10 * 5 + 1  # ten samples of 4 x 4 pixels, and the gaps
    sheet = (np.arange(size)[:, None] + np.arange(size)).astype(np.uint8)
    sheet = sheet.repeat(scale, axis=0).repeat(scale, axis=1)
    Image.fromarray(sheet).save(tmp_path / "samples.png")
    runs = {}
    for label, score in (("MLE", 6.0), ("hybrid", 8.0), ("ADV", 7.0)):
        samples = {"mode_score": mean(score)}
        run = made(flat(score), {"sample_scores": {"samples": samples}})
        run.__dict__["picture"] = lambda key, caption: tmp_path / "samples.png"
        runs[f"{label}, MNIST"] = run
    assert claims("grover/figure1", runs) == [True, True]
    rendered = artefact.load("grover/figure1").render(runs)
    assert {claim.same_as for claim in rendered.claims} == {"grover/table1"}
    (picture,) = rendered.pictures.values()
    block, between, top = (scale * pixels for pixels in (8 * 5 + 1, 12, 22))
    assert picture.size == (3 * block + 2 * between, top + scale * (5 * 5 + 1))
    assert picture.getpixel((block + between, top)) == (0, 0, 0)  # where the second block begins
    end = (block + between + block - 1, picture.height - 1)
    assert picture.getpixel(end) == (40 + 25,) * 3  # its last pixel


def test_every_claim_that_is_counted_elsewhere_is_counted_there():
    text = "".join(path.read_text() for path in (ROOT / "papers/grover").glob("*.py"))
    for name in set(re.findall(r'same_as="(.+?)"', text)) | set(figure1._COUNTS.values()):
        artefact.load(name)
