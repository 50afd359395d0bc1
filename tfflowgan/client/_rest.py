"""TF Serving's REST interface, in its columnar format.

https://www.tensorflow.org/tfx/serving/api_rest
"""

import base64
import contextlib
import json

import numpy as np
import requests

from tfflowgan.client._errors import ServerAway, UnknownModel, WrongInput
from tfflowgan.client.error_messages import sentence

__all__ = ["Rest"]

_DTYPES = {  # NumPy chooses for any other
    "DT_FLOAT": np.float32,
    "DT_DOUBLE": np.float64,
    "DT_INT64": np.int64,
    "DT_UINT8": np.uint8,
}


class Rest:
    """One model of one server."""

    def __init__(self, address: str, model: str, version: int | None, timeout: float):
        """Makes the session; the arguments are those of `Client`."""
        self._address = address if "://" in address else f"http://{address}"
        self._model = model if version is None else f"{model}, version {version}"
        self._timeout = timeout
        self._url = f"{self._address.rstrip('/')}/v1/models/{model}"
        if version is not None:
            self._url += f"/versions/{version}"
        self._session = requests.Session()
        self._known = None

    def call(self, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Sends one request; see `Client.call`."""
        outputs = self._output_dtypes(signature)
        values = {name: _for_json(value) for name, value in inputs.items()}
        # NaN is sent as NaN, and the model's own check refuses it
        body = json.dumps({"signature_name": signature, "inputs": values})
        with self._expected():
            found = self._answer("POST", f"{self._url}:predict", body)["outputs"]
            if len(outputs) == 1 and not isinstance(found, dict):
                # TF Serving leaves out the name of a single output
                found = {name: found for name in outputs}
            return {name: np.asarray(found[name], dtype) for name, dtype in outputs.items()}

    def close(self) -> None:
        """Closes the connection."""
        self._session.close()

    def image_shape(self) -> tuple[int, int, int]:
        """The shape (H, W, C) of the model's images."""
        signature = self._signature("bits_per_dim")
        with self._expected():
            _, height, width, channels = signature["inputs"]["images"]["tensor_shape"]["dim"]
            return int(height["size"]), int(width["size"]), int(channels["size"])

    def _output_dtypes(self, signature):
        """The dtype of each output by name."""
        known = self._signature(signature)
        with self._expected():
            return {name: _DTYPES.get(info["dtype"]) for name, info in known["outputs"].items()}

    def _signature(self, name):
        """What the server says of a signature; it is asked once for all."""
        if self._known is None:
            with self._expected():
                metadata = self._answer("GET", f"{self._url}/metadata")["metadata"]
                signatures = metadata["signature_def"]["signature_def"]
                # those that begin like this are TensorFlow's own
                self._known = {k: v for k, v in signatures.items() if not k.startswith("__")}
        if name not in self._known:
            known = ", ".join(sorted(self._known))
            raise UnknownModel(f"the model {self._model} has no signature {name}; it has {known}.")
        return self._known[name]

    @contextlib.contextmanager
    def _expected(self):
        """Raises `ServerAway` if the block cannot read an answer as TF Serving's."""
        try:
            yield
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ServerAway(
                f"what answers at {self._address} is not TF Serving's REST interface (8501 by "
                "default)."
            ) from None

    def _answer(self, method, url, body=None):
        try:
            response = self._session.request(method, url, data=body, timeout=self._timeout)
        except requests.Timeout:
            raise ServerAway(
                f"{self._address} has not answered within {self._timeout:g} seconds."
            ) from None
        except requests.RequestException as error:
            reason = "" if isinstance(error, requests.ConnectionError) else f" ({error})"
            raise ServerAway(
                f"no server answers at {self._address} by REST (8501 by default){reason}; is TF "
                "Serving running there?"
            ) from None
        with self._expected():
            answer = json.loads(response.text)
            if response.ok:
                return answer
            message = sentence(answer["error"])
        if response.status_code == 404:
            raise UnknownModel(
                f"the server at {self._address} has no model {self._model}: {message}"
            )
        if response.status_code == 400:
            raise WrongInput(f"the model {self._model} refuses the input: {message}")
        raise ServerAway(
            f"the server at {self._address} cannot answer now (status {response.status_code}): "
            f"{message}"
        )


def _for_json(values):
    """An array as JSON; strings of bytes in base64, as TF Serving has them."""
    if values.dtype != object:
        return values.tolist()
    return [{"b64": base64.b64encode(value).decode()} for value in values]
