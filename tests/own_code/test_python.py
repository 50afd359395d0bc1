"""Parts as Python objects: networks, flows, critics, objectives and datasets."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import tfflowgan
from tests.helpers import perturb, random_images
from tests.own_code.files import DATA, FLOW
from tfflowgan import critics, datasets, flows, generators, objectives, own_code
from tfflowgan.errors import UserError
from tfflowgan.objectives import Objective

SHAPE = (4, 4, 1)


def network(inputs, outputs, level, name, width=5):
    images = keras.Input((None, None, inputs))
    features = keras.layers.Conv2D(width, 1, activation="relu")(images)
    return keras.Model(images, keras.layers.Conv2D(outputs, 1)(features), name=name)


def dense(inputs, outputs, level, name):
    return keras.Sequential([keras.Input((inputs,)), keras.layers.Dense(outputs)], name=name)


def critic(image_shape, slope=0.2):
    layers = [keras.layers.Flatten(), keras.layers.LeakyReLU(slope), keras.layers.Dense(1)]
    return keras.Sequential([keras.Input(image_shape), *layers, keras.layers.Reshape(())])


def _build(name, **options):
    return perturb(flows.build(name, SHAPE, **options))


def _same(one, other):
    images = random_images(SHAPE, dtype="float32")
    np.testing.assert_allclose(one.log_prob(images), other.log_prob(images), rtol=1e-6)


@pytest.fixture
def flow_file(tmp_path):
    (tmp_path / "my_flow.py").write_text(FLOW)
    return f"{tmp_path}/my_flow.py"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name, function, options",
    [
        ("nvp", network, {"levels": 1, "width": 3}),
        ("real_nvp", network, {"width": 3}),
        ("nice", dense, {"couplings": 2}),
    ],
)
def test_a_network_of_ones_own_takes_the_place_of_ours(name, function, options):
    flow = _build(name, network=function, **options)
    made = function(3, 2, 0, "one", *([3] if function is network else []))
    assert [layer.__class__ for layer in flow.networks[0].layers] == [
        layer.__class__ for layer in made.layers
    ]
    if function is network:
        assert flow.networks[0].layers[1].filters == 3  # --width reaches it
    images = random_images(SHAPE, dtype="float32")
    np.testing.assert_allclose(flow.decode(flow.encode(images)), images, atol=1e-4)
    assert flow.spec["network"] == f"{__file__}:{function.__name__}"
    _same(flow, flow.astype("float64").astype("float32"))


def test_an_option_that_a_network_does_not_take_is_refused():
    with pytest.raises(UserError, match="--blocks=2.*--network=.*:network"):
        _build("nvp", levels=1, blocks=2, network=network)
    with pytest.raises(UserError, match="--network=.*2 channels.*level_0"):
        _build("nvp", levels=1, network=lambda inputs, outputs, level, name: dense(1, 3, 0, "a"))
    with pytest.raises(UserError, match="--network=.*NoneType"):
        _build("nice", network=lambda inputs, outputs, level, name: None)


@pytest.mark.slow
def test_a_network_in_no_file_is_exported_and_asked_for_by_load(tmp_path):
    def inner(inputs, outputs, level, name):
        return network(inputs, outputs, level, name)

    flow = _build("nvp", levels=1, network=inner)
    path = tfflowgan.export(flow, tmp_path / "model")
    with pytest.raises(UserError, match="network=.*inner.*load"):
        tfflowgan.load(path)
    with pytest.raises(UserError, match="network=.*inner.*load"):
        tfflowgan.load(path, allow_code=True)
    _same(flow, tfflowgan.load(path, network=inner))
    served = tf.saved_model.load(str(path))
    images = random_images(SHAPE, dtype="float32")
    np.testing.assert_allclose(served.log_prob(images), flow.log_prob(images), rtol=1e-5)
    with pytest.raises(UserError, match="cannot be loaded"):
        tfflowgan.load(path, network=lambda i, o, level, name: network(i, o, level, name, width=6))


@pytest.mark.slow
def test_a_network_at_the_top_level_of_a_file_is_found_again_if_allowed(tmp_path):
    flow = _build("nvp", levels=1, network=network)
    path = tfflowgan.export(flow, tmp_path / "model")
    with pytest.raises(UserError, match="test_python.py.*--network.*allow_code=True"):
        tfflowgan.load(path)
    _same(flow, tfflowgan.load(path, allow_code=True))
    _same(flow, tfflowgan.load(path, network=network))


@pytest.mark.slow
def test_a_flow_by_the_name_of_its_file(flow_file, tmp_path):
    flow = _build(f"{flow_file}:build", depth=2)
    assert len(flow.weights) == 4 and flow.spec["flow"] == f"{flow_file}:build"
    path = tfflowgan.export(flow, tmp_path / "model")
    with pytest.raises(UserError, match="my_flow.py.*--flow.*allow_code=True"):
        tfflowgan.load(path)
    _same(flow, tfflowgan.load(path, allow_code=True))
    _same(flow, flow.astype("float32"))
    assert flow.exact() is flow  # it has no option dtype
    with pytest.raises(UserError, match="--dtype"):
        flow.astype("float64")
    with open(flow_file, "a") as file:
        file.write("# changed\n")
    with pytest.raises(UserError, match="my_flow.py has changed"):
        tfflowgan.load(path, allow_code=True)


@pytest.mark.slow
def test_a_flow_by_a_function_and_by_its_class(flow_file, tmp_path):
    with own_code.consent(everything=True):
        build = own_code.function(f"{flow_file}:build", "flow")
    made = {
        "function": _build(lambda image_shape, depth=1: build(image_shape, 4, depth), depth=2),
        "class": perturb(build(SHAPE, depth=2)),
    }
    for name, flow in made.items():
        path = tfflowgan.export(flow, tmp_path / name)
        with pytest.raises(UserError, match="flow=.*load"):
            tfflowgan.load(path, allow_code=True)
        _same(
            flow, tfflowgan.load(path, flow=lambda image_shape, depth=2: build(image_shape, 4, 2))
        )
    with pytest.raises(UserError, match="flow=Scaled"):
        made["class"].astype("float64")


def test_what_is_no_flow_is_refused(flow_file):
    with pytest.raises(UserError, match="--flow=.*my_flow.py:wrong.*int"):
        flows.build(f"{flow_file}:wrong", SHAPE)
    with own_code.consent(everything=True):
        build = own_code.function(f"{flow_file}:build", "flow")
    with pytest.raises(UserError, match="--flow=.*4, 4, 1.*2, 2, 1"):
        flows.build(lambda image_shape: build((2, 2, 1)), SHAPE)
    with pytest.raises(UserError, match="--depht.*width, depth"):
        flows.build(f"{flow_file}:build", SHAPE, depht=2)


def test_a_specification_names_no_file_that_is_executed(flow_file):
    for spec in ({"flow": f"{flow_file}:build"}, {"flow": "nvp", "network": f"{flow_file}:build"}):
        with pytest.raises(UserError, match="my_flow.py.*allow_code=True"):
            generators.build_spec({"image_shape": [4, 4, 1], **spec})


def test_a_critic_and_an_objective_of_ones_own():
    model = critics.build(critic, SHAPE, penalized=True, slope=0.3)
    assert model(np.zeros((2, *SHAPE))).shape == (2,)
    assert model.layers[1].negative_slope == pytest.approx(0.3)
    with pytest.raises(UserError, match="--critic_norm.*critic_slope"):
        critics.build(critic, SHAPE, norm="none")
    with pytest.raises(UserError, match=r"--critic=.*outputs \[None, 4\]"):
        critics.build(lambda image_shape: dense(1, 4, 0, "a"), (1,))  # type: ignore
    wgan = objectives.build("wgan")
    built = objectives.build(lambda weight=1.0: Objective(wgan.adversary, weight), weight=3.0)
    assert built.nll_weight == 3.0
    with pytest.raises(UserError, match="--objective=.*NoneType"):
        objectives.build(lambda: None)
    hybrid = objectives.build(
        "hybrid", adversary=lambda margin=2.0: wgan, nll_weight=0.5, margin=1.0
    )
    assert hybrid.adversary is wgan.adversary and hybrid.nll_weight == 0.5


def test_a_dataset_of_ones_own(tmp_path):
    (tmp_path / "my_data.py").write_text(DATA)
    name = f"{tmp_path}/my_data.py"
    with pytest.raises(UserError, match="my_data.py.*--dataset.*--allow_code"):
        datasets.load(f"{name}:load")
    with own_code.consent(everything=True):
        splits = datasets.load(f"{name}:load", count=7)
        assert len(splits.train) == 7 and splits.name == "my_data"
        with pytest.raises(UserError, match="--dataset=.*float64"):
            datasets.load(f"{name}:floats")
        with pytest.raises(UserError, match="--image_size=8"):
            datasets.load(f"{name}:load", image_size=8)
    with pytest.raises(UserError, match="--dataset=.*NoneType"):
        datasets.load(lambda request: None)
