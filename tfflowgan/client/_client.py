"""The signatures of a served model, as methods."""

import operator
import os
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from tfflowgan.client._errors import WrongInput
from tfflowgan.client._files import requests_of
from tfflowgan.errors import UserError
from tfflowgan.extras import require

__all__ = ["Client"]

_PORTS = {"rest": 8501, "grpc": 8500}


class Client:
    """A client of one model. Arrays are NumPy arrays, batch first.

    Every method may raise the errors that `tfflowgan.client` lists.
    """

    def __init__(
        self,
        model: str,
        address: str | None = None,
        protocol: str = "rest",
        version: int | None = None,
        timeout: float = 60.0,
        rows: int = 64,
    ):
        """Makes the client; nothing is sent yet.

        Args:
          model: the model's name on the server.
          address: "host:port" or, for REST, a URL. The default is localhost, port 8501 for REST and
            8500 for gRPC.
          protocol: "rest" or "grpc".
          version: the model's version. The default is the newest that the server has.
          timeout: seconds to wait for an answer.
          rows: the largest number of rows per request. Longer inputs are sent in several requests,
            because TF Serving's batching refuses larger ones.

        Raises:
          UserError: the protocol is not known, or a number is not positive.
          SetupError: the protocol is "grpc" and the extra "serving" is not installed.
        """
        if protocol not in _PORTS:
            raise UserError(f"protocol={protocol!r} is not known; it can be 'rest' or 'grpc'.")
        if rows < 1 or timeout <= 0:
            raise UserError(f"rows={rows} and timeout={timeout} must be positive.")
        address = address or f"localhost:{_PORTS[protocol]}"
        if protocol == "rest":
            from tfflowgan.client._rest import Rest as Transport
        else:
            for library in ("grpc", "tensorflow_serving"):
                require(library, "serving", "protocol='grpc'")
            from tfflowgan.client._grpc import Grpc as Transport
        self._transport = Transport(address, model, version, timeout)
        self._rows = rows

    def log_prob(self, images: npt.ArrayLike) -> np.ndarray:
        """Log-densities on [0, 1]^D.

        Args:
          images: dequantized, floating-point `[B, H, W, C]`.

        Returns:
          Nats per image, float32 `[B]`.
        """
        return self.call("log_prob", images=_floats(images, "images"))["log_prob"]

    def bits_per_dim(self, images: npt.ArrayLike, seed: int = 0) -> np.ndarray:
        """Bits per dimension of 8-bit images, averaged over draws of the dequantization noise.

        Args:
          images: uint8 `[B, H, W, C]`.
          seed: the noise of an image depends on it and on the image's position.

        Returns:
          Bits per dimension, float32 `[B]`.
        """
        images = _array(images, "images")
        if images.dtype != np.uint8:
            raise WrongInput(
                f"images are {images.dtype}, and bits_per_dim takes uint8; log_prob takes "
                "dequantized values."
            )
        seeds = _seeds(seed, len(images))
        return self.call("bits_per_dim", images=images, seeds=seeds)["bits_per_dim"]

    def score_files(self, paths: Iterable[str | os.PathLike], seed: int = 0) -> np.ndarray:
        """Bits per dimension of image files, as `bits_per_dim` gives for `read_images` of them.

        JPEG and PNG are sent as they are, and the model decodes them; files that it would read
        otherwise than training did are converted first, which needs Pillow.

        Args:
          paths: of the files, one image each.
          seed: the noise of an image depends on it and on the file's position.

        Returns:
          Bits per dimension, float32 `[N]`.
        """
        scores, start = [], 0
        for contents in requests_of(paths, self._rows, self._transport.image_shape):
            seeds = _seeds(seed, start + len(contents))[start:]
            try:
                answer = self.call(
                    "score_encoded", encoded_bytes=np.array(contents, object), seeds=seeds
                )
            except WrongInput as error:
                where = f" (rows are counted from row {start} of paths)" if start else ""
                raise WrongInput(f"{error}{where}") from None
            scores.append(answer["bits_per_dim"])
            start += len(contents)
        if not scores:
            raise WrongInput("paths names no images.")
        return np.concatenate(scores)

    def sample(
        self, n: int, seed: int = 0, temperature: npt.ArrayLike = 1.0
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Draws the images that `Flow.sample` draws.

        Args:
          n: number of images.
          seed: 0 to 2^31 - 1. Image i depends only on the seed and i.
          temperature: of the latents, one number or one per image `[n]`.

        Returns:
          Images float32 `[n, H, W, C]`, and their log-densities at temperature 1, in nats, float32
          `[n]`. The latter are None if the model has no density.
        """
        n = _integer(n, "n")
        if n < 1:
            raise WrongInput(f"n={n} must be at least 1.")
        temperatures = _per_row(temperature, n, "temperature")
        answer = self.call("sample", seeds=_seeds(seed, n), temperature=temperatures)
        return answer["images"], answer.get("log_prob")

    def encode(self, images: npt.ArrayLike) -> np.ndarray:
        """Latents float32 `[B, D]` of dequantized images `[B, H, W, C]`."""
        return self.call("encode", images=_floats(images, "images"))["latents"]

    def decode(self, latents: npt.ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Images `[B, H, W, C]` of latents `[B, D]`, and their log-densities in nats `[B]`."""
        answer = self.call("decode", latents=_floats(latents, "latents"))
        return answer["images"], answer["log_prob"]

    def reconstruct(self, images: npt.ArrayLike, keep: npt.ArrayLike, seed: int = 0) -> np.ndarray:
        """Keeps the first latents of each image, draws the others, and decodes.

        Args:
          images: dequantized, floating-point `[B, H, W, C]`.
          keep: the share of latents kept, 0 to 1: one number or one per image `[B]`.
          seed: the drawn latents of an image depend on it and on the image's position.

        Returns:
          Images float32 `[B, H, W, C]`.
        """
        images = _floats(images, "images")
        seeds, keep = _seeds(seed, len(images)), _per_row(keep, len(images), "keep")
        return self.call("reconstruct", images=images, seeds=seeds, keep=keep)["images"]

    def call(self, signature: str, **inputs: npt.ArrayLike) -> dict[str, np.ndarray]:
        """Calls any signature, in as many requests as the input needs.

        Args:
          signature: its name, such as "serving_default".
          **inputs: its inputs by name, arrays with the batch first.

        Returns:
          Its outputs by name, arrays with the batch first.
        """
        arrays = {name: _array(value, name) for name, value in inputs.items()}
        if not arrays or any(array.ndim == 0 for array in arrays.values()):
            raise WrongInput(f"every input of {signature} must be an array with the batch first.")
        sizes = {name: len(array) for name, array in arrays.items()}
        if len(set(sizes.values())) > 1:
            listed = ", ".join(f"{name} {size}" for name, size in sizes.items())
            raise WrongInput(f"inputs differ in length: {listed}.")
        size = max(sizes.values())
        if size == 0:
            raise WrongInput("the batch is empty.")
        parts = []
        for start in range(0, size, self._rows):
            rows = slice(start, start + self._rows)
            request = {name: array[rows] for name, array in arrays.items()}
            try:
                parts.append(self._transport.call(signature, request))
            except WrongInput as error:
                where = f" (rows are counted from row {start} of the input)" if start else ""
                raise WrongInput(f"{error}{where}") from None
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def close(self) -> None:
        """Closes the connection."""
        self._transport.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _array(values, name):
    try:
        return np.asarray(values)
    except ValueError:
        raise WrongInput(f"{name} must be an array: its rows differ in shape.") from None


def _floats(values, name):
    values = _array(values, name)
    if values.dtype.kind != "f":
        raise WrongInput(
            f"{name} are {values.dtype} and must be floating-point; bits_per_dim takes uint8 "
            "images."
        )
    if values.ndim == 0:
        raise WrongInput(f"{name} must be an array with the batch first.")
    return values.astype(np.float32)


def _per_row(values, rows, name):
    try:
        return np.broadcast_to(np.asarray(values, np.float32), [rows])
    except (TypeError, ValueError):
        raise WrongInput(f"{name} must be one number, or {rows}, one per row.") from None


def _integer(value, name):
    try:
        return operator.index(value)
    except TypeError:
        raise WrongInput(f"{name}={value} must be an integer.") from None


def _seeds(seed, n):
    """The seeds that `tfflowgan.generators.image_seeds` gives, int64 `[n]`."""
    seed = _integer(seed, "seed")
    if not 0 <= seed < 2**31:
        raise WrongInput(f"seed={seed} must lie in 0..{2**31 - 1}.")
    return (seed << 32) + np.arange(n, dtype=np.int64)
