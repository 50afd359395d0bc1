"""TF Serving's REST interface (https://www.tensorflow.org/tfx/serving/api_rest), in its columnar format."""

import contextlib
import json

import numpy as np
import requests

from tfflowgan.client._errors import ServerAway, UnknownModel, WrongInput
from tfflowgan.client.error_messages import sentence

__all__ = ["Rest"]


class Rest:
    """One model of one server."""

    def __init__(self, address: str, model: str, version: int | None, timeout: float):
        """Takes what `Client` takes."""
        self._address = address if "://" in address else f"http://{address}"
        self._model, self._timeout = model if version is None else f"{model}, version {version}", timeout
        self._url = f"{self._address.rstrip('/')}/v1/models/{model}" + (f"/versions/{version}" if version is not None else "")
        self._session = requests.Session()
        self._outputs = None

    def call(self, signature: str, inputs: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """One request."""
        outputs = self._names_of_outputs(signature)
        values = {name: value.tolist() for name, value in inputs.items()}
        body = json.dumps({"signature_name": signature, "inputs": values})  # NaN is sent as NaN, and the model says what it is
        with self._expected():
            found = self._answer("POST", f"{self._url}:predict", body)["outputs"]
            if len(outputs) == 1 and not isinstance(found, dict):  # a single output comes without its name
                found = {name: found for name in outputs}
            return {name: np.asarray(found[name], dtype) for name, dtype in outputs.items()}

    def close(self) -> None:
        """Closes the connection."""
        self._session.close()

    def _names_of_outputs(self, signature):
        """Name -> dtype."""
        if self._outputs is None:
            with self._expected():
                metadata = self._answer("GET", f"{self._url}/metadata")["metadata"]
                self._outputs = {
                    name: {output: _dtype(info["dtype"]) for output, info in known["outputs"].items()}
                    for name, known in metadata["signature_def"]["signature_def"].items()
                    if not name.startswith("__")  # TensorFlow's own
                }
        if signature not in self._outputs:
            known = ", ".join(sorted(self._outputs))
            raise UnknownModel(f"the model {self._model} has no signature {signature}; it has {known}.")
        return self._outputs[signature]

    @contextlib.contextmanager
    def _expected(self):
        """Says so where an answer is not as TF Serving's are."""
        try:
            yield
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ServerAway(f"what answers at {self._address} is not TF Serving's REST interface (8501 by default).") from None

    def _answer(self, method, url, body=None):
        try:
            response = self._session.request(method, url, data=body, timeout=self._timeout)
        except requests.Timeout:
            raise ServerAway(f"{self._address} has not answered within {self._timeout:g} seconds.") from None
        except requests.RequestException as error:
            reason = "" if isinstance(error, requests.ConnectionError) else f" ({error})"
            raise ServerAway(
                f"no server answers at {self._address} by REST (8501 by default){reason}; is TF Serving running there?"
            ) from None
        with self._expected():
            answer = json.loads(response.text)
            if response.ok:
                return answer
            message = sentence(answer["error"])
        if response.status_code == 404:
            raise UnknownModel(f"the server at {self._address} has no model {self._model}: {message}")
        if response.status_code == 400:
            raise WrongInput(f"the model {self._model} refuses the input: {message}")
        raise ServerAway(f"the server at {self._address} cannot answer now (status {response.status_code}): {message}")


def _dtype(name):
    return {"DT_FLOAT": np.float32, "DT_DOUBLE": np.float64, "DT_INT64": np.int64, "DT_UINT8": np.uint8}.get(name)
