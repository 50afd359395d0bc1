"""The configuration of a training from Python describes the generator that is given."""

import keras
import numpy as np
import pytest

from tests.helpers import quick_first, small_flow
from tfflowgan import generators, plugins
from tfflowgan.errors import UserError
from tfflowgan.runs.load import build_generator
from tfflowgan.training.resolve import resolve
from tfflowgan.training.settings import configure


@pytest.mark.parametrize("name", quick_first(plugins.names("flows")))
@pytest.mark.parametrize("logit_alpha", [None, 0.01])
def test_a_flow_is_built_again_from_it(name, logit_alpha):
    flow = small_flow(name, (4, 4, 1), logit_alpha=logit_alpha, dtype="float64")
    config = configure(flow, {"epochs": 3, "width": flow.spec["width"]}, [], kept=True)
    assert config.dataset == "arrays" and config.epochs == 3
    built = build_generator(config, flow.image_shape)
    assert type(built) is type(flow) and built.logit_alpha == flow.logit_alpha
    same = {option: value for option, value in flow.spec.items() if option != "logit_alpha"}
    assert same.items() <= built.spec.items()
    assert [w.shape for w in built.weights] == [w.shape for w in flow.weights]
    assert resolve(config) == config


@pytest.mark.parametrize("name", plugins.names("generators"))
def test_a_generator_without_a_density_is_built_again_from_it(name):
    generator = generators.build(name, (4, 4, 1), width=3)
    config = configure(generator, {"objective": "gan"}, [], kept=True)
    assert build_generator(config, (4, 4, 1)).spec == generator.spec


def test_a_flow_of_ones_own_is_not_trained_as_the_default_flow_is():
    def network(inputs, outputs, level, name, width, layers):
        values = keras.Input((inputs,))
        return keras.Model(values, keras.layers.Dense(outputs)(values))

    config = configure(small_flow("nice", network=network), {}, [], kept=False)
    assert (config.batch_size, config.learning_rate, config.clip_norm) == (100, 5e-4, 1000.0)


def test_a_preset_gives_what_is_not_the_flows():
    flow = small_flow("nice")
    config = configure(flow, {"preset": "nice_mnist_hybrid", "epochs": 2}, [], kept=False)
    assert (config.objective, config.adversary, config.epochs) == ("hybrid", "wgan_gp", 2)
    assert (config.dataset, config.width) == ("arrays", flow.spec["width"])
    with pytest.raises(UserError, match="preset=nice_mnist_hybird.*nice_mnist_hybrid"):
        configure(flow, {"preset": "nice_mnist_hybird"}, [], kept=False)


def test_values_of_numpy_and_paths_are_taken(tmp_path):
    settings = {"epochs": np.int64(3), "learning_rate": np.float32(0.5), "flips": np.bool_(True)}
    config = configure(small_flow("nice"), settings, [], kept=False)
    assert (config.epochs, config.learning_rate, config.flips) == (3, 0.5, True)
    with pytest.raises(UserError, match=f"{tmp_path}/none"):
        configure(small_flow("nice"), {"classifier": tmp_path / "none"}, [], kept=False)
