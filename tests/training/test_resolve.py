"""What a configuration means where it leaves things open."""

import dataclasses
import json

import pytest

from tfflowgan import config as config_module
from tfflowgan import plugins
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.training.resolve import resolve

NAMES = ("batch_size", "learning_rate", "clip_norm")


def _how(config):
    return tuple(getattr(resolve(config), name) for name in NAMES)


@pytest.mark.parametrize(
    "flow, how",
    [("nice", (100, 5e-4, 1000.0)), ("nvp", (50, 2e-3, 1000.0)), ("real_nvp", (32, 2e-3, 0.0))],
)
def test_likelihood_alone_trains_as_the_flow_says(flow, how):
    assert _how(Config(flow=flow)) == how


def test_what_is_given_counts():
    given = Config(flow="nvp", batch_size=7, learning_rate=1e-4, clip_norm=0.0)
    assert _how(given) == (7, 1e-4, 0.0)


@pytest.mark.parametrize(
    "settings",
    [
        {"objective": "wgan"},
        {"objective": "hybrid"},
        {"generator": "dcgan", "objective": "wgan_gp"},
        {"optimizer": "rmsprop"},
        {"init_from": "runs/another"},
        {"flow": "real_nvp", "weight_norm": True},
        {"flow": "real_nvp", "layer_norm": False},
    ],
)
def test_all_else_trains_as_before(settings):
    assert _how(Config(**settings)) == (100, 5e-4, 1000.0)
    if "adversary" in settings or settings.get("objective"):
        assert resolve(Config(**settings)).critic_learning_rate == 5e-4


@pytest.mark.parametrize(
    "dataset, flow", [("mnist", "nvp"), ("cifar10", "real_nvp"), ("celeb_a", "real_nvp")]
)
def test_the_flow_of_a_dataset(dataset, flow):
    config = Config(dataset=dataset)
    assert resolve(config).flow == flow
    assert config_module.run_name(config) == f"{dataset}_{flow}_mle"
    assert resolve(Config(dataset=dataset, generator="dcgan", objective="wgan")).flow is None


def _read(path, flags=None, **settings):
    path.write_text(json.dumps(settings))
    base = config_module.from_file(str(path), flags=flags)
    return Config(**config_module.lay(base, flags or {}))


@pytest.mark.parametrize("written", [1, 2, 3])
@pytest.mark.parametrize(
    "settings, old",
    [
        (
            {"dataset": "cifar10"},
            {"flow": "nvp", "learned_bound": False, "logit_alpha": 1e-5, "mixing": False}
            | {"layer_norm": False, "zero_start": "blocks"},
        ),
        (
            {"flow": "real_nvp"},
            {"levels": 2, "blocks": 8, "weight_norm": True, "layer_norm": False, "mixing": False}
            | {"zero_start": "blocks", "logit_alpha": 0.05},
        ),
        ({"generator": "dcgan", "objective": "wgan"}, {"flow": None, "layer_norm": None}),
    ],
)
def test_files_of_older_formats_mean_what_they_meant(settings, old, written, tmp_path):
    config = _read(tmp_path / "config.json", format=written, **settings)
    resolved = resolve(config)
    assert {name: getattr(resolved, name) for name in old} == old
    assert tuple(getattr(resolved, name) for name in NAMES) == (100, 5e-4, 1000.0)
    # what the run's own config.json held has not changed for a run that goes on
    assert all(before is None for _, before, _ in config_module.changes(config, resolved))
    names = [f.name for f in dataclasses.fields(Config) if getattr(resolved, f.name) is not None]
    new = {"learned_bound", "layer_norm", "mixing", "zero_start"}
    new |= {"levels"} if resolved.flow == "real_nvp" else set()
    file = {name: getattr(resolved, name) for name in names if name not in new}
    again = _read(tmp_path / "config.json", format=written, **file)
    if written == 3:
        assert config_module.changes(again, resolve(again)) == []


@pytest.mark.parametrize(
    "flags, expected",
    [
        ({"flow": "nice"}, {"logit_alpha": 1e-7, "learned_bound": None}),
        ({"generator": "dcgan", "objective": "wgan"}, {"flow": None, "learned_bound": None}),
        ({"flow": "real_nvp"}, {"blocks": 8, "layer_norm": False}),
    ],
)
def test_flags_choose_whose_former_options_an_old_file_means(flags, expected, tmp_path):
    resolved = resolve(_read(tmp_path / "config.json", flags, dataset="mnist", epochs=3))
    assert {name: getattr(resolved, name) for name in expected} == expected


def test_an_unknown_dataset_in_a_file_is_named(tmp_path):
    with pytest.raises(UserError, match="--dataset=mnst.*mnist"):
        _read(tmp_path / "config.json", format=config_module.FORMAT, dataset="mnst")


def test_a_configuration_that_is_not_resolved_has_no_batch_size():
    with pytest.raises(ValueError, match="batch_size"):
        _ = Config().images_per_step


@pytest.mark.parametrize("preset", [n for n in plugins.names("presets") if "cifar10" in n])
def test_flow_gans_presets_normalize_as_published(preset):
    resolved = resolve(Config(**config_module.from_preset(preset) | {"batch_norm": False}))
    assert (resolved.layer_norm, resolved.weight_norm, resolved.zero_start) == (False, True, "none")
    assert (resolved.width, resolved.blocks, resolved.levels, resolved.mixing) == (64, 8, 2, False)
