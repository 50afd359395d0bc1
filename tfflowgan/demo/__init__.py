"""A local web page that shows exported models; `bin/demo` opens it."""

import os

from tfflowgan.extras import require

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # Gradio reports its use otherwise
require("gradio", "demo", "bin/demo")

from tfflowgan.demo._model import Shown  # noqa: E402
from tfflowgan.demo._page import launch, page  # noqa: E402

__all__ = ["Shown", "launch", "page"]
