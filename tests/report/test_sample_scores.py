"""Tables and figures of sample scores."""

import json

import numpy as np
import pytest
import tensorflow as tf

from tests.helpers import small_flow, synthetic_split
from tfflowgan.datasets import Splits
from tfflowgan.evaluation import sample_scores
from tfflowgan.report import sample_scores as report


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    module = tf.Module()
    module.w = tf.Variable(np.random.default_rng(0).standard_normal((16, 10)), dtype=tf.float32)

    @tf.function(input_signature=[tf.TensorSpec([None, 4, 4, 1], tf.float32)])
    def call(images):
        return {"probabilities": tf.nn.softmax(20.0 * tf.reshape(images, [-1, 16]) @ module.w)}

    module.call = call
    path = str(tmp_path_factory.mktemp("classifier"))
    tf.saved_model.save(module, path, {"serving_default": call})
    splits = Splits(
        "synthetic",
        "made by the tests",
        *[synthetic_split(100, (4, 4, 1), seed) for seed in range(3)],
    )
    found, flow = {}, small_flow("nice")
    for label, count in (("one", 100), ("other", 60)):
        result = sample_scores.evaluate(flow, splits, classifier=path, score_samples=count)
        result["pictures"] = {"samples": "samples.png"}
        found[label] = json.loads(json.dumps(result, allow_nan=False))
    return found


def test_the_table_has_real_images_beside_samples(results):
    header, rows = report.table(results)
    assert all(len(row) == len(header) for row in rows) and len(rows) == 6
    score = results["one"]["samples"]["inception_score"]
    assert rows[0][:3] == ["one", "samples", "100"]
    assert rows[0][3] == f"{score['value']:.3f} +- {score['standard_error']:.3f}"
    assert rows[0][5:] == ["-", "-"]


def test_the_figure_is_drawn(results, tmp_path):
    report.figure(results).savefig(tmp_path / "f.png")
    assert (tmp_path / "f.png").stat().st_size > 5000


def test_the_notes_name_the_classifier_and_what_does_not_compare(results):
    text = "\n".join(report.notes(results))
    assert (
        results["one"]["classifier"]["sha256"][:12] in text
        and "100 images of each kind in 10 splits, seed 0" in text
    )
    assert '"features"' in text and "their scores do not compare" in text
