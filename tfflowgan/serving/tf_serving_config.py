"""Configuration files of TF Serving for a folder of models.

    FOLDER/models.config      every model NAME that has a version
    FOLDER/batching.config    merges requests that arrive within two milliseconds, up to 64 rows
    FOLDER/monitoring.config  metrics for Prometheus, at REST's /monitoring/prometheus/metrics
    FOLDER/health.sh          exits with 0 if every model of models.config is available

Start the server with `--model_config_file`, `--enable_batching --batching_parameters_file` and
`--monitoring_config_file`, as `compose.yaml` does.
"""

import os
import pathlib
import shlex

from google.protobuf import text_format

from tfflowgan.errors import UserError
from tfflowgan.extras import require
from tfflowgan.files import write_atomically
from tfflowgan.model_versions import versions

__all__ = ["write"]

_BATCHING = """\
# Requests for the same signature of the same model that wait at the same time become one batch.
max_batch_size { value: 64 }  # rows; a request with more is refused
batch_timeout_micros { value: 2000 }  # how long the first request waits for others
max_enqueued_batches { value: 1000 }
num_batch_threads { value: 4 }  # batches at a time; the number of cores is a good start
"""

_MONITORING = """\
prometheus_config {
  enable: true
  path: "/monitoring/prometheus/metrics"
}
"""

_HEALTH = """\
#!/bin/bash
# Exits with 0 if the server on this machine has a version of every model: bash health.sh [PORT]
# It needs bash and grep alone, as the server's image has no curl.
for name in {names}; do
  exec 3<>"/dev/tcp/127.0.0.1/${{1:-8501}}" || exit 1
  printf '%s\\r\\n' "GET /v1/models/$name HTTP/1.1" "Host: localhost" "Connection: close" "" >&3
  grep -q '"state": "AVAILABLE"' <&3 || {{ echo "$name is not available" >&2; exit 1; }}
  exec 3<&-
done
"""


def write(folder: str | os.PathLike, root: str) -> tuple[list[str], list[pathlib.Path]]:
    """Writes all files, each atomically, since a running server may read the first again.

    Args:
      folder: the folder of the models, NAME/VERSION/.
      root: the absolute path at which the server finds that folder, such as /models in a container.

    Returns:
      The models' names and the files' paths.

    Raises:
      UserError: there is no model, or the folder cannot be written.
      SetupError: the extra "serving" is not installed.
    """
    messages = require(
        "tensorflow_serving.config.model_server_config_pb2", "serving", "--serving_config"
    )
    folder = pathlib.Path(folder)
    names = sorted(p.name for p in folder.iterdir() if versions(p)) if folder.is_dir() else []
    if not names:
        raise UserError(
            f"--serving_config={folder} must hold models, NAME/VERSION/saved_model.pb; it has none."
        )
    config = messages.ModelServerConfig()
    for name in names:
        config.model_config_list.config.add(
            name=name, base_path=f"{root.rstrip('/')}/{name}", model_platform="tensorflow"
        )
    texts = {
        folder / "models.config": text_format.MessageToString(config),
        folder / "batching.config": _BATCHING,
        folder / "monitoring.config": _MONITORING,
        folder / "health.sh": _HEALTH.format(names=" ".join(map(shlex.quote, names))),
    }
    try:
        for path, text in texts.items():
            write_atomically(path, text)
    except OSError as error:
        raise UserError(f"--serving_config={folder} cannot be written: {error.strerror}.") from None
    return names, list(texts)
