"""Files of a user's own, as tests write them."""

FLOW = '''
import keras
import tensorflow_probability as tfp
import tfflowgan

tfb = tfp.bijectors
EXECUTED = print("executed")


class Scaled(tfflowgan.Flow):
    """x = exp(s) z + b, one s and b per value; `depth` more layers of the same."""

    def __init__(self, image_shape, width, depth):
        super().__init__(image_shape, "normal", None, "float32", "scaled")
        self.width = width
        self.pairs = [
            [self.add_weight(shape=(self.dims,), initializer="zeros", name=f"{name}_{i}")
             for name in ("log_scale", "shift")]
            for i in range(depth)
        ]

    def image_bijector(self, training):
        chain = [tfb.Reshape(self.image_shape, [self.dims])]
        for log_scale, shift in self.pairs:
            chain += [
                tfb.Shift(keras.ops.convert_to_tensor(shift)),
                tfb.Scale(log_scale=keras.ops.convert_to_tensor(log_scale)),
            ]
        return tfb.Chain(chain)


def build(image_shape, width=4, depth=1):
    return Scaled(image_shape, width, depth)


def wrong(image_shape):
    return 7
'''

DATA = """
import numpy as np
from tfflowgan.datasets import Split, Splits


def load(request, count=40):
    rng = np.random.default_rng(0)
    parts = [Split(rng.integers(0, 256, (count, 4, 4, 1), dtype=np.uint8)) for _ in range(3)]
    return Splits(request.name, "random", *parts)


def floats(request):
    part = Split(np.zeros((10, 4, 4, 1)))
    return Splits(request.name, "zeros", part, part, part)
"""

EVALUATION = """
def evaluate(flow, splits, *, samples=10, factor=2.0):
    return {"brightness": factor * float(flow.sample(samples, 0).numpy().mean())}


def nothing(flow):
    return None


def strange(weights):
    return {}
"""
