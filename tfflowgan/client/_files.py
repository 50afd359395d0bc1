"""Image files as the bytes that a served model decodes itself, a request's worth at a time."""

import io
import os
import pathlib
from collections.abc import Callable, Iterable, Iterator

from tfflowgan.client._errors import WrongInput
from tfflowgan.client._images import read_images
from tfflowgan.images.encoded import broken_rule

__all__ = ["requests_of"]

_TOGETHER = 2**25  # bytes of a request's files, unless one alone has more


def requests_of(
    paths: Iterable[str | os.PathLike], rows: int, image_shape: Callable[[], tuple[int, int, int]]
) -> Iterator[list[bytes]]:
    """Files in groups of at most `rows`, read when they are needed.

    A file that the model would read otherwise than training is read here, by `read_images`, and
    sent as a PNG of the model's size, which is lossless: its pixels are the same.

    Args:
      paths: of the files, one image each.
      rows: the largest number of files in a group.
      image_shape: asks for the model's (H, W, C), if a file must be converted.

    Raises:
      WrongInput: a file cannot be read as one image.
    """
    group: list[bytes] = []
    for path in paths:
        content = _content(pathlib.Path(path), image_shape)
        if group and (len(group) == rows or sum(map(len, group)) + len(content) > _TOGETHER):
            yield group
            group = []
        group.append(content)
    if group:
        yield group


def _content(path, image_shape):
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WrongInput(f"{path} cannot be read: {error.strerror}.") from None
    if broken_rule(content) is None:
        return content
    (pixels,) = read_images([path], image_shape())
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels).save(file, "PNG")
    return file.getvalue()
