"""Programs for devices without TensorFlow: what makes two of them the same."""

import json

import numpy as np
import tensorflow as tf

from tfflowgan.serving.xla_program import write_program


def test_a_program_is_that_of_its_weights_and_arrays(tmp_path):
    weight = tf.Variable([1.0, 2.0])
    images = {"images": np.zeros([2, 3], np.uint8), "latents": np.float32(1.0)}

    def identity(**changes):
        double = tf.function(lambda x: weight * x, jit_compile=True, autograph=False)
        names, about = {"weight": weight}, {"kind": "test"}
        arguments = tmp_path, double, (tf.zeros([2]),), names, ["y"], about, images | changes, 100
        written = write_program(*arguments)
        assert json.loads((tmp_path / "program.json").read_text()) == written
        return written["identity"]

    first = identity()
    assert identity() == first
    others = [
        identity(images=np.ones([2, 3], np.uint8)),
        identity(images=np.zeros([3, 2], np.uint8)),
        identity(latents=np.float64(1.0)),
    ]
    weight.assign([1.0, 2.5])
    others.append(identity())
    assert len({first, *others}) == 5
