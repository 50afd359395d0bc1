"""Times single matrix products and convolutions in TensorFlow, in seconds each.

python tf_kernels.py           all cores on one operation
python tf_kernels.py shares    one share of the batch per core, as after `sharding.enable`
"""

import json
import os
import statistics
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import tensorflow as tf

_REPEATS = 8


def main():
    """Reads [[kernel, dtype], ...] as JSON from stdin and writes [seconds, ...]."""
    count = len(os.sched_getaffinity(0)) if sys.argv[1:] == ["shares"] else 1
    if count > 1:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(count)
    print(
        json.dumps(
            [_seconds(tuple(kernel), dtype, count) for kernel, dtype in json.load(sys.stdin)]
        )
    )


def _seconds(kernel, dtype, count):
    batch = (
        1 if kernel[0] != "matmul" or kernel[1] % count == 0 else 2
    )  # a product over the batch is shared there
    if kernel[batch] % count:
        return None  # there are no equal shares
    part = (*kernel[:batch], kernel[batch] // count, *kernel[batch + 1 :])
    runs = [_function(part, tf.as_dtype(dtype)) for _ in range(count)]

    @tf.function
    # one after the other in one graph, so that calls do not count; unused, they would not run
    def repeated():
        total = tf.zeros([], dtype)
        for _ in range(_REPEATS):
            with tf.control_dependencies([total]):
                total += tf.add_n([tf.reshape(run(), [-1])[0] for run in runs])
        return total

    repeated()
    times, end = [], time.perf_counter() + 0.2
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        repeated().numpy()
        times.append((time.perf_counter() - start) / _REPEATS)
    return statistics.median(times)


def _function(kernel, dtype):
    def data(*shape):
        return tf.Variable(tf.cast(tf.random.normal(shape), dtype))

    if kernel[0] == "matmul":
        _, m, k, n = kernel
        a, b = data(m, k), data(k, n)
        return lambda: tf.matmul(a, b)
    kind, batch, height, width, inputs, outputs, size, *stride = kernel
    stride = stride[0] if stride else 1
    images, weights = (
        data(batch, stride * height, stride * width, inputs),
        data(size, size, inputs, outputs),
    )
    gradients = data(batch, height, width, outputs)
    common = {"strides": [1, stride, stride, 1], "padding": "SAME"}
    if kind == "conv":
        return lambda: tf.raw_ops.Conv2D(input=images, filter=weights, **common)
    if kind == "conv_input":
        shape = list(images.shape)
        return lambda: tf.raw_ops.Conv2DBackpropInput(
            input_sizes=shape, filter=weights, out_backprop=gradients, **common
        )
    shape = list(weights.shape)
    return lambda: tf.raw_ops.Conv2DBackpropFilter(
        input=images, filter_sizes=shape, out_backprop=gradients, **common
    )


if __name__ == "__main__":
    main()
