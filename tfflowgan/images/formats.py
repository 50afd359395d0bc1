"""Which files Pillow opens, by their endings; HEIC and HEIF too if pillow-heif is installed."""

import contextlib
import functools
import importlib

from PIL import Image

__all__ = ["HEIF_ENDINGS", "endings"]

HEIF_ENDINGS = frozenset({".heic", ".heif", ".hif"})

# Pillow names them but has no decoder for their pixels; of EPS, it would start Ghostscript.
_NO_PICTURES = {"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "PDF", "WMF"}


@functools.cache
def endings() -> frozenset[str]:
    """The endings of files that can be read, in lower case with their dot."""
    with contextlib.suppress(ImportError):
        importlib.import_module("pillow_heif").register_heif_opener()
    Image.init()
    known = Image.registered_extensions()
    return frozenset(
        ending for ending, kind in known.items() if kind in Image.OPEN and kind not in _NO_PICTURES
    )
