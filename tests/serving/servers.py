"""Stand-ins for TF Serving on loopback: its REST and gRPC interfaces as documented, in front of the
C++ runtime.
"""

import base64
import concurrent.futures
import contextlib
import http.server
import json
import re
import threading

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf import json_format
from tensorflow_serving.apis import get_model_metadata_pb2, prediction_service_pb2_grpc

from tests.serving.runtime import request

_PATH = re.compile(
    r"^/v1/models/(?P<model>\w+)(/versions/(?P<version>\d+))?(?P<what>:predict|/metadata)$"
)
_MISSING = "Servable not found for request: Latest({})"


def _decoded(values):
    """An input of JSON, with its strings of bytes, {"b64": ...}, as bytes."""
    if values and isinstance(values[0], dict):
        return [base64.b64decode(value["b64"], validate=True) for value in values]
    return values


class Refusal(Exception):
    """A gRPC status to answer with, in place of the model."""

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


@contextlib.contextmanager
def rest(runtime):
    """Serves the model "small", version 1; gives the address and the bodies it was sent."""
    bodies = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            known = get_model_metadata_pb2.SignatureDefMap()
            for name, signature in runtime.meta_graph.signature_def.items():
                known.signature_def[name].CopyFrom(signature)
            found = json_format.MessageToDict(known, preserving_proto_field_name=True)
            self._answer(
                lambda: {"model_spec": {"name": "small"}, "metadata": {"signature_def": found}}
            )

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bodies.append(body)
            self._answer(lambda: {"outputs": _predict(body)})

        def _answer(self, make):
            path = _PATH.match(self.path)
            try:
                if path is None:
                    status, answer = (
                        400,
                        {"error": f"Malformed request: {self.command} {self.path}"},
                    )
                elif path["model"] != "small" or path["version"] not in (None, "1"):
                    status, answer = 404, {"error": _MISSING.format(path["model"])}
                else:
                    status, answer = 200, make()
            except tf.errors.OpError as error:
                status, answer = 400, {"error": error.message}
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    def _predict(body):
        signature = runtime.meta_graph.signature_def[body["signature_name"]]
        dtypes = {
            name: tf.as_dtype(info.dtype).as_numpy_dtype for name, info in signature.inputs.items()
        }
        values = {
            name: np.asarray(_decoded(value), dtypes.get(name))
            for name, value in body["inputs"].items()
        }
        outputs = runtime.predict(request(body["signature_name"], values)).outputs
        found = {name: tf.make_ndarray(value).tolist() for name, value in outputs.items()}
        return (
            found if len(found) > 1 else found.popitem()[1]
        )  # as documented: a single output comes without its name

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"127.0.0.1:{server.server_port}", bodies
    finally:
        server.shutdown()
        server.server_close()


@contextlib.contextmanager
def grpc_server(runtime):
    """The same by gRPC; gives the address and the requests it was sent."""
    requests = []

    class Servicer(prediction_service_pb2_grpc.PredictionServiceServicer):
        def Predict(self, message, context):
            requests.append(message)
            spec = message.model_spec
            if spec.name != "small" or (spec.HasField("version") and spec.version.value != 1):
                context.abort(grpc.StatusCode.NOT_FOUND, _MISSING.format(spec.name))
            if spec.signature_name not in runtime.meta_graph.signature_def:
                text = f'Serving signature key "{spec.signature_name}" not found.'
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, text)
            try:
                return runtime.predict(message)
            except Refusal as refusal:
                context.abort(refusal.code, str(refusal))
            except tf.errors.InvalidArgumentError as error:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, error.message)

        def GetModelMetadata(self, message, context):
            assert message.model_spec.name == "small"
            known = get_model_metadata_pb2.SignatureDefMap()
            for name, signature in runtime.meta_graph.signature_def.items():
                known.signature_def[name].CopyFrom(signature)
            answer = get_model_metadata_pb2.GetModelMetadataResponse()
            answer.metadata["signature_def"].Pack(known)
            return answer

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(2))
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Servicer(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", requests
    finally:
        server.stop(None)
