"""Requests that TF Serving runs when it loads a model, so that the first real one does not wait for lazy initialisation.

`assets.extra/tf_serving_warmup_requests` is a TFRecord file of `PredictionLog` messages, here one a signature with a batch of
one (https://www.tensorflow.org/tfx/serving/saved_model_warmup).
"""

import pathlib

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.framework.types_pb2 import DT_UINT8
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from tfflowgan.errors import UserError

__all__ = ["example", "signature_defs", "write"]

_FILE = pathlib.Path("assets.extra") / "tf_serving_warmup_requests"
_VALUES = {"images": 0.5, "temperature": 1.0, "keep": 0.5}  # all other inputs are zero


def write(model: pathlib.Path) -> None:
    """Adds the requests to a SavedModel.

    Args:
      model: its folder, with `saved_model.pb`.
    """
    from tensorflow_serving.apis import model_pb2, predict_pb2, prediction_log_pb2

    (model / _FILE).parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(model / _FILE)) as writer:
        for name, signature in signature_defs(model).items():
            inputs = {key: tf.make_tensor_proto(value) for key, value in example(signature).items()}
            spec = model_pb2.ModelSpec(signature_name=name)
            request = predict_pb2.PredictRequest(model_spec=spec, inputs=inputs)
            log = prediction_log_pb2.PredictionLog(predict_log=prediction_log_pb2.PredictLog(request=request))
            writer.write(log.SerializeToString(deterministic=True))


def signature_defs(model: pathlib.Path) -> dict[str, SignatureDef]:
    """The signatures of a SavedModel by name, read without loading it.

    Raises:
      UserError: `saved_model.pb` is damaged.
    """
    try:
        graph = SavedModel.FromString((model / "saved_model.pb").read_bytes()).meta_graphs[0]
    except (OSError, DecodeError, IndexError):
        raise UserError(f"{model / 'saved_model.pb'} is damaged.") from None
    return {name: graph.signature_def[name] for name in sorted(graph.signature_def) if not name.startswith("__")}


def example(signature: SignatureDef, batch: int = 1) -> dict[str, np.ndarray]:
    """Values that a signature of this package's models takes."""
    values = {}
    for name, tensor in signature.inputs.items():
        shape = [batch, *(d.size for d in tensor.tensor_shape.dim[1:])]
        fill = 128 if tensor.dtype == DT_UINT8 else _VALUES.get(name, 0)
        values[name] = np.full(shape, fill, tf.as_dtype(tensor.dtype).as_numpy_dtype)
    return values
