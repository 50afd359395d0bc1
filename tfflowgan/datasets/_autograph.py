"""Functions of an input pipeline as they are: none has Python's control flow over tensors.

TensorFlow would translate the source of all that they call first, which takes seconds at the start
of a command.
"""

import tensorflow as tf

__all__ = ["as_it_is"]

as_it_is = tf.autograph.experimental.do_not_convert
