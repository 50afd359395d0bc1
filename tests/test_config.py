"""Configurations: strict, complete, repeatable."""

import json

import pytest

from tfflowgan import config as config_module
from tfflowgan import plugins
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.training.resolve import resolve


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"epochs": "3"}, "epochs='3'.*int"),
        ({"epochs": 3.5}, "epochs=3.5.*int"),
        ({"epochs": True}, "epochs=True.*int"),
        ({"deterministic": 1}, "deterministic=1.*bool"),
        ({"dataset": None}, "dataset=None.*str"),
        ({"epochs": 0}, "--epochs=0"),
        ({"learning_rate": float("nan")}, "--learning_rate=nan"),
        ({"beta1": 1.0}, r"--beta1=1.0.*\[0, 1\)"),
        ({"seed": -1}, "--seed=-1"),
        ({"decay": "linear"}, "--decay=linear.*constant, exponential, cosine"),
        ({"decay": "exponential"}, "--decay=exponential.*--decay_rate"),
        ({"decay_rate": 0.5}, "--decay=exponential.*--decay_rate"),
        ({"flow": "glow"}, "--flow=glow.*nice, nvp, real_nvp"),
        ({"objective": "mlee"}, "--objective=mlee.*mle[^e]"),
        ({"prior": "uniform"}, "--prior=uniform"),
    ],
)
def test_bad_settings_are_refused_in_one_sentence(settings, message):
    with pytest.raises(UserError, match=message):
        Config(**settings)


def test_an_integer_will_do_for_a_float():
    assert Config(learning_rate=1).learning_rate == 1


def test_unknown_keys_are_refused():
    with pytest.raises(UserError, match=r"the file.*\bepoch\b.*\bepochs\b"):
        config_module.override({}, {"epoch": 3}, "the file")


@pytest.mark.parametrize("name", plugins.names("presets"))
def test_every_preset_is_a_valid_configuration(name):
    config = Config(**config_module.from_preset(name))
    assert config.preset == config_module.run_name(config) == name
    assert resolve(resolve(config)) == resolve(config)


def test_what_differs_from_a_preset_is_in_the_runs_name():
    changed = config_module.from_preset("danihelka_mnist_wgan") | {
        "levels": 1,
        "data_dir": "/elsewhere",
    }
    assert config_module.run_name(Config(**changed)) == "danihelka_mnist_wgan_levels1"


def test_a_resolved_configuration_survives_json(tmp_path):
    config = resolve(Config(flow="nice", width=7))
    assert (
        config.layers == 6
        and config.logit_alpha == 1e-7
        and config.levels is None
        and config.flips is False
    )
    path = tmp_path / "config.json"
    path.write_text(config.to_json())
    assert resolve(Config(**config_module.from_file(str(path)))) == config


def test_a_setting_of_another_flow_is_refused():
    with pytest.raises(UserError, match="--levels.*--flow=nice.*couplings"):
        resolve(Config(flow="nice", levels=2))


@pytest.mark.parametrize(
    "text, message",
    [("{", "--config=.*JSON"), ("[]", "--config=.*JSON object"), (json.dumps({"x": 1}), r"\bx\b")],
)
def test_bad_files_are_refused(tmp_path, text, message):
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        config_module.from_file(str(path))
    with pytest.raises(UserError, match="--config=.*missing.json"):
        config_module.from_file(str(tmp_path / "missing.json"))


def test_changes_leave_out_what_a_run_may_change():
    old, new = Config(width=3), Config(width=4, data_dir="elsewhere")
    assert config_module.changes(old, new) == [("width", 3, 4)]
