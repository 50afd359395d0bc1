"""A client of a model behind TF Serving, by REST or by gRPC.

    client = Client("nice_mnist_mle")                                 # REST, localhost:8501
    client = Client("nice_mnist_mle", "server:8500", "grpc")
    client.log_prob(images), client.sample(16, seed=1)
    client.score_files(["a.jpg", "b.heic"])                           # JPEG and PNG as they are
    client.bits_per_dim(read_images(["a.jpg", "b.png"], image_shape=(28, 28, 1)))

Errors are one sentence each: `ServerAway`, `UnknownModel` or `WrongInput`, all of them `UserError`.
REST needs only NumPy and requests, so `pip install --no-deps .` is enough for it; gRPC needs the
extra "serving", and Pillow is needed by `read_images` and for files that must be converted.
"""

from tfflowgan.client._client import Client
from tfflowgan.client._errors import ServerAway, UnknownModel, WrongInput
from tfflowgan.client._images import read_images

__all__ = ["Client", "ServerAway", "UnknownModel", "WrongInput", "read_images"]
