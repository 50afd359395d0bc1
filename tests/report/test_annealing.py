"""The figure and table of annealed importance sampling."""

import json

import pytest

from tests.helpers import small_flow, synthetic_splits
from tfflowgan import generators
from tfflowgan.evaluation import annealing as evaluation
from tfflowgan.report import annealing


@pytest.fixture(scope="module")
def results():
    settings = {
        "annealing_images": 3,
        "annealing_distributions": 4,
        "annealing_chains": 2,
        "annealing_sigma": 0.2,
    }
    flow = small_flow("nice", (4, 4, 1), couplings=1)
    models = {"flow": flow, "gan": generators.build("dcgan", (4, 4, 1), width=4, batch_norm=False)}
    results = {
        label: evaluation.evaluate(model, synthetic_splits(), **settings)
        for label, model in models.items()
    }
    return json.loads(json.dumps(results, allow_nan=False))


@pytest.mark.slow
def test_the_table_has_both_nlls_the_bounds_sigma_and_the_cap(results):
    header, rows = annealing.table(results)
    assert all(len(row) == len(header) for row in rows)
    flow, gan = (dict(zip(header, row, strict=True)) for row in rows)
    assert flow["sigma"] == "0.2" and flow["cap"] == f"{results['flow']['cap']:.1f}"
    assert flow["NLL by AIS"].startswith(f"{results['flow']['ais_nll']['value']:.2f} +-")
    assert flow["NLL, exact"] != "-" and gan["NLL, exact"] == "-"


@pytest.mark.slow
def test_the_figure_shows_every_model(results):
    left, right = annealing.figure(results).axes
    assert [text.get_text() for text in left.get_legend().get_texts()] == ["flow", "equal"]
    assert [text.get_text() for text in right.get_yticklabels()] == ["flow", "gan"]


@pytest.mark.slow
def test_wide_bounds_and_a_cap_below_the_exact_likelihood_are_noted(results):
    flow = results["flow"]
    gap, exact = ({"value": value, "standard_error": 1.0} for value in (50.0, -1e6))
    wide = flow | {"exact_nll": exact, "own_samples": flow["own_samples"] | {"gap": gap}}
    said = " ".join(annealing.notes({"flow": wide}))
    assert "cap" in said and "50 nats apart" in said and "never reach" in said
