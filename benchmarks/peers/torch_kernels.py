"""Times single matrix products and convolutions in PyTorch, in seconds each.

Channels last, all cores on one operation.
"""

import json
import os
import statistics
import sys
import time

import torch

_REPEATS = 8


def main():
    """Reads [[kernel, dtype], ...] as JSON from stdin and writes [seconds, ...]."""
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    with torch.inference_mode():
        print(
            json.dumps(
                [
                    _seconds(tuple(kernel), getattr(torch, dtype))
                    for kernel, dtype in json.load(sys.stdin)
                ]
            )
        )


def _seconds(kernel, dtype):
    run = _function(kernel, dtype)
    run()
    times, end = [], time.perf_counter() + 0.2
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(_REPEATS):
            run()
        times.append((time.perf_counter() - start) / _REPEATS)
    return statistics.median(times)


def _function(kernel, dtype):
    def data(*shape):
        tensor = torch.randn(*shape).to(dtype)
        return tensor.to(memory_format=torch.channels_last) if len(shape) == 4 else tensor

    if kernel[0] == "matmul":
        _, m, k, n = kernel
        a, b = data(m, k), data(n, k)
        return lambda: a @ b.T
    kind, batch, height, width, inputs, outputs, size, *stride = kernel
    stride = stride[0] if stride else 1
    side = [
        (n - 1) * stride + 1 for n in (height, width)
    ]  # an odd padding on both sides gives outputs of the size asked for
    images, weights = data(batch, inputs, *side), data(outputs, inputs, size, size)
    gradients, padding = data(batch, outputs, height, width), [size // 2] * 2
    if size % 2 == 0:
        images = data(batch, inputs, *(n + size - 1 for n in side))
        padding = [0, 0]
    if kind == "conv":
        return lambda: torch.conv2d(images, weights, stride=stride, padding=padding)
    wanted = [kind == "conv_input", kind == "conv_filter", False]
    backward = torch.ops.aten.convolution_backward
    return lambda: backward(
        gradients,
        images,
        weights,
        None,
        [stride, stride],
        padding,
        [1, 1],
        False,
        [0, 0],
        1,
        wanted,
    )


if __name__ == "__main__":
    main()
