"""Configuration files of TF Serving for a folder of models.

    FOLDER/models.config      every NAME that has a version, under its name
    FOLDER/batching.config    merge the requests that arrive within two milliseconds, up to 64 rows

The server is started with `--model_config_file` and `--enable_batching --batching_parameters_file`; `compose.yaml` does it.
"""

import os
import pathlib

from google.protobuf import text_format

from tfflowgan.errors import UserError
from tfflowgan.files import write_atomically
from tfflowgan.model_versions import versions

__all__ = ["write"]

_BATCHING = """\
# Requests for one signature of one model that wait at the same time become one batch.
max_batch_size { value: 64 }  # rows; a request with more is refused
batch_timeout_micros { value: 2000 }  # how long the first waits for others
max_enqueued_batches { value: 1000 }
num_batch_threads { value: 4 }  # batches at a time; as many as the server has cores is a good start
"""


def write(folder: str | os.PathLike, root: str) -> tuple[list[str], list[pathlib.Path]]:
    """Writes both files, each whole or not at all: a server may read the first again while it runs.

    Args:
      folder: of models, NAME/VERSION/.
      root: where the server finds that folder, an absolute path, such as /models in a container.

    Returns:
      The models' names and the files' paths.

    Raises:
      UserError: there is no model, or the folder cannot be written.
    """
    from tensorflow_serving.config.model_server_config_pb2 import ModelServerConfig

    folder = pathlib.Path(folder)
    names = sorted(p.name for p in folder.iterdir() if versions(p)) if folder.is_dir() else []
    if not names:
        raise UserError(f"--serving_config={folder} holds no model, NAME/VERSION/saved_model.pb.")
    config = ModelServerConfig()
    for name in names:
        config.model_config_list.config.add(name=name, base_path=f"{root.rstrip('/')}/{name}", model_platform="tensorflow")
    texts = {
        folder / "models.config": text_format.MessageToString(config),
        folder / "batching.config": _BATCHING,
    }
    try:
        for path, text in texts.items():
            write_atomically(path, text)
    except OSError as error:
        raise UserError(f"--serving_config={folder} cannot be written: {error.strerror}.") from None
    return names, list(texts)
