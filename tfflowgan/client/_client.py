"""The signatures of a served model as methods."""

import operator

import numpy as np

from tfflowgan.client._errors import WrongInput
from tfflowgan.errors import UserError

__all__ = ["Client"]

_PORTS = {"rest": 8501, "grpc": 8500}


class Client:
    """Asks one model. Arrays in and out are NumPy's, the batch first; each method raises what the package names."""

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
          model: its name on the server.
          address: "host:port"; for REST also a URL, such as one with https. By default localhost, port 8501 or, for gRPC, 8500.
          protocol: "rest" or "grpc".
          version: of the model; by default the server's newest.
          timeout: seconds to wait for an answer.
          rows: of a request at most; longer inputs are sent in several (TF Serving's batching refuses too many).

        Raises:
          UserError: no such protocol, or the numbers make no sense.
        """
        if protocol not in _PORTS:
            raise UserError(f"protocol={protocol!r} is not known; it can be rest or grpc.")
        if rows < 1 or timeout <= 0:
            raise UserError(f"rows={rows} and timeout={timeout} must be positive.")
        address = address or f"localhost:{_PORTS[protocol]}"
        if protocol == "rest":
            from tfflowgan.client._rest import Rest as Transport
        else:
            from tfflowgan.client._grpc import Grpc as Transport
        self._transport, self._rows = Transport(address, model, version, timeout), rows

    def log_prob(self, images) -> np.ndarray:
        """Log-densities on [0, 1]^D.

        Args:
          images: dequantised, `[B, H, W, C]`.

        Returns:
          Nats per image, float32 `[B]`.
        """
        return self.call("log_prob", images=_floats(images, "images"))["log_prob"]

    def bits_per_dim(self, images, seed: int = 0) -> np.ndarray:
        """Bits per dimension of 8-bit images, the mean over draws of their noise.

        Args:
          images: uint8 `[B, H, W, C]`.
          seed: of the noise, with the image's place.

        Returns:
          float32 `[B]`.
        """
        images = _array(images, "images")
        if images.dtype != np.uint8:
            raise WrongInput(f"images are {images.dtype} where bits_per_dim takes uint8; log_prob takes dequantised values.")
        return self.call("bits_per_dim", images=images, seeds=_seeds(seed, len(images)))["bits_per_dim"]

    def sample(self, n: int, seed: int = 0, temperature: float = 1.0) -> tuple[np.ndarray, np.ndarray | None]:
        """Draws images, those of `Flow.sample`.

        Args:
          n: how many.
          seed: 0 to 2^31 - 1; image i depends on it and i alone.
          temperature: of the latents, or one an image `[n]`.

        Returns:
          Images `[n, H, W, C]` and their nats `[n]` at temperature 1; None in place of these where there is no density.
        """
        n = _whole(n, "n")
        if n < 1:
            raise WrongInput(f"n={n} must be at least 1.")
        answer = self.call("sample", seeds=_seeds(seed, n), temperature=_one_a_row(temperature, n, "temperature"))
        return answer["images"], answer.get("log_prob")

    def encode(self, images) -> np.ndarray:
        """Latents `[B, D]` of dequantised images `[B, H, W, C]`."""
        return self.call("encode", images=_floats(images, "images"))["latents"]

    def decode(self, latents) -> tuple[np.ndarray, np.ndarray]:
        """Images `[B, H, W, C]` of latents `[B, D]`, and their nats `[B]`."""
        answer = self.call("decode", latents=_floats(latents, "latents"))
        return answer["images"], answer["log_prob"]

    def reconstruct(self, images, keep, seed: int = 0) -> np.ndarray:
        """Images from the first share of their latents, the others drawn.

        Args:
          images: dequantised, `[B, H, W, C]`.
          keep: a share from 0 to 1, or one an image `[B]`.
          seed: of the latents drawn, with the image's place.

        Returns:
          `[B, H, W, C]`.
        """
        images = _floats(images, "images")
        keep = _one_a_row(keep, len(images), "keep")
        return self.call("reconstruct", images=images, seeds=_seeds(seed, len(images)), keep=keep)["images"]

    def call(self, signature: str, **inputs) -> dict[str, np.ndarray]:
        """Calls any signature by name, with its inputs by name, in as many requests as they need.

        Args:
          signature: such as "serving_default".
          **inputs: arrays with the batch first.

        Returns:
          Its outputs by name.
        """
        inputs = {name: _array(value, name) for name, value in inputs.items()}
        sizes = {name: len(value) if value.ndim else None for name, value in inputs.items()}
        if not inputs or None in sizes.values():
            raise WrongInput(f"every input of {signature} must be an array with the batch first.")
        if len(set(sizes.values())) > 1:
            raise WrongInput(f"inputs differ in length: {', '.join(f'{name} {size}' for name, size in sizes.items())}.")
        size = max(sizes.values())
        if size == 0:
            raise WrongInput("the batch is empty.")
        parts = []
        for start in range(0, size, self._rows):
            piece = slice(start, start + self._rows)
            try:
                parts.append(self._transport.call(signature, {name: value[piece] for name, value in inputs.items()}))
            except WrongInput as error:
                where = f" (rows counted from row {start} of yours)" if start else ""
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
        raise WrongInput(f"{name} are {values.dtype} where floating-point values are due; bits_per_dim takes uint8 images.")
    if values.ndim == 0:
        raise WrongInput(f"{name} must be an array with the batch first.")
    return values.astype(np.float32)


def _one_a_row(values, rows, name):
    try:
        return np.broadcast_to(np.asarray(values, np.float32), [rows])
    except (TypeError, ValueError):
        raise WrongInput(f"{name} must be a number, or {rows}, one a row.") from None


def _whole(value, name):
    try:
        return operator.index(value)
    except TypeError:
        raise WrongInput(f"{name}={value} must be a whole number.") from None


def _seeds(seed, n):
    """Those of `tfflowgan.generators.image_seeds`."""
    seed = _whole(seed, "seed")
    if not 0 <= seed < 2**31:
        raise WrongInput(f"seed={seed} must lie in 0..{2**31 - 1}.")
    return (seed << 32) + np.arange(n, dtype=np.int64)
