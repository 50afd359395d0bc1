"""What a configuration means where it leaves things open."""

import json

import pytest

from tfflowgan import config as config_module
from tfflowgan import flows, plugins
from tfflowgan.config import Config
from tfflowgan.errors import UserError
from tfflowgan.training.resolve import resolve

NAMES = ("batch_size", "learning_rate", "clip_norm")


def _how(config):
    return tuple(getattr(resolve(config), name) for name in NAMES)


@pytest.mark.parametrize("flow", plugins.names("flows"))
def test_likelihood_alone_trains_as_the_flow_says(flow):
    expected = {"batch_size": 100, "learning_rate": 5e-4, "clip_norm": 1000.0}
    expected |= plugins.literal("flows", flow, "TRAINING", {})
    assert _how(Config(flow=flow)) == tuple(expected[name] for name in NAMES)


def test_what_is_given_counts():
    given = Config(flow="nvp", batch_size=7, learning_rate=1e-4, clip_norm=0.0)
    assert _how(given) == (7, 1e-4, 0.0)


@pytest.mark.parametrize(
    "settings",
    [
        {"objective": "wgan"},
        {"objective": "hybrid"},
        {"generator": "dcgan", "objective": "wgan_gp"},
        {"flow": "nice"},
    ],
)
def test_all_else_trains_as_before(settings):
    assert _how(Config(**settings)) == (100, 5e-4, 1000.0)
    if "flow" not in settings:
        assert resolve(Config(**settings)).critic_learning_rate == 5e-4


@pytest.mark.parametrize(
    "dataset, flow", [("mnist", "nvp"), ("cifar10", "real_nvp"), ("celeb_a", "real_nvp")]
)
def test_the_flow_of_a_dataset(dataset, flow):
    config = Config(dataset=dataset)
    assert resolve(config).flow == flow
    assert config_module.run_name(config) == f"{dataset}_{flow}_mle"
    assert resolve(Config(dataset=dataset, generator="dcgan", objective="wgan")).flow is None


@pytest.mark.parametrize("written", [1, 2, 3])
def test_files_of_older_formats_mean_what_they_meant(written, tmp_path):
    def read(**settings):
        path = tmp_path / "config.json"
        path.write_text(json.dumps({"format": written} | settings))
        return resolve(Config(**config_module.from_file(str(path))))

    photos = read(dataset="cifar10")
    assert (photos.flow, photos.learned_bound, photos.logit_alpha) == ("nvp", False, 1e-5)
    assert tuple(getattr(photos, name) for name in NAMES) == (100, 5e-4, 1000.0)
    old = read(flow="real_nvp")
    assert (old.levels, old.blocks, old.weight_norm, old.layer_norm, old.mixing) == (
        2,
        8,
        True,
        False,
        False,
    )
    assert read(generator="dcgan", objective="wgan").flow is None


def test_batch_norm_takes_the_place_of_layer_norm_and_both_are_refused():
    flow = flows.build("real_nvp", (4, 4, 1), width=4, blocks=1, batch_norm=True)
    names = {layer.name for layer in flow.networks[0].layers}
    assert "norm_last" in names and flow.non_trainable_weights
    with pytest.raises(UserError, match="--layer_norm .*--batch_norm"):
        flows.build("real_nvp", (4, 4, 1), width=4, blocks=1, batch_norm=True, layer_norm=True)
