"""What holds for every bijector, found by listing the folder."""

import numpy as np
import pytest
import tensorflow as tf
import tensorflow_probability as tfp

from tests.helpers import count_ops
from tfflowgan import bijectors, plugins

tfb = tfp.bijectors
F64 = tf.float64


def _affine(inputs, outputs, seed):
    """A small smooth network from [..., inputs] to (shift, log-scale) [..., outputs]; its one
    matrix product can be counted.
    """
    kernel = tf.constant(
        np.random.default_rng(seed).standard_normal((inputs, 2 * outputs)) * 0.5, F64
    )
    return lambda x: tf.split(tf.tanh(tf.linalg.matmul(x, kernel)), 2, axis=-1)


def _additive(inputs, outputs, seed):
    affine = _affine(inputs, outputs, seed)
    return lambda x: (affine(x)[0], None)


def _multi_scale():
    levels = [
        tfb.Chain(
            [
                bijectors.CheckerboardCoupling(_affine(1, 1, 1), (4, 4, 1), dtype=F64),
                bijectors.Squeeze(F64),
            ]
        ),
        bijectors.SplitCoupling(_affine(1, 1, 2), 3, dtype=F64),
    ]
    return bijectors.MultiScale(levels, (4, 4, 1), [(2, 2, 4), (2, 2, 2)], F64)


def _autoregressive(dims, seed):
    """A network whose i-th outputs see the values before the i-th."""
    kernels = tf.constant(
        np.triu(np.random.default_rng(seed).standard_normal((2, dims, dims)), 1) * 0.5, F64
    )
    both = tf.concat([kernels[0], kernels[1]], axis=1)
    return lambda x: tf.split(tf.tanh(tf.linalg.matmul(x, both) + 0.1), 2, axis=-1)


def _mixing():
    draws = np.random.default_rng(0)
    triangles, log_scale = draws.standard_normal((3, 3)), draws.standard_normal(3)
    return bijectors.ChannelMixing(tf.constant(triangles, F64), tf.constant(log_scale, F64))


# module -> [(bijector, shape of an event of latents, networks)]
CASES = {
    "affine": [
        (
            lambda: bijectors.Affine(
                tf.constant([0.5, 0.0, -1.0], F64), tf.constant([0.3, -1.0, 2.0], F64)
            ),
            (3,),
            0,
        )
    ],
    "autoregressive": [(lambda: bijectors.Autoregressive(_autoregressive(4, 0), 4, F64), (4,), 1)],
    "channel_mixing": [(_mixing, (2, 3, 3), 1)],  # one product: that of its factors
    "checkerboard_coupling": [
        (
            lambda: bijectors.CheckerboardCoupling(_affine(3, 3, 0), (2, 4, 3), dtype=F64),
            (2, 4, 3),
            1,
        ),
        (
            lambda: bijectors.CheckerboardCoupling(
                _affine(1, 1, 0), (3, 3, 1), flip=True, dtype=F64
            ),
            (3, 3, 1),
            1,
        ),
    ],
    "split_coupling": [
        (lambda: bijectors.SplitCoupling(_affine(3, 3, 0), 1, dtype=F64), (6,), 1),
        (lambda: bijectors.SplitCoupling(_affine(2, 2, 0), 3, flip=True, dtype=F64), (2, 2, 4), 1),
        (lambda: bijectors.SplitCoupling(_additive(3, 3, 0), 1, dtype=F64), (6,), 1),
    ],
    "logit": [
        (lambda: bijectors.Logit(0.05, F64), (2, 2, 1), 0),
        (lambda: bijectors.Logit(1e-7, F64), (2, 2, 1), 0),
    ],
    "multi_scale": [(_multi_scale, (16,), 2)],
    "scaling": [(lambda: bijectors.Scaling(tf.constant([0.3, -1.0, 2.0], F64)), (3,), 0)],
    "flow_bijector": [
        (lambda: bijectors.FlowBijector([_multi_scale()], (4, 4, 1), F64), (16,), 2),
        # each network once per shard
        (
            lambda: bijectors.FlowBijector([_multi_scale(), _multi_scale()], (4, 4, 1), F64),
            (16,),
            4,
        ),
    ],
    "squeeze": [(lambda: bijectors.Squeeze(F64), (2, 3, 4), 0)],
}
EACH = [
    pytest.param(*case, id=f"{name}-{i}")
    for name, cases in CASES.items()
    for i, case in enumerate(cases)
]


def test_every_bijector_has_a_case():
    assert set(CASES) == set(plugins.names("bijectors")) - {"one_pass", "positions", "sharding"}


@pytest.mark.parametrize("make, shape, networks", EACH)
class TestBijector:
    def test_inverse_undoes_forward(self, make, shape, networks):
        latents = _latents(shape)
        images = tf.identity(make().forward(latents))
        np.testing.assert_allclose(make().inverse(images), latents, atol=1e-9)

    def test_log_det_is_that_of_the_autodiff_jacobian(self, make, shape, networks):
        latents = _latents(shape)
        bijector = make()
        with tf.GradientTape() as tape:
            tape.watch(latents)
            images = tf.reshape(bijector.forward(latents), [len(latents), -1])
        jacobian = tf.reshape(
            tape.batch_jacobian(images, latents), [len(latents), images.shape[1], images.shape[1]]
        )
        log_det = bijector.forward_log_det_jacobian(latents, event_ndims=len(shape))
        np.testing.assert_allclose(log_det, np.linalg.slogdet(jacobian)[1], atol=1e-9)

    def test_inverse_log_det_is_the_negative(self, make, shape, networks):
        latents = _latents(shape)
        forward = make().forward_log_det_jacobian(latents, event_ndims=len(shape))
        images = tf.identity(make().forward(latents))
        inverse = make().inverse_log_det_jacobian(images, event_ndims=len(images.shape) - 1)
        np.testing.assert_allclose(inverse, -forward, atol=1e-9)

    @pytest.mark.parametrize("leading", [(), (5,), (2, 3), (1, 2, 3)])
    def test_leading_axes_of_any_number_give_the_same_numbers(self, make, shape, networks, leading):
        count = int(np.prod(leading))
        latents = _latents(shape, count)
        images = tf.identity(make().forward(latents))
        z = tf.reshape(latents, [*leading, *shape])
        x = tf.reshape(images, [*leading, *images.shape[1:]])
        cases = [
            ("forward", z, latents, {}),
            ("inverse", x, images, {}),
            ("forward_log_det_jacobian", z, latents, {"event_ndims": len(shape)}),
            ("inverse_log_det_jacobian", x, images, {"event_ndims": len(images.shape) - 1}),
        ]
        for method, led, flat, ndims in cases:
            expected = getattr(make(), method)(flat, **ndims).numpy()
            found = getattr(make(), method)(led, **ndims)
            expected = expected.reshape((*leading, *expected.shape[1:]))
            np.testing.assert_allclose(found, expected, atol=1e-12, strict=True)

    def test_values_and_log_dets_are_finite_near_the_edges(self, make, shape, networks):
        for scale in (1e-300, 1e-12, 30.0):  # latents near zero, and where a logit saturates
            latents = scale * tf.sign(_latents(shape))
            bijector = make()
            images = bijector.forward(latents)
            log_det = bijector.forward_log_det_jacobian(latents, event_ndims=len(shape))
            back = make().inverse(tf.identity(images))
            there = make().inverse_log_det_jacobian(
                tf.identity(images), event_ndims=len(images.shape) - 1
            )
            for values in (images, log_det, back, there):
                assert np.isfinite(values).all(), scale

    @pytest.mark.slow
    def test_every_network_runs_once_for_value_and_log_det(self, make, shape, networks):
        latents = _latents(shape)
        image_shape = make().forward(latents).shape

        @tf.function
        def forward(z):
            bijector = make()
            return bijector.forward(z), bijector.forward_log_det_jacobian(z, event_ndims=len(shape))

        @tf.function
        def inverse(x):
            bijector = make()
            return bijector.inverse(x), bijector.inverse_log_det_jacobian(
                x, event_ndims=len(image_shape) - 1
            )

        for function, argument in ((forward, latents), (inverse, tf.zeros(image_shape, F64) + 0.5)):
            assert (
                count_ops(function.get_concrete_function(argument), "MatMul", "BatchMatMulV2")
                == networks
            )

    def test_event_shapes_are_those_of_the_values(self, make, shape, networks):
        bijector = make()
        images = bijector.forward(_latents(shape))
        assert bijector.forward_event_shape(shape) == images.shape[1:]
        assert bijector.inverse_event_shape(images.shape[1:]) == shape
        assert list(bijector.forward_event_shape_tensor(shape)) == images.shape[1:]
        assert list(bijector.inverse_event_shape_tensor(images.shape[1:])) == list(shape)


def _latents(shape, count=3):
    return tf.constant(np.random.default_rng(7).standard_normal((count, *shape)), F64)
