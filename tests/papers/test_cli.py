"""`bin/reproduce` as a person meets it: names, refusals, what it would do. `make smoke` runs
artefacts end to end.
"""

import pytest

from papers import artefact
from tests.helpers import command


@pytest.mark.slow
def test_list_names_every_artefact_with_its_title():
    lines = command("reproduce", "--list").stdout.splitlines()
    assert len(lines) == len(artefact.names())
    assert lines[0].split(None, 1) == [
        "grover/table1",
        "Table 1: best MODE scores and test NLLs of Flow-GAN models on MNIST",
    ]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "all, grover, danihelka or names from bin/reproduce --list"),
        (["grover/tabel1"], "grover/tabel1 is not an artefact (did you mean grover/table1?)"),
        (["all", "--scale=huge"], "--scale=huge is not known; it can be smoke, laptop, paper."),
        (["--pages", "all"], "--pages writes all pages that are there; leave out the names (all)"),
        pytest.param(
            ["grover/table1", "--scale=laptop", "--data_dir=tests", "--runs=nowhere"],
            "--data_dir=tests has no images of mnist",
            marks=pytest.mark.slow,
        ),
        (
            ["grover/table1", "--output=."],
            "--output=. has a README.md of its own, which the summary would overwrite",
        ),
        (["--pages", "--output=/nowhere/at/all"], "--output=/nowhere/at/all has no artefact in it"),
        (["all", "--jobs=0"], "--jobs=0 must be at least 1."),
        (["all", "--jobs=9999"], "--jobs=9999 is more than this machine's "),
        (["--pages", "--scale=huge"], "--scale=huge is not known; it can be smoke, laptop, paper."),
        (["all", "--data_dir=/nowhere/at/all"], "--data_dir=/nowhere/at/all is not a folder."),
    ],
)
def test_bad_input_is_refused_in_a_sentence(arguments, sentence):
    done = command("reproduce", *arguments)
    assert done.returncode == 1 and sentence in done.stderr and "Traceback" not in done.stderr


def test_a_classifier_that_is_not_there_is_missed_before_anything_is_trained(tmp_path):
    done = command("reproduce", "grover/table1", cwd=tmp_path)
    assert done.returncode == 1 and "saved_models/mnist_classifier" in done.stderr
    assert not (tmp_path / "runs").exists()


def test_a_dry_run_without_trials_says_what_would_be_done(tmp_path):
    done = command(
        "reproduce", "grover/table1", "--scale=laptop", "--dry_run", "--notrials", cwd=tmp_path
    )
    assert done.returncode == 0 and "bin/train --preset=nice_mnist_mle" in done.stdout
    assert (
        "bin/evaluate --run=runs/laptop/mnist_nice_mle --evaluations=likelihood --select=nll"
        in done.stdout
    )
    assert "unknown for mnist_nice_mle, " in done.stdout
    assert "Before that: saved_models/mnist_classifier is not there" in done.stdout
    assert not (tmp_path / "runs").exists()
