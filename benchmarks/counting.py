"""Matrix products and convolutions of a traced function, with their floating-point operations.

A kernel is a tuple of its kind and sizes:

    ("matmul", m, k, n)                               [m, k] [k, n]
    ("conv", b, h, w, inputs, outputs, kernel)        outputs of [b, h, w, .], stride 1
    ("conv_input", ...), ("conv_filter", ...)         its two gradients, as many operations each
"""

import collections

__all__ = ["flops", "kernels", "needed", "total_flops"]


def kernels(graph) -> collections.Counter:
    """Counts each kernel in a `FuncGraph` with static shapes; a stride is its last number."""
    found = collections.Counter()
    for operation in needed(graph):
        if operation.type == "MatMul":
            found[_matmul(operation)] += 1
        elif operation.type == "Conv2D":
            images, kernel = (list(t.shape) for t in operation.inputs)
            found[_convolution("conv", list(operation.outputs[0].shape), kernel, operation)] += 1
        elif operation.type == "Conv2DBackpropInput":
            found[
                _convolution(
                    "conv_input",
                    list(operation.inputs[2].shape),
                    list(operation.inputs[1].shape),
                    operation,
                )
            ] += 1
        elif operation.type == "Conv2DBackpropFilter":
            kernel = list(operation.outputs[0].shape)
            found[
                _convolution("conv_filter", list(operation.inputs[2].shape), kernel, operation)
            ] += 1
    return found


def flops(kernel: tuple) -> int:
    """Operations of one kernel."""
    if kernel[0] == "matmul":
        _, m, k, n = kernel
        return 2 * m * k * n
    _, b, h, w, inputs, outputs, size = kernel[:7]
    return 2 * b * h * w * inputs * outputs * size * size


def total_flops(found: collections.Counter) -> int:
    """Operations of all kernels."""
    return sum(count * flops(kernel) for kernel, count in found.items())


def needed(graph) -> set:
    """The operations that outputs and side effects depend on; TensorFlow runs no others."""
    waiting = [t.op for t in graph.outputs] + list(graph.control_outputs)
    found = set()
    while waiting:
        operation = waiting.pop()
        if operation not in found:
            found.add(operation)
            waiting += [t.op for t in operation.inputs] + list(operation.control_inputs)
    return found


def _matmul(operation):
    a, b = (list(t.shape) for t in operation.inputs)
    a = a[::-1] if operation.get_attr("transpose_a") else a
    b = b[::-1] if operation.get_attr("transpose_b") else b
    return ("matmul", a[0], a[1], b[1])


def _convolution(kind, outputs, kernel, operation):
    stride = operation.get_attr("strides")[1]
    size, _, inputs, filters = kernel
    return (kind, *outputs[:3], inputs, filters, size, *([stride] if stride > 1 else []))
