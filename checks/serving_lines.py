"""What a server of two small models is asked, and what it should answer."""

import base64
import io
import json
import pathlib
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from typing import Any

import keras
import numpy as np
import PIL.Image

import tfflowgan
from checks.lines import Failed
from tfflowgan.client import Client, UnknownModel, WrongInput
from tfflowgan.serving import tf_serving_config

__all__ = ["Models", "answers", "curl", "health", "metrics", "new_version", "refusals"]

_SHAPE = (4, 4, 1)
_SAME = 1e-5  # of the largest value
_WAIT = 60.0  # seconds for a new version


class Models:
    """Two small exported flows, "small" and "other", with the server's configuration.

    Attributes:
      folder: holds NAME/VERSION and the configuration.
      flow: "small".
    """

    def __init__(self, folder: pathlib.Path, root: str = "/models") -> None:
        """Exports the models.

        Args:
          folder: empty.
          root: where the server finds it.
        """
        self.folder, self.flow = folder, _flow(0)
        for name, flow in (("small", self.flow), ("other", _flow(1))):
            tfflowgan.export(flow, folder / name)
        tf_serving_config.write(folder, root)


def answers(models: Models, protocol: str, address: str) -> dict[str, Any]:
    """Every method of the client, beside the flow.

    Raises:
      Failed: an answer differs.
    """
    flow, images = models.flow, _images(5)
    pixels = np.floor(images * 256).astype(np.uint8)
    with Client("small", address, protocol) as client:
        drawn, nats = client.sample(5, seed=3, temperature=0.8)
        latents = client.encode(images)
        decoded, decoded_nats = client.decode(latents)
        bits = client.bits_per_dim(pixels, seed=1)
        expected, expected_nats = flow.sample_and_log_prob(5, 3, 0.8)
        pairs = {
            "log_prob": (client.log_prob(images), flow.log_prob(images)),
            "sample": (drawn, expected),
            "sample's log_prob": (nats, expected_nats),
            "encode": (latents, flow.encode(images)),
            "decode": (decoded, images),
            "decode's log_prob": (decoded_nats, flow.log_prob(images)),
            "reconstruct": (client.reconstruct(images, keep=1.0), images),
            "bits_per_dim again": (client.bits_per_dim(pixels, seed=1), bits),
            "long input": (client.log_prob(np.repeat(images, 30, 0))[::30], flow.log_prob(images)),
        }
    differences = {name: _difference(*pair) for name, pair in pairs.items()}
    worst = max(differences, key=lambda name: differences[name])
    if not differences[worst] <= 10 * _SAME:
        raise Failed(f"{worst} differs by {differences[worst]:.2g}", differences)
    if not (np.isfinite(bits).all() and len(bits) == 5):
        raise Failed("bits_per_dim is not finite", differences)
    return differences


def refusals(models: Models, protocol: str, address: str) -> dict[str, Any]:
    """Input that means nothing, and a model that is not there.

    Raises:
      Failed: it was answered, or refused by another error.
    """
    said = {}
    for name, model, images, error in (
        ("not finite", "small", np.full((2, *_SHAPE), np.nan), WrongInput),
        ("wrong shape", "small", np.zeros((2, 5, 4, 1)), WrongInput),
        ("unknown model", "nowhere", _images(1), UnknownModel),
    ):
        try:
            with Client(model, address, protocol) as client:
                client.log_prob(images)
        except error as refused:
            said[name] = str(refused)
            continue
        raise Failed(f"{name} was answered", said)
    return said


def curl(models: Models, rest: str) -> dict[str, Any]:
    """The command of docs/guides/serving.md that scores a file.

    Raises:
      Failed: there is no curl, or the answer is not the flow's.
    """
    program = shutil.which("curl")
    if program is None:
        raise Failed("curl is not on the PATH")
    file, picture = io.BytesIO(), np.full(_SHAPE[:2], 90, np.uint8)
    PIL.Image.fromarray(picture).save(file, "PNG")
    body = {"signature_name": "score_encoded"}
    encoded = base64.b64encode(file.getvalue()).decode()
    body |= {"inputs": {"seeds": [0], "encoded_bytes": [{"b64": encoded}]}}
    url = f"http://{rest}/v1/models/small:predict"
    asked = [program, "--silent", "-X", "POST", url, "-d", "@-"]
    done = subprocess.run(
        asked, input=json.dumps(body), capture_output=True, text=True, check=False
    )
    try:
        (bits,) = json.loads(done.stdout)["outputs"]
    except (ValueError, LookupError, TypeError):
        raise Failed(f"the answer was {done.stdout[:200]!r}") from None
    with Client("small", rest) as client:
        expected = float(client.bits_per_dim(picture[None, ..., None], seed=0)[0])
    numbers = {"curl": bits, "bits_per_dim": expected}
    if not abs(bits - expected) <= 1e-4:
        raise Failed("the file scores otherwise than its pixels", numbers)
    return numbers


def health(models: Models, rest: str) -> dict[str, Any]:
    """health.sh, of the server and of a port where none is.

    Raises:
      Failed: its exit code is not what it should be.
    """
    script, codes = models.folder / "health.sh", {}
    for name, port in (("server", rest.rpartition(":")[2]), ("nowhere", "1")):
        done = subprocess.run(["bash", str(script), port], capture_output=True, check=False)
        codes[name] = done.returncode
    if codes["server"] != 0 or codes["nowhere"] == 0:
        raise Failed("health.sh is wrong about the server", codes)
    return codes


def metrics(rest: str) -> dict[str, Any]:
    """Prometheus' page.

    Raises:
      Failed: it is not there, or counts no requests.
    """
    try:
        with urllib.request.urlopen(
            f"http://{rest}/monitoring/prometheus/metrics", timeout=20
        ) as answer:
            text = answer.read().decode()
    except (OSError, urllib.error.URLError) as error:
        raise Failed(f"the page cannot be read: {error}") from None
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    if not any("request" in line and "small" in line for line in lines):
        raise Failed("no line counts requests of the model", {"lines": len(lines)})
    return {"lines": len(lines)}


def new_version(models: Models, rest: str) -> dict[str, Any]:
    """Exports another version, and asks until it answers; every request must be answered.

    Raises:
      Failed: a request failed, or the version did not come.
    """
    flow, images, begin = _flow(2), _images(3), time.monotonic()
    tfflowgan.export(flow, models.folder / "small")
    expected, asked = flow.log_prob(images), 0
    while time.monotonic() - begin < _WAIT:
        with Client("small", rest) as client:
            asked += 1
            if _difference(client.log_prob(images), expected) <= _SAME:
                return {"seconds": round(time.monotonic() - begin, 1), "requests": asked}
        time.sleep(0.1)
    raise Failed(f"version 2 did not answer within {_WAIT:.0f} s", {"requests": asked})


def _flow(seed):
    keras.utils.set_random_seed(seed)
    flow = tfflowgan.build("nice", _SHAPE, width=6, layers=1, couplings=2, logit_alpha=0.05)
    generator = np.random.default_rng(seed)
    for weight in flow.trainable_variables:
        value = np.asarray(weight)
        weight.assign(value + 0.1 * generator.standard_normal(value.shape))
    return flow


def _images(count):
    values = np.random.default_rng(9).uniform(0.05, 0.95, (count, *_SHAPE))
    return values.astype(np.float32)


def _difference(found, expected):
    """The greatest difference, relative to the greatest value."""
    found, expected = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    if found.shape != expected.shape:
        return float("inf")
    return float(np.abs(found - expected).max() / np.abs(expected).max())
