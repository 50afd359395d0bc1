"""The C++ runtime as TF Serving uses it: a session, and inputs mapped by a SignatureDef.

As a script, where this package is not, it answers the requests of one folder into another: `python
runtime.py MODEL`.
"""

import pathlib
import sys

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf.config_pb2 import CallableOptions
from tensorflow_serving.apis import predict_pb2


class Runtime:
    """A loaded SavedModel that answers `PredictRequest` messages."""

    def __init__(self, path):
        self._session = tf.compat.v1.Session(graph=tf.Graph())
        with self._session.graph.as_default():
            self.meta_graph = tf.compat.v1.saved_model.load(self._session, ["serve"], str(path))

    def predict(self, request):
        """The answer to a request; the runtime's own errors."""
        signature = self.meta_graph.signature_def[
            request.model_spec.signature_name or "serving_default"
        ]
        if set(request.inputs) != set(signature.inputs):
            raise tf.errors.InvalidArgumentError(
                None, None, f"input size does not match signature: {set(request.inputs)}"
            )
        names, outputs = sorted(signature.inputs), sorted(signature.outputs)
        options = CallableOptions(
            feed=[signature.inputs[name].name for name in names],
            fetch=[signature.outputs[name].name for name in outputs],
        )
        run = self._session._make_callable_from_options(
            options
        )  # the public ways compare shapes first; the C++ runtime does not
        values = [tf.make_ndarray(request.inputs[name]) for name in names]
        response = predict_pb2.PredictResponse()
        for name, value in zip(outputs, run(*values), strict=True):
            response.outputs[name].CopyFrom(tf.make_tensor_proto(value))
        return response


def request(
    signature: str, inputs: dict[str, np.ndarray], model: str = "small"
) -> predict_pb2.PredictRequest:
    """A request."""
    message = predict_pb2.PredictRequest()
    message.model_spec.name, message.model_spec.signature_name = model, signature
    for name, value in inputs.items():
        message.inputs[name].CopyFrom(tf.make_tensor_proto(value))
    return message


if __name__ == "__main__":
    loaded = Runtime(sys.argv[1])
    for file in pathlib.Path("requests").iterdir():
        message = predict_pb2.PredictRequest.FromString(file.read_bytes())
        pathlib.Path("responses", file.name).write_bytes(
            loaded.predict(message).SerializeToString()
        )
    assert not any(name.split(".")[0] == "tfflowgan" for name in sys.modules)
