"""A library that an extra installs, where it is missing; a Keras that is on another backend."""

import json
import os
import subprocess
import sys

import pytest

from tests.helpers import ROOT, command
from tfflowgan import extras, keras_backend
from tfflowgan.client import Client
from tfflowgan.errors import SetupError, UserError
from tfflowgan.serving import saved_model, tf_serving_config

MISSING = {"gradio": "demo", "grpc": "serving", "ray": "ray", "tensorflow_serving": "serving"}


@pytest.fixture
def missing(monkeypatch):
    """None of the extras' libraries can be imported."""
    for name in [n for n in sys.modules if n.partition(".")[0] in MISSING]:
        monkeypatch.delitem(sys.modules, name)
    for name in MISSING:
        monkeypatch.setitem(sys.modules, name, None)


@pytest.mark.parametrize(("library", "extra"), MISSING.items())
def test_a_missing_library_is_an_import_error_with_the_command(missing, library, extra):
    with pytest.raises(
        ImportError, match=rf'{library}.*pip install "tfflowgan\[{extra}\]"'
    ) as caught:
        extras.require(library, extra, "This test")
    assert isinstance(caught.value, UserError) and caught.value.name == library


def test_what_an_installed_library_misses_passes_through(tmp_path, monkeypatch):
    (tmp_path / "half_installed.py").write_text("import nowhere_to_be_found")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="nowhere_to_be_found") as caught:
        extras.require("half_installed", "demo", "This test")
    assert not isinstance(caught.value, UserError)


def test_the_grpc_client_and_the_serving_configuration_name_their_extra(missing, tmp_path):
    (tmp_path / "digits" / "1").mkdir(parents=True)
    (tmp_path / "digits" / "1" / "saved_model.pb").touch()
    with pytest.raises(SetupError, match=r"protocol='grpc'.*tfflowgan\[serving\]"):
        Client("digits", protocol="grpc")
    with pytest.raises(SetupError, match=r"--serving_config.*tfflowgan\[serving\]"):
        tf_serving_config.write(tmp_path, "/models")


def test_export_leaves_the_warm_up_requests_out_and_says_so(missing, tmp_path, caplog):
    path = saved_model.publish(tmp_path, lambda part: (part / "saved_model.pb").touch())
    assert path == tmp_path / "1" and (path / "saved_model.pb").exists()
    assert not (path / "assets.extra" / "tf_serving_warmup_requests").exists()
    (record,) = [r for r in caplog.records if r.name.startswith("tfflowgan")]
    assert record.levelname == "WARNING"
    assert "warm-up" in record.message and "tfflowgan[serving]" in record.message


@pytest.mark.slow
def test_a_command_shows_a_missing_extra_as_one_sentence(tmp_path):
    (tmp_path / "gradio.py").write_text("raise ModuleNotFoundError(name='gradio')")
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    done = command("demo", f"--models={tmp_path}", env=environment)
    assert done.returncode == 1 and not done.stdout
    assert done.stderr.startswith("bin/demo: ") and len(done.stderr.strip().splitlines()) == 1
    assert 'pip install "tfflowgan[demo]"' in done.stderr


def folders_with_keras():
    """The folders of the package, as modules, that have `import keras` at the top of a file."""
    files = (ROOT / "tfflowgan").glob("*/**/*.py")
    found = {p.relative_to(ROOT).parts[1] for p in files if "\nimport keras\n" in p.read_text()}
    assert {"networks", "generators", "critics", "training"} <= found
    return sorted(f"tfflowgan.{name}" for name in found)


@pytest.mark.parametrize("source", ["KERAS_BACKEND", "keras.json"])
def test_another_backend_is_refused_by_whatever_imports_keras_and_by_nothing_else(source, tmp_path):
    environment = {k: v for k, v in os.environ.items() if k not in ("KERAS_BACKEND", "KERAS_HOME")}
    (tmp_path / "keras.json").write_text(json.dumps({"backend": "jax"}))
    environment |= (
        {"KERAS_BACKEND": "jax"} if source == "KERAS_BACKEND" else {"KERAS_HOME": str(tmp_path)}
    )
    program = """
import importlib, sys
import tfflowgan, tfflowgan.client, tfflowgan.report
for name in sys.argv[1:]:
    try:
        importlib.import_module(name)
        print("imported")
    except ImportError as error:
        print(error)
assert "keras" not in sys.modules
"""
    folders = folders_with_keras()
    done = subprocess.run(
        [sys.executable, "-c", program, *folders],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0, done.stderr
    sentences = done.stdout.splitlines()
    assert len(sentences) == len(folders)
    for folder, sentence in zip(folders, sentences, strict=True):
        assert (
            source in sentence and "jax" in sentence and "KERAS_BACKEND=tensorflow" in sentence
        ), folder


@pytest.mark.slow
def test_a_command_refuses_another_backend_in_one_sentence_but_helps():
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    done = command("sample", f"--model={ROOT}", env=environment)
    assert done.returncode == 1 and len(done.stderr.strip().splitlines()) == 1
    assert done.stderr.startswith("bin/sample: ") and "KERAS_BACKEND=jax" in done.stderr
    assert command("sample", "--help", env=environment).returncode == 0


def test_tensorflow_is_the_backend_if_nothing_names_one(monkeypatch, tmp_path):
    monkeypatch.delitem(sys.modules, "keras", raising=False)
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    for name, content in (
        ("none", None),
        ("empty", "{}"),
        ("damaged", "{"),
        ("named", '{"backend": "tensorflow"}'),
    ):
        (tmp_path / name).mkdir()
        if content is not None:
            (tmp_path / name / "keras.json").write_text(content)
        monkeypatch.setenv("KERAS_HOME", str(tmp_path / name))
        keras_backend.check()
    monkeypatch.setenv("KERAS_BACKEND", "torch")
    with pytest.raises(SetupError, match="KERAS_BACKEND=torch"):
        keras_backend.check()


def test_a_keras_that_is_imported_already_decides(monkeypatch):
    import keras

    monkeypatch.setenv("KERAS_BACKEND", "torch")
    keras_backend.check()
    monkeypatch.setattr(keras.config, "backend", lambda: "jax")
    with pytest.raises(SetupError, match="on jax"):
        keras_backend.check()
