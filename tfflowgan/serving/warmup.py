"""Warm-up requests: TF Serving runs them when it loads a model, so the first real request is fast.

`assets.extra/tf_serving_warmup_requests` is a TFRecord file of `PredictionLog` messages, here one
per signature with a batch of one image (https://www.tensorflow.org/tfx/serving/saved_model_warmup).
"""

import logging
import pathlib

import numpy as np
import tensorflow as tf
from google.protobuf.message import DecodeError
from tensorflow.core.framework.types_pb2 import DT_STRING, DT_UINT8
from tensorflow.core.protobuf.meta_graph_pb2 import SignatureDef
from tensorflow.core.protobuf.saved_model_pb2 import SavedModel

from tfflowgan.errors import SetupError, UserError
from tfflowgan.extras import require

__all__ = ["example", "signature_defs", "write"]

_FILE = pathlib.Path("assets.extra") / "tf_serving_warmup_requests"
_VALUES = {"images": 0.5, "temperature": 1.0, "keep": 0.5}  # all other inputs are zero

_log = logging.getLogger(__name__)


def write(model: pathlib.Path) -> None:
    """Adds warm-up requests to a SavedModel, or logs that they need the extra "serving".

    Args:
      model: the SavedModel's folder, with `saved_model.pb`.

    Raises:
      UserError: `saved_model.pb` is damaged.
      OSError: the folder cannot be written.
    """
    try:
        require("tensorflow_serving", "serving", "Writing warm-up requests for TF Serving")
    except SetupError as error:
        _log.warning("%s The model is exported without them.", error)
        return
    from tensorflow_serving.apis import model_pb2, predict_pb2, prediction_log_pb2

    (model / _FILE).parent.mkdir(exist_ok=True)
    with tf.io.TFRecordWriter(str(model / _FILE)) as writer:
        for name, signature in signature_defs(model).items():
            inputs = {key: tf.make_tensor_proto(value) for key, value in example(signature).items()}
            spec = model_pb2.ModelSpec(signature_name=name)
            request = predict_pb2.PredictRequest(model_spec=spec, inputs=inputs)
            log = prediction_log_pb2.PredictionLog(
                predict_log=prediction_log_pb2.PredictLog(request=request)
            )
            writer.write(log.SerializeToString(deterministic=True))


def signature_defs(model: pathlib.Path) -> dict[str, SignatureDef]:
    """The signatures of a SavedModel by name, read without loading it.

    Args:
      model: the SavedModel's folder.

    Raises:
      UserError: `saved_model.pb` is damaged.
    """
    try:
        content = (model / "saved_model.pb").read_bytes()
        graph = SavedModel.FromString(content).meta_graphs[0]
    except (OSError, DecodeError, IndexError):
        raise UserError(f"{model / 'saved_model.pb'} is damaged.") from None
    names = [name for name in sorted(graph.signature_def) if not name.startswith("__")]
    return {name: graph.signature_def[name] for name in names}


def example(signature: SignatureDef, batch: int = 1) -> dict[str, np.ndarray]:
    """Valid inputs for a signature of this package's models.

    Args:
      signature: the signature.
      batch: number of rows.

    Returns:
      Arrays by the input's name, of the signature's shapes and dtypes.
    """
    values = {}
    for name, tensor in signature.inputs.items():
        shape = [batch, *(d.size for d in tensor.tensor_shape.dim[1:])]
        fill = 128 if tensor.dtype == DT_UINT8 else _VALUES.get(name, 0)
        if tensor.dtype == DT_STRING:
            fill = tf.io.encode_png(tf.fill([1, 1, 1], tf.constant(128, tf.uint8))).numpy()
        values[name] = np.full(shape, fill, tf.as_dtype(tensor.dtype).as_numpy_dtype)
    return values
