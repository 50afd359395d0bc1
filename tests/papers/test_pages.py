"""Pages: tables that hold, pictures that are small, remarks that stay, a summary of all."""

import dataclasses
import json
import types

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from papers import artefact, draw, settings, summary
from papers.artefact import Rendered
from papers.claims import Claim
from papers.finished_run import FinishedRun
from papers.page import agreement
from papers.plan import Plan, TrainingJob
from tfflowgan.errors import UserError


def _figure(noise=False):
    figure = Figure(figsize=(6, 4))
    axis = figure.subplots()
    if noise:
        axis.imshow(np.random.default_rng(0).uniform(size=(600, 900, 3)), aspect="auto")
    else:
        axis.plot([1, 2])
    return figure


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """Writes an artefact as if it were grover/table1, and the summary; returns the output folder
    and the result.
    """
    folder = tmp_path / "runs" / "digits"
    folder.mkdir(parents=True)
    data = {
        "name": "mnist",
        "source": "made",
        "image_shape": [2, 2, 1],
        "train": 3,
        "validation": 2,
        "test": 1,
    }
    data["provenance"] = {"hardware": "two cores of a toaster"}
    (folder / "data.json").write_text(json.dumps(data))
    (folder / "config.json").write_text(json.dumps({"seed": 0}))
    (folder / "finished.json").write_text(json.dumps({"step": 1200, "seconds": 90.0}))

    def drawn(rendered, images="mnist", remarks=None):
        module = types.SimpleNamespace(
            __doc__="Table 1: a test.\n",
            PUBLISHED="A | B.",
            IMAGES=images,
            RUNS={"MLE": "mnist_nice_mle", "ADV": "mnist_nice_adv"},
            NEEDS=[],
        )
        module.render = lambda runs: rendered
        monkeypatch.setattr(artefact, "load", lambda name: module)
        output = tmp_path / "out"
        if remarks:
            (output / "grover").mkdir(parents=True)
            (output / "grover" / "table1.remarks.md").write_text(remarks)
        run = TrainingJob(
            "digits", folder, "train", {"width": 4, "data_dir": "/a/place/of/mine"}, None
        )
        made = Plan("laptop", ["grover/table1"], [run], [], {"grover/table1": {"MLE": [run]}})
        result = draw.draw(made, "grover/table1", output)
        summary.write_pages(output)
        return output, result

    return drawn


TRUE, FALSE = Claim("it holds", True, "1 < 2"), Claim("it does not", False, "|x| = 2")
OURS = Claim("more likelihood does it too", False, "1 < 2", paper=False)


@pytest.mark.slow
def test_a_page_has_all_there_is_to_say(drawn):
    table = (["a", "log|det|"], [["1", "2"]])
    output, result = drawn(
        Rendered([TRUE, FALSE], table, _figure(), ["a note"], {"x": 1}), remarks="Too short a run."
    )
    text = (output / "grover/table1.md").read_text()
    assert (
        "1 of 2 claims hold" in text
        and "**does not agree**" in text
        and "Too short a run." in text
        and "- a note" in text
    )
    assert (
        "| a | log\\|det\\| |" in text
        and "1,200 steps, 1.5 min" in text
        and "Not run at this scale: ADV." in text
    )
    assert "Trained on two cores of a toaster." in text
    assert "/a/place/of/mine" not in text and "--data_dir=DIR" in text
    assert (
        json.loads((output / "grover/table1.json").read_text())["numbers"] == {"x": 1}
        and result["picture"] == "table1.png"
    )


@pytest.mark.slow
def test_pages_are_written_anew_without_runs(drawn, tmp_path):
    output, _ = drawn(Rendered([TRUE], figure=_figure()))
    (output / "grover/table1.remarks.md").write_text("Found out later.")
    (tmp_path / "runs").rename(tmp_path / "gone")
    assert [result["artefact"] for result in summary.write_pages(output)] == ["grover/table1"]
    assert "Found out later." in (output / "grover/table1.md").read_text()


@pytest.mark.slow
def test_images_that_stand_in_are_named(drawn):
    _, result = drawn(Rendered([TRUE]), images="celeb_a")
    assert result["in_place_of"] == "MNIST in place of CelebA"
    assert (
        drawn(Rendered([TRUE]), images="mnist and cifar10")[1]["in_place_of"]
        == "MNIST in place of CIFAR-10"
    )
    assert drawn(Rendered([TRUE]), images="mnist")[1]["in_place_of"] is None


def test_pictures_are_small(drawn):
    output, result = drawn(Rendered([TRUE], figure=_figure()))
    assert result["picture"] == "table1.png"
    output, result = drawn(Rendered([TRUE], figure=_figure(noise=True)))
    assert result["picture"] == "table1.jpg" and not (output / "grover/table1.png").exists()
    assert (output / "grover/table1.jpg").stat().st_size < 300_000


def test_the_summary_has_a_row_per_artefact(drawn):
    output, _ = drawn(Rendered([TRUE, FALSE]))
    text = (output / "README.md").read_text()
    row = "| | [Table 1: a test](grover/table1.md) | &#10003;&nbsp;1 &#10007;&nbsp;1 | 1 < 2 |"
    assert row in text and "Not yet drawn: grover/table2" in text
    assert "**2 distinct claims of the papers: 1 holds, 1 does not.**" in text


def test_a_row_has_a_small_picture_and_the_artefacts_own_line(drawn):
    output, _ = drawn(Rendered([TRUE, OURS], figure=_figure(noise=True), headline="7.4 of 10"))
    row = (
        "| [![table1](grover/table1.small.jpg)](grover/table1.md) | "
        "[Table 1: a test](grover/table1.md) | "
        "&#10003;&nbsp;1<br>ours &#10007;&nbsp;1 | 7.4 of 10 |"
    )
    assert row in (output / "README.md").read_text()
    small = output / "grover/table1.small.jpg"
    with Image.open(small) as image:
        assert image.width <= 240
    assert small.stat().st_size <= 12_000


def test_pages_of_an_earlier_version_get_a_summary(drawn):
    output, _ = drawn(Rendered([TRUE], figure=_figure()))
    path = output / "grover/table1.json"
    result = json.loads(path.read_text())
    del result["headline"], result["rules"], result["claims"][0]["same_as"]
    path.write_text(json.dumps(result))
    (output / "grover/table1.small.jpg").unlink()
    summary.write_pages(output)
    text = (output / "README.md").read_text()
    assert "1 < 2 |" in text
    assert (output / "grover/table1.small.jpg").exists()
    earlier = "*Verdicts by earlier rules, of runs with earlier recipes; not drawn by today's yet.*"
    assert earlier in text and earlier in (output / "grover/table1.md").read_text()


def test_verdicts_by_todays_rules_have_no_such_line(drawn):
    output, _ = drawn(Rendered([TRUE]))
    for page in ("README.md", "grover/table1.md"):
        assert "earlier rules" not in (output / page).read_text()


def test_a_line_that_was_not_written_for_the_summary_is_cut(drawn):
    long = dataclasses.replace(TRUE, ours=", ".join(f"model {i} is at {i}.5" for i in range(9)))
    text = (drawn(Rendered([long]))[0] / "README.md").read_text()
    assert "| model 0 is at 0.5, model 1 is at 1.5, model 2 is at 2.5 |" in text


def test_a_claim_that_another_page_counts_is_shown_and_linked(drawn):
    same = dataclasses.replace(TRUE, same_as="grover/figure5")
    other = dataclasses.replace(FALSE, same_as="danihelka/own_samples")
    output, _ = drawn(Rendered([TRUE, same, other]))
    page = (output / "grover/table1.md").read_text()
    assert "| it holds | 1 < 2 | see [figure 5](figure5.md) |" in page
    assert "see [own samples](../danihelka/own_samples.md)" in page
    assert "**Agreement: agrees.**" in page
    assert "**1 distinct claim of the papers: 1 holds.**" in (output / "README.md").read_text()
    output, _ = drawn(Rendered([same]))
    assert "**Agreement: counted on other pages, below.**" in (
        (output / "grover/table1.md").read_text()
    )
    assert "| see [figure 5](grover/figure5.md) |" in (output / "README.md").read_text()


def test_pictures_for_other_pages_are_kept(drawn):
    output, _ = drawn(Rendered([TRUE], pictures={"front.png": Image.new("RGB", (3, 2))}))
    assert (output / "front.png").exists()


def test_agreement_is_said_in_a_line():
    def said(*held, ours=()):
        claims = [{"holds": holds, "paper": True} for holds in held] + [
            {"holds": holds, "paper": False} for holds in ours
        ]
        return agreement(claims)

    assert [said(holds) for holds in (True, False, None)] == [
        "agrees",
        "does not agree",
        "cannot be told",
    ]
    assert said(True, None, False) == "1 of 3 claims hold, 1 of 3 do not, 1 of 3 cannot be told"
    assert said(True, ours=[False, True]) == "agrees; ours: 1 of 2 claims hold, 1 of 2 do not"


def test_claims_of_ours_stand_apart(drawn):
    output, _ = drawn(Rendered([TRUE, OURS]))
    text = (output / "grover/table1.md").read_text()
    assert "**Agreement: agrees; ours: does not agree.**" in text
    assert (
        text.index("| the paper | here | |")
        < text.index("| it holds |")
        < text.index("| ours | here | |")
    )
    summed = "**1 distinct claim of the papers: 1 holds; 1 distinct claim of ours: 1 does not.**"
    assert summed in (output / "README.md").read_text()


@pytest.mark.parametrize(
    ("file", "content", "sentence"),
    [
        ("grover/figure6.md", b"# Mine", "grover/figure6.md is not a page of bin/reproduce"),
        ("grover/figure6.json", b"{", "grover/figure6.json is damaged or of another version"),
        ("grover/figure6.json", b"{}", "grover/figure6.json is damaged or of another version"),
        ("grover/figure6.remarks.md", b"\xff", "grover/figure6.remarks.md is not text in UTF-8"),
        ("README.md", b"# Mine", "has a README.md of its own"),
    ],
)
def test_files_that_are_not_ours_are_neither_overwritten_nor_misread(
    tmp_path, file, content, sentence
):
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_bytes(content)
    with pytest.raises(UserError, match=sentence):
        summary.check_output(tmp_path, "smoke")
    assert (tmp_path / file).read_bytes() == content


def test_pages_of_another_scale_are_kept(drawn):
    output, _ = drawn(Rendered([TRUE]))
    summary.check_output(output, "laptop")
    with pytest.raises(
        UserError, match="has pages of --scale=laptop; give another folder for smoke"
    ):
        summary.check_output(output, "smoke")


def test_a_picture_that_is_gone_is_named(drawn):
    output, _ = drawn(Rendered([TRUE], figure=_figure()))
    (output / "grover/table1.png").unlink()
    with pytest.raises(UserError, match="grover/table1.png is gone"):
        summary.write_pages(output)


def test_settings_in_which_runs_differ_are_told_apart(tmp_path):
    configs = [
        {"width": 4, "logit_alpha": 1e-5, "batch_norm": True, "seed": 0},
        {"width": 4, "logit_alpha": 0.0, "seed": 1},
    ]
    runs = {}
    for label, config in zip(("MLE", "WGAN"), configs, strict=True):
        (tmp_path / label).mkdir()
        (tmp_path / label / "config.json").write_text(json.dumps(config))
        runs[label] = FinishedRun(label, tmp_path / label)
    assert settings.differences(runs) == {"logit_alpha": ["1e-05", "0"], "batch_norm": ["yes", "-"]}
    assert settings.differences({"MLE": runs["MLE"]}) == {}


def test_settings_that_are_not_the_papers_are_listed(tmp_path):
    (tmp_path / "config.json").write_text(
        json.dumps({"width": 8, "learning_rate": 5e-5, "batch_size": 64, "levels": 1})
    )
    unlike = settings.differences_from_paper("faces_nvp1_wgan", FinishedRun("nvp1", tmp_path))
    assert "width 8 (16)" in unlike and not [
        entry for entry in unlike if entry.split()[0] in ("learning_rate", "levels", "seed")
    ]
    assert (
        settings.differences_from_paper("mnist_nice_adv_from_mle", FinishedRun("ours", tmp_path))
        is None
    )
