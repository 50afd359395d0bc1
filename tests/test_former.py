"""A key that an older file lacks means what it meant to the version that wrote the file."""

import dataclasses
import json
import shutil

import keras
import pytest

from tfflowgan import config as config_module
from tfflowgan import plugins
from tfflowgan.config import FORMAT, Config
from tfflowgan.errors import UserError
from tfflowgan.flows import MultiScaleFlow
from tfflowgan.generators import build_spec


@pytest.fixture
def changed_nice(tmp_path, monkeypatch):
    """A package whose `nice` once had three layers, and whose `dcgan` critic was wide."""
    root = tmp_path / "tfflowgan"
    shutil.copytree(plugins._ROOT, root, ignore=shutil.ignore_patterns("__pycache__"))
    for path, former in (("flows/nice", {"layers": 3}), ("critics/dcgan", {"width": 96})):
        with (root / f"{path}.py").open("a") as file:
            file.write(f"\nFORMER = {{1: {former}}}\n")
    monkeypatch.setattr(plugins, "_ROOT", root)


def _read(tmp_path, settings):
    path = tmp_path / "config.json"
    path.write_text(json.dumps(settings))
    return Config(**config_module.from_file(str(path)))


def test_an_option_that_an_old_configuration_lacks(changed_nice, tmp_path):
    assert _read(tmp_path, {"flow": "nice"}).layers == 3
    assert _read(tmp_path, {"flow": "nice", "layers": 5}).layers == 5
    assert _read(tmp_path, {"flow": "nice", "format": FORMAT}).layers is None
    assert _read(tmp_path, {"flow": "nvp"}).layers is None
    assert _read(tmp_path, {"objective": "wgan", "critic": "dcgan"}).critic_width == 96


def test_an_option_that_an_old_spec_lacks(changed_nice):
    spec = {"flow": "nice", "image_shape": [4, 4, 1], "width": 4}
    assert build_spec(spec, written=1).spec["layers"] == 3
    assert build_spec(spec).spec["layers"] == 6


def test_a_network_of_ones_own_in_a_model_of_an_older_format():
    def network(inputs, outputs, level, name):
        images = keras.Input((None, None, inputs))
        return keras.Model(images, keras.layers.Conv2D(outputs, 1)(images), name=name)

    spec = {"flow": "real_nvp", "image_shape": [4, 4, 1], "blocks": 8, "weight_norm": True}
    flow = build_spec(spec, written=3, network=network)
    assert len(flow.networks) == 10 and flow.spec["blocks"] == 8


def test_a_flow_that_keras_kept_before_formats_were_kept_with_it():
    spec = {"flow": "nvp", "image_shape": [4, 4, 1], "width": 4, "blocks": 1}
    flow = MultiScaleFlow.from_config({"spec": spec})
    assert flow.spec["learned_bound"] is False
    again = MultiScaleFlow.from_config(flow.get_config())
    assert again.spec == flow.spec


def test_a_setting_that_an_old_configuration_lacks(tmp_path, monkeypatch):
    field = next(f for f in dataclasses.fields(Config) if f.name == "warmup_steps")
    monkeypatch.setattr(field, "metadata", {**field.metadata, "former": {1: 7}})
    assert _read(tmp_path, {}).warmup_steps == 7
    assert _read(tmp_path, {"format": FORMAT}).warmup_steps is None


def test_what_is_left_open_now_was_fixed_in_older_formats(tmp_path):
    for written in (1, 2):
        old = _read(tmp_path, {"format": written, "monitor_steps": None})
        assert (old.epochs, old.warmup_steps, old.monitor_steps) == (10, 200, 0)  # 0: an epoch
    now = _read(tmp_path, {"format": FORMAT, "monitor_steps": None})
    assert (now.epochs, now.warmup_steps, now.monitor_steps) == (None, None, None)
    assert _read(tmp_path, {"steps": 7}).epochs is None


def test_a_configuration_of_a_later_format_is_refused(tmp_path):
    with pytest.raises(UserError, match=f"format {FORMAT + 1}"):
        _read(tmp_path, {"format": FORMAT + 1})


def test_what_is_written_holds_its_format():
    assert json.loads(Config().to_json())["format"] == FORMAT
