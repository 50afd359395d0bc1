"""TF Serving's gRPC interface, `PredictionService.Predict`."""

import re

import grpc
import numpy as np
import tensorflow as tf
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    model_pb2,
    predict_pb2,
    prediction_service_pb2_grpc,
)

from tfflowgan.client._errors import ServerAway, UnknownModel, WrongInput
from tfflowgan.client.error_messages import sentence

__all__ = ["Grpc"]

_UNLIMITED = -1  # by default gRPC refuses answers of more than 4 MB
_UNREACHABLE = re.compile("connect|resolution|Socket closed|GOAWAY", re.IGNORECASE)


class Grpc:
    """One model of one server, over an unencrypted channel."""

    def __init__(self, address: str, model: str, version: int | None, timeout: float):
        """Makes the channel; the arguments are those of `Client`."""
        self._address, self._model = address, model
        self._version, self._timeout = version, timeout
        sizes = [(f"grpc.max_{way}_message_length", _UNLIMITED) for way in ("send", "receive")]
        self._channel = grpc.insecure_channel(address, options=sizes)
        self._stub = prediction_service_pb2_grpc.PredictionServiceStub(self._channel)

    def call(self, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Sends one request; see `Client.call`."""
        request = predict_pb2.PredictRequest(model_spec=self._spec(signature_name=signature))
        for name, value in inputs.items():
            request.inputs[name].CopyFrom(tf.make_tensor_proto(value))
        try:
            answer = self._stub.Predict(request, timeout=self._timeout)
        except grpc.RpcError as error:
            raise self._explained(error) from None
        return {name: tf.make_ndarray(value) for name, value in answer.outputs.items()}

    def image_shape(self) -> tuple[int, int, int]:
        """The shape (H, W, C) of the model's images."""
        request = get_model_metadata_pb2.GetModelMetadataRequest(
            model_spec=self._spec(), metadata_field=["signature_def"]
        )
        try:
            answer = self._stub.GetModelMetadata(request, timeout=self._timeout)
        except grpc.RpcError as error:
            raise self._explained(error) from None
        known = get_model_metadata_pb2.SignatureDefMap()
        answer.metadata["signature_def"].Unpack(known)
        if "bits_per_dim" not in known.signature_def:
            raise UnknownModel(f"the model {self._model} has no signature bits_per_dim.")
        images = known.signature_def["bits_per_dim"].inputs["images"]
        height, width, channels = (dim.size for dim in images.tensor_shape.dim[1:])
        return height, width, channels

    def _spec(self, **more):
        spec = model_pb2.ModelSpec(name=self._model, **more)
        if self._version is not None:
            spec.version.value = self._version
        return spec

    def close(self) -> None:
        """Closes the channel."""
        self._channel.close()

    def _explained(self, error):
        """The client's exception for one of gRPC's."""
        code, reason = error.code(), sentence(error.details() or "")
        model = self._model if self._version is None else f"{self._model}, version {self._version}"
        if code == grpc.StatusCode.DEADLINE_EXCEEDED:
            return ServerAway(f"{self._address} has not answered within {self._timeout:g} seconds.")
        if code == grpc.StatusCode.UNAVAILABLE and _UNREACHABLE.search(reason):
            return ServerAway(
                f"no server answers at {self._address} by gRPC (8500 by default); is TF Serving "
                "running there?"
            )
        if code == grpc.StatusCode.NOT_FOUND:
            return UnknownModel(f"the server at {self._address} has no model {model}: {reason}")
        if code == grpc.StatusCode.FAILED_PRECONDITION and "signature" in reason.lower():
            return UnknownModel(f"the model {self._model} cannot answer this: {reason}")
        if code in (
            grpc.StatusCode.INVALID_ARGUMENT,
            grpc.StatusCode.FAILED_PRECONDITION,  # from batching
        ):
            return WrongInput(f"the model {self._model} refuses the input: {reason}")
        return ServerAway(
            f"the server at {self._address} cannot answer now ({code.name}): {reason}"
        )
