"""Checks a real TensorFlow Serving in at most ten minutes; writes one JSON to send in.

    python -m checks.serving [--server=docker] [--output=check-serving.json]

`--server=docker` starts the image of compose.yaml (`--version`, its tag), `--server=PATH` a binary
tensorflow_model_server. Models are exported into a temporary folder and served on loopback.

answers      every method of the client by REST and by gRPC, beside the flow itself
refusals     input that the graph refuses, and a model that is not there, in one sentence
files        the curl command of docs/guides/serving.md for score_encoded
health       health.sh, before and after
metrics      Prometheus' page of monitoring.config
versions     a new version takes over while requests come
"""

import argparse
import logging
import pathlib
import sys
import tempfile

from checks import serving_lines as lines_of
from checks.lines import Lines
from checks.serving_servers import Server, start
from tfflowgan import tf32
from tfflowgan.errors import UserError
from tfflowgan.extras import require

__all__ = ["check", "main"]

_SECONDS = 480.0


def main() -> int:
    """Runs the check; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--output", default="check-serving.json", help="the JSON file")
    parser.add_argument("--server", default="docker", help="docker, or a binary's path")
    parser.add_argument("--version", default="latest", help="the tag of docker's image")
    values = parser.parse_args()
    try:
        require("tensorflow_serving.apis.predict_pb2", "serving", "check-serving")
        with tempfile.TemporaryDirectory() as folder, tf32.allowed(False):
            root = "/models" if values.server == "docker" else folder
            models = lines_of.Models(pathlib.Path(folder), root)
            with start(values.server, values.version, pathlib.Path(folder)) as server:
                return check(server, models, pathlib.Path(values.output))
    except UserError as error:
        print(f"checks.serving: {error}", file=sys.stderr)
        return 1


def check(server: Server, models: lines_of.Models, output: pathlib.Path) -> int:
    """Asks a server that serves the models; gives the exit code.

    Args:
      server: where it is.
      models: what it serves.
      output: the JSON file.
    """
    lines = Lines("serving", output, _SECONDS, server=server.what, version=server.version)
    for protocol, address in (("rest", server.rest), ("grpc", server.grpc)):
        lines.run(
            f"answers by {protocol}", lambda p=protocol, a=address: lines_of.answers(models, p, a)
        )
        lines.run(
            f"refusals by {protocol}", lambda p=protocol, a=address: lines_of.refusals(models, p, a)
        )
    lines.run("score_encoded by curl", lambda: lines_of.curl(models, server.rest))
    lines.run("health.sh", lambda: lines_of.health(models, server.rest))
    lines.run("metrics", lambda: lines_of.metrics(server.rest))
    lines.run("a new version", lambda: lines_of.new_version(models, server.rest))
    return lines.finish()


if __name__ == "__main__":
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # of retracing
    sys.exit(main())
