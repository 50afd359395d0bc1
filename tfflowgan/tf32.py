"""TensorFloat-32: whether GPUs may round the factors of float32 products to 10 bits.

TensorFlow allows it unless told otherwise. tfflowgan does not where a density is judged:

    with allowed(False): ...        or @allowed(False) above a function

It is one switch for the whole process, which TensorFlow reads on the host: at every matrix product,
when it plans a convolution of a new shape, and when XLA compiles. Plans and compiled programs stay
as they are. So what is compiled by XLA, or convolves batches of one size, must run under one
setting only. Threads share the switch.
"""

import contextlib
from collections.abc import Iterator

import tensorflow as tf

__all__ = ["allowed", "is_allowed"]


@contextlib.contextmanager
def allowed(on: bool) -> Iterator[None]:
    """Sets the switch inside a `with` block, or while the decorated function runs.

    Args:
      on: whether TF32 is allowed.
    """
    before = is_allowed()
    tf.config.experimental.enable_tensor_float_32_execution(on)
    try:
        yield
    finally:
        tf.config.experimental.enable_tensor_float_32_execution(before)


def is_allowed() -> bool:
    """Whether TF32 is allowed now; without effect on CPUs and on GPUs that do not have it."""
    return tf.config.experimental.tensor_float_32_execution_enabled()
