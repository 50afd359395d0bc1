"""Recipes and plans: every flag of every run is one that its command takes, and what artefacts
share is done once.
"""

import pytest

from papers import artefact, plan
from papers.recipes import RECIPES
from tfflowgan import config as config_module
from tfflowgan import evaluation, plugins
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.training.resolve import resolve, start_from

PUBLISHED = [f"grover/table{i}" for i in (1, 2, 3)] + [f"grover/figure{i}" for i in range(1, 9)]
PUBLISHED += [f"danihelka/figure{i}" for i in (*range(2, 10), *range(12, 19))]
AVB = {
    "dataset",
    "data_dir",
    "data_source",
    "limit",
    "latents",
    "encoder",
    "discriminator",
    "width",
    "epochs",
    "run",
    "output",
}
AVB |= {"settle_epochs", "batch_size", "seed"}
WORDS = [
    "danihelka/flows",
    "danihelka/own_samples",
    "danihelka/jensen_shannon",
    "danihelka/wgan_and_js",
    "danihelka/wgan_gp",
    "grover/loss_and_nll",
    "grover/log_determinants",
]
WORDS += ["grover/dcgan_spectra", "grover/nll_weights", "grover/nll_weights_cifar10"]


@pytest.fixture
def plans(tmp_path):
    return {
        scale: plan.make_plan(artefact.names(), scale, tmp_path, None) for scale in artefact.SCALES
    }


def test_every_table_figure_and_claim_of_the_papers_is_an_artefact():
    assert sorted(artefact.names()) == sorted(PUBLISHED + WORDS)


def test_artefacts_come_in_the_papers_order():
    names = artefact.names()
    assert names[:5] == [
        "grover/table1",
        "grover/table2",
        "grover/table3",
        "grover/figure1",
        "grover/figure2",
    ]
    assert (
        names.index("danihelka/figure9")
        < names.index("danihelka/figure12")
        < names.index("danihelka/own_samples")
    )


@pytest.mark.parametrize("name", PUBLISHED + WORDS)
def test_an_artefact_is_complete(name):
    module = artefact.load(name)
    assert (
        artefact.title(module)
        and module.PUBLISHED.endswith(".")
        and set(module.RUNS.values()) <= RECIPES.keys()
    )
    assert any(images in module.IMAGES for images in ("mnist", "cifar10", "celeb_a"))
    for label in module.RUNS:
        for need in artefact.evaluations(module, label):
            options = evaluation.options(need.name)
            for scale in artefact.SCALES:
                used = plan.evaluation_options(need, scale)
                assert used.keys() <= options.keys()


@pytest.mark.parametrize("scale", artefact.SCALES)
def test_every_run_has_flags_that_its_command_takes(scale, plans, monkeypatch):
    monkeypatch.setattr(
        "tfflowgan.training.resolve.find_classifier", lambda folder: folder
    )  # the user's, or one that is yet to be trained
    resolved = {}
    for run in plans[scale].runs:
        if run.command == "train_avb":
            assert run.flags.keys() <= AVB
            continue
        given = {k: v for k, v in run.flags.items() if k not in ("run", "output")}
        base = config_module.from_preset(given.pop("preset")) if "preset" in given else {}
        config = Config(**config_module.override(base, given, run.name))
        resolved[run.name] = resolve(
            start_from(config, resolved[run.after.name]) if run.after else config
        )


def test_a_run_comes_after_the_one_that_it_starts_from(plans):
    for made in plans.values():
        names = [run.name for run in made.runs]
        for run in made.runs:
            assert run.after is None or names.index(run.after.name) < names.index(run.name)


def test_no_run_is_done_twice(plans):
    for made in plans.values():
        flags = [
            (
                r.command,
                sorted((k, str(v)) for k, v in r.flags.items() if k not in ("run", "output")),
            )
            for r in made.runs
        ]
        assert len({str(f) for f in flags}) == len(flags)


def test_at_smoke_scale_faces_are_digits_and_the_same_runs(plans):
    labels = plans["smoke"].labels
    assert labels["danihelka/figure5"]["NVP1"][0] is labels["danihelka/figure13"]["NVP1"][0]
    assert (
        labels["danihelka/figure4"]["NVP2"][0].name
        == "faces_nvp2_mle"
        == labels["danihelka/figure14"]["NVP2, MLE"][0].name
    )


def test_smoke_needs_no_files(plans):
    assert all(run.flags["data_source"] == "embedded" for run in plans["smoke"].runs)


def test_paper_scale_is_the_papers_own_settings(plans):
    flags = {run.name: run.flags for run in plans["paper"].runs}
    assert flags["mnist_nice_mle"]["preset"] == "flowgan_mnist_mle"
    assert (
        flags["faces_nvp3_wgan"]["preset"] == "danihelka_celeba_wgan"
        and flags["faces_nvp3_wgan"]["levels"] == 3
    )
    every = {label for made in plans["paper"].labels.values() for label in made}
    assert {"MLE", "ADV", "hybrid", "NVP3"} <= every


@pytest.mark.parametrize(("scale", "count"), [("smoke", 1), ("laptop", 3), ("paper", 3)])
def test_several_seeds_are_run_where_they_are_read(plans, scale, count):
    seeds = plans[scale].labels["danihelka/figure12"]["DCGAN"]
    assert [run.flags.get("seed", 0) for run in seeds] == list(range(count))
    assert len({run.folder for run in seeds}) == count


def test_a_run_that_a_scale_does_not_have_is_left_out(plans):
    assert (
        "NVP3" not in plans["laptop"].labels["danihelka/figure13"]
        and "NVP3" in plans["paper"].labels["danihelka/figure13"]
    )


def test_a_run_has_one_name_whatever_is_asked_for(tmp_path):
    few = plan.make_plan(["danihelka/figure13"], "smoke", tmp_path, None).runs
    all_of_them = plan.make_plan(artefact.names(), "smoke", tmp_path, None).runs
    assert {run.name for run in few} <= {run.name for run in all_of_them}


def test_the_data_folder_goes_to_every_command_that_reads_it(tmp_path):
    made = plan.make_plan(["danihelka/figure6", "danihelka/figure18"], "laptop", tmp_path, "/data")
    assert all(run.flags["data_dir"] == "/data" for run in made.runs)
    assert all("--data_dir=/data" in job.arguments for job in made.evaluation_jobs)
    made = plan.make_plan(["danihelka/figure12"], "smoke", tmp_path, "/data")
    assert all("data_dir" not in run.flags for run in made.runs)


def test_flags_are_typed_as_one_types_them(tmp_path):
    run = plan.TrainingJob(
        "a", tmp_path, "train", {"width": 4, "batch_norm": False, "independent_critic": True}, None
    )
    assert run.arguments == ["--width=4", "--nobatch_norm", "--independent_critic"]


def test_a_limit_is_of_the_evaluations_that_ask_for_it(tmp_path):
    made = plan.make_plan(["danihelka/figure7", "danihelka/own_samples"], "laptop", tmp_path, None)
    jobs = [job for job in made.evaluation_jobs if job.run.name == "faces_nvp3_wgan"]
    options = {name: used for job in jobs for name, used in job.evaluations.items()}
    assert options == {
        "latents": {},
        "likelihood": {"limit": 2000},
        "critic_distance": {"critics": 3},
    }
    assert all(
        "--limit" not in " ".join(j.arguments)
        for j in made.evaluation_jobs
        if "latents" in j.evaluations
    )


def test_distances_at_every_scale_are_by_several_critics():
    need = artefact.load("danihelka/figure9").NEEDS[0]
    for scale in artefact.SCALES:  # so that a result of one critic is not taken for them
        assert plan.evaluation_options(need, scale)["critics"] > 1


def test_what_does_not_exist_is_refused(tmp_path):
    with pytest.raises(UserError, match="grover/table9 is not an artefact"):
        plan.make_plan(["grover/table9"], "smoke", tmp_path, None)
    with pytest.raises(UserError, match="--scale=big is not known; it can be smoke, laptop, paper"):
        plan.make_plan(["grover/table1"], "big", tmp_path, None)


def test_presets_that_recipes_name_exist():
    presets = {
        flags["preset"]
        for recipe in RECIPES.values()
        for flags in recipe.flags.values()
        if "preset" in flags
    }
    assert presets <= set(plugins.names("presets"))
