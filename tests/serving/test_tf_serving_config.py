"""Configuration files for TF Serving."""

import pytest
from google.protobuf import text_format
from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

from tests.helpers import command_here
from tfflowgan.errors import UserError
from tfflowgan.serving import tf_serving_config


@pytest.fixture
def folder(tmp_path):
    """A folder with two models, one that is not whole, and other files."""
    for name in ("digits/1", "digits/2", "faces/7", "begun/.part-x"):
        (tmp_path / name).mkdir(parents=True)
        if "part" not in name:
            (tmp_path / name / "saved_model.pb").touch()
    (tmp_path / "README.md").touch()
    return tmp_path


def test_every_model_of_the_folder_is_listed_as_the_server_sees_it(folder):
    names, paths = tf_serving_config.write(folder, "/models/")
    assert names == ["digits", "faces"]
    found = text_format.Parse(paths[0].read_text(), ModelServerConfig())
    listed = {c.name: (c.base_path, c.model_platform) for c in found.model_config_list.config}
    assert listed == {
        "digits": ("/models/digits", "tensorflow"),
        "faces": ("/models/faces", "tensorflow"),
    }


def test_batching_limits_are_those_of_the_client(folder):
    from tfflowgan.client import Client

    _, paths = tf_serving_config.write(folder, "/models")
    lines = [line.split("#")[0].split() for line in paths[1].read_text().splitlines()]
    found = {line[0]: int(line[3]) for line in lines if line}
    assert all(line[1:3] == ["{", "value:"] and line[4] == "}" for line in lines if line)
    assert found["max_batch_size"] == Client("digits")._rows
    assert set(found) == {
        "max_batch_size",
        "batch_timeout_micros",
        "max_enqueued_batches",
        "num_batch_threads",
    }


def test_a_folder_without_models_and_a_relative_root_are_refused(folder, tmp_path):
    with pytest.raises(UserError, match="--serving_config=.*begun must hold models"):
        tf_serving_config.write(folder / "begun", "/models")
    with pytest.raises(UserError, match="--serving_config=.*nowhere must hold models"):
        tf_serving_config.write(folder / "nowhere", "/models")
    done = command_here("export", f"--serving_config={folder}", "--serving_root=models")
    assert done.returncode == 1 and "--serving_root=models" in done.stderr
    assert not (folder / "models.config").exists()


def test_export_writes_them_by_itself(folder):
    done = command_here("export", f"--serving_config={folder}")
    assert done.returncode == 0, done.stderr
    assert "digits, faces" in done.stdout
    for flag in ("--select=last", "--card", "--draws=3"):
        done = command_here("export", f"--serving_config={folder}", flag)
        assert done.returncode == 1 and {flag.split("=")[0], "--run"} <= set(done.stderr.split())
    done = command_here("export", f"--serving_config={folder}", "--draws=0")
    assert done.returncode == 1 and "--draws=0" in done.stderr
