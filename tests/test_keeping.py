"""Every way of keeping or copying a model keeps every weight to the bit, for every model there is.

Each test perturbs all floating-point weights, keeps the model, changes it, and restores.
"""

import copy
import os
import pickle
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from tests.helpers import ROOT
from tfflowgan import critics, flows, generators, objectives, plugins
from tfflowgan.avb import discriminators, encoders
from tfflowgan.bijectors import Scaling
from tfflowgan.errors import UserError
from tfflowgan.flows import Flow, Level, MultiScaleFlow
from tfflowgan.networks import resnet
from tfflowgan.serving.saved_model import export
from tfflowgan.training.critic_trainer import CriticTrainer
from tfflowgan.training.model import FlowGAN
from tfflowgan.training.optimizer import Adam, FollowedRate, LearningRate, RMSprop

SHAPE = (4, 4, 1)


def _flow(name, **options):
    known = flows.options(name)
    small = {"width": 4, "layers": 1, "couplings": 2, "levels": 1, "blocks": 1, "batch_norm": True}
    return flows.build(name, SHAPE, **{k: v for k, v in small.items() if k in known} | options)


def _own_flow():
    """A flow that a user has assembled, without a name to build it by."""

    def network(inputs, outputs, level, name):
        return resnet(inputs, outputs, 4, 1, name=name)

    return MultiScaleFlow(
        SHAPE, [Level(2, 1), Level(1)], network, "normal", 1e-5, "float32", "own", False, 1.5, True
    )


def _flow_gan(objective, critic=None, optimizer=Adam, **options):
    flow = _flow("nice")
    trainer, loss = None, objectives.build(objective, **options)
    if critic:
        rate = FollowedRate(LearningRate(1e-3, "cosine", total_steps=9))
        network = critics.build(critic, SHAPE, width=4, norm="none")
        trainer = CriticTrainer(network, loss.adversary, optimizer(rate))
    model = FlowGAN(flow, loss, trainer, clip_norm=1.0)
    model.compile(optimizer=optimizer(LearningRate(1e-3, total_steps=9)), jit_compile=False)
    model.build_optimizer()
    return model


MODELS = {
    **{f"flow {n}": (lambda n=n: _flow(n)) for n in plugins.names("flows")},
    "own flow": _own_flow,
    **{
        f"generator {n}": (lambda n=n: generators.build(n, SHAPE, width=4))
        for n in plugins.names("generators")
    },
    **{
        f"critic {n}": (lambda n=n: critics.build(n, SHAPE, width=4))
        for n in plugins.names("critics")
    },
    **{
        f"encoder {n}": (lambda n=n: encoders.build(n, 4, 3, width=8))
        for n in plugins.names("avb/encoders")
    },
    **{
        f"discriminator {n}": (lambda n=n: discriminators.build(n, 16, 4, width=8))
        for n in plugins.names("avb/discriminators")
    },
    "flow_gan mle": lambda: _flow_gan("mle"),
    "flow_gan hybrid": lambda: _flow_gan("hybrid", "fast_learning", adversary="wgan_gp"),
    "flow_gan wgan": lambda: _flow_gan("wgan", "dcgan", RMSprop),
    "flow_gan kl": lambda: _flow_gan("kl", "dcgan", generator_loss="minimax"),
}
SLOW = ("flow real_nvp", "flow nvp", "own flow", "flow_gan hybrid", "flow_gan kl")
each_model = pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.slow if n in SLOW else ()) for n in MODELS]
)


def _variables(model):
    own = list(model.weights)
    for name in ("optimizer", "critic_optimizer"):
        own += getattr(getattr(model, name, None), "variables", [])
    return own


def _values(model):
    return [np.asarray(v) for v in _variables(model)]


def _perturbed(name):
    keras.utils.set_random_seed(0)
    model = MODELS[name]()
    rng = np.random.default_rng(1)
    for variable in _variables(model):
        if np.issubdtype(np.asarray(variable).dtype, np.floating):
            variable.assign(np.asarray(variable) + 0.1 * rng.random(variable.shape))
    return model


def _check_same(one, other):
    a, b = _values(one), _values(other)
    assert len(a) == len(b) > 0
    for x, y in zip(a, b, strict=True):
        np.testing.assert_array_equal(x, y)


@each_model
class TestKept:
    def test_a_checkpoint_of_tensorflow_has_all(self, name, tmp_path):
        model, other = _perturbed(name), MODELS[name]()
        path = tf.train.Checkpoint(model=model).save(str(tmp_path / "checkpoint"))
        tf.train.Checkpoint(model=other).restore(path).assert_consumed()
        _check_same(model, other)

    def test_a_keras_file_has_all(self, name, tmp_path):
        model = _perturbed(name)
        model.save(tmp_path / "model.keras")
        _check_same(model, keras.models.load_model(tmp_path / "model.keras"))

    def test_a_file_of_weights_has_all(self, name, tmp_path):
        model, other = _perturbed(name), MODELS[name]()
        model.save_weights(tmp_path / "model.weights.h5")
        other.load_weights(tmp_path / "model.weights.h5")
        _check_same(model, other)

    def test_copies_are_the_same_and_stay_apart(self, name):
        model = _perturbed(name)
        for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
            _check_same(model, other)
            weight = other.weights[0]
            weight.assign(np.asarray(weight) + 1.0)
            assert np.abs(np.asarray(model.weights[0]) - np.asarray(weight)).max() > 0.5

    @pytest.mark.slow
    def test_clones_have_the_same_architecture(self, name):
        model = _perturbed(name)
        for other in (keras.models.clone_model(model), type(model).from_config(model.get_config())):
            assert type(other) is type(model)
            other.set_weights(model.get_weights())
            for a, b in zip(model.weights, other.weights, strict=True):
                assert (a.path.rpartition("/")[2], a.dtype) == (b.path.rpartition("/")[2], b.dtype)
                np.testing.assert_array_equal(np.asarray(a), np.asarray(b))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["flow nice", "flow nvp", "generator dcgan", "critic dcgan"])
def test_saved_models_of_tensorflow_and_keras_have_all(name, tmp_path):
    model = _perturbed(name)
    if name == "generator dcgan":
        inputs = model.latents(tf.range(3, dtype=tf.int64))
    else:
        inputs = tf.random.stateless_uniform([3, *SHAPE], [0, 1])
    expected = model(inputs)
    tf.saved_model.save(model, str(tmp_path / "saved"))
    model.export(str(tmp_path / "exported"), verbose=False)
    for folder in ("saved", "exported"):
        serve = tf.saved_model.load(str(tmp_path / folder)).signatures["serving_default"]
        (argument,) = serve.structured_input_signature[1]
        (answer,) = serve(**{argument: inputs}).values()
        np.testing.assert_allclose(answer, expected, rtol=1e-5, atol=1e-5)


@pytest.mark.slow
def test_keras_finds_the_classes_once_the_flows_are_imported(tmp_path):
    flow = _perturbed("flow nice")
    flow.save(tmp_path / "flow.keras")
    program = tmp_path / "program.py"
    program.write_text(
        "import sys\nimport keras\nimport tfflowgan.flows\n"
        "flow = keras.models.load_model(sys.argv[1])\n"
        "print(sum(weight.numpy().sum() for weight in flow.weights))\n"
    )
    done = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "flow.keras")],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-1000:]
    total = sum(np.asarray(w).sum() for w in flow.weights)
    assert float(done.stdout) == pytest.approx(float(total), rel=1e-6)


def test_a_flow_that_nothing_describes_is_refused_by_the_name_of_what_is_missing():
    class Own(keras.Model):
        def __init__(self, secret, name):
            super().__init__(name=name)
            self.dense, self.secret = keras.layers.Dense(2), secret

        def call(self, inputs):
            return tf.concat([inputs, inputs], axis=-1)

    flow = MultiScaleFlow(
        SHAPE,
        [Level(1)],
        lambda i, o, level, name: Own(object(), name),
        "normal",
        None,
        "float32",
        "own",
        False,
    )
    with pytest.raises(NotImplementedError, match="level_0_checkerboard_0"):
        flow.get_config()


@pytest.mark.slow
def test_a_checkpoint_of_a_compiled_flow_has_its_optimizer(tmp_path):
    flow, other = _perturbed("flow nice"), MODELS["flow nice"]()
    for model in (flow, other):
        model.compile("adam")
    flow.fit(np.zeros((8, *SHAPE), np.uint8), epochs=3, verbose=0)
    other.optimizer.build(other.trainable_variables)
    path = tf.train.Checkpoint(model=flow).save(str(tmp_path / "checkpoint"))
    tf.train.Checkpoint(model=other).restore(path).assert_consumed()
    _check_same(flow, other)
    assert int(np.asarray(other.optimizer.iterations)) == 3


def test_a_variable_of_tensorflow_is_in_a_checkpoint_and_refused_by_export(tmp_path):
    class Own(Flow):
        def __init__(self):
            super().__init__(SHAPE, "normal", None, "float32", "own")
            self.log_scale = tf.Variable(tf.zeros([16]))

        def image_bijector(self, training):
            scaling = Scaling(tf.convert_to_tensor(self.log_scale))
            return tfp.bijectors.Chain([tfp.bijectors.Reshape(SHAPE, [16]), scaling])

    one, other = Own(), Own()
    one.log_scale.assign(tf.fill([16], 0.3))
    path = tf.train.Checkpoint(model=one).save(str(tmp_path / "checkpoint"))
    tf.train.Checkpoint(model=other).restore(path).assert_consumed()
    np.testing.assert_array_equal(one.log_scale, other.log_scale)
    with pytest.raises(UserError, match="Own.log_scale.*add_weight"):
        export(one, tmp_path / "model")


def test_a_network_in_two_places_stays_one_network():
    made = {}

    def network(inputs, outputs, level, name):
        return made.setdefault((inputs, outputs), resnet(inputs, outputs, 4, 1, name=name))

    flow = MultiScaleFlow(
        SHAPE, [Level(2)], network, "normal", 1e-5, "float32", "shared", recompute=False
    )
    clone = keras.models.clone_model(flow)
    assert len(clone.weights) == len(flow.weights) == len(made[1, 2].weights)


class TestCallbacks:
    @pytest.mark.slow
    def test_model_checkpoint_keeps_a_flow_that_can_be_loaded(self, tmp_path):
        flow = _perturbed("flow nice")
        flow.compile("adam")
        keep = keras.callbacks.ModelCheckpoint(tmp_path / "best.keras", monitor="loss")
        flow.fit(np.zeros((8, *SHAPE), np.uint8), epochs=1, verbose=0, callbacks=[keep])
        _check_same(flow, keras.models.load_model(tmp_path / "best.keras"))

    @pytest.mark.slow
    def test_backup_and_restore_goes_on_where_it_stopped(self, tmp_path):
        images = np.random.default_rng(0).integers(0, 256, (16, *SHAPE), np.uint8)

        class Stop(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                if epoch == 2:
                    raise KeyboardInterrupt

        def train(folder, *callbacks):
            flow = _perturbed("flow nice")
            flow.compile("adam")
            kept = keras.callbacks.BackupAndRestore(tmp_path / folder, delete_checkpoint=False)
            flow.fit(images, epochs=4, shuffle=False, verbose=0, callbacks=[kept, *callbacks])
            return flow

        whole = train("whole")
        with pytest.raises(KeyboardInterrupt):
            train("parts", Stop())
        _check_same(whole, train("parts"))
