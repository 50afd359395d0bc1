"""`bin/train_avb`: trained, continued, exported, refused."""

import json
import re

import pytest

from tests.helpers import command, command_here


class TestCommand:
    @pytest.fixture(scope="class")
    @classmethod
    def trained(cls, tmp_path_factory):
        folder = tmp_path_factory.mktemp("avb")
        flags = [
            "--data_source=embedded",
            "--limit=200",
            "--latents=2",
            "--encoder=gaussian",
            "--discriminator=joint",
            "--watch=autoregressive",
            "--width=16",
            "--epochs=1",
            "--settle_epochs=1",
            f"--run={folder / 'run'}",
            f"--output={folder / 'model'}",
        ]
        return folder, flags, command("train_avb", *flags)

    @pytest.mark.slow
    def test_it_trains_measures_draws_and_exports(self, trained):
        folder, _, done = trained
        assert done.returncode == 0, done.stderr
        assert "exact KL" in done.stdout and "autoregressive estimates" in done.stdout
        end = json.loads((folder / "run" / "finished.json").read_text())
        assert (
            set(end["test"]["discriminators"]) == {"joint", "autoregressive"}
            and end["test"]["kl_closed_form"] > 0
        )
        assert (folder / "run" / "kl.png").stat().st_size > 10_000 and (
            folder / "model" / "1" / "saved_model.pb"
        ).exists()

    @pytest.mark.slow
    def test_the_report_shows_it(self, trained):
        folder = trained[0]
        done = command_here("report", f"--runs={folder / 'run'}", f"--output={folder / 'report'}")
        page = (
            (folder / "report" / "index.html").read_text() if done.returncode == 0 else done.stderr
        )
        assert (
            "joint discriminator" in page
            and page.count("<img") == 1
            and "Learning curves" not in page
        )

    @pytest.mark.slow
    def test_the_same_again_does_nothing(self, trained):
        done = command_here("train_avb", *trained[1])
        assert done.returncode == 0 and "is finished" in done.stdout

    @pytest.mark.slow
    def test_other_settings_are_refused(self, trained):
        done = command_here("train_avb", *trained[1], "--seed=3")
        assert done.returncode == 1 and re.search("--seed.*0.*3", done.stderr)

    @pytest.mark.slow
    def test_a_first_try_that_cannot_be_leaves_no_trace(self, tmp_path):
        flags = [
            "--data_source=embedded",
            "--limit=20",
            f"--run={tmp_path / 'run'}",
            f"--output={tmp_path / 'model'}",
        ]
        done = command_here("train_avb", *flags)
        assert done.returncode == 1 and re.search(r"--batch_size=100\b.*\b20\b", done.stderr)
        assert not (tmp_path / "run").exists()

    @pytest.mark.slow
    def test_a_run_of_another_command_is_refused(self, tmp_path):
        (tmp_path / "config.json").write_text("{}")
        done = command_here(
            "train_avb",
            "--data_source=embedded",
            f"--run={tmp_path}",
            f"--output={tmp_path / 'model'}",
        )
        assert done.returncode == 1 and re.search(f"--run={tmp_path}.*bin/train", done.stderr)

    @pytest.mark.parametrize(
        "flag, sentence",
        [
            ("--discriminator=jonit", "--discriminator=jonit"),
            ("--watch=none", "--watch=none"),
            ("--epochs=0", "--epochs=0"),
            ("--frames=first", "--frames=first.*all, refuse"),
            ("--frames=refuse", "--frames=refuse.*--dataset=mnist"),
        ],
    )
    def test_bad_flags_give_one_sentence(self, flag, sentence):
        done = command_here("train_avb", flag)
        assert done.returncode == 1 and re.search(sentence, done.stderr)
        assert done.stderr.count("\n") == 1
