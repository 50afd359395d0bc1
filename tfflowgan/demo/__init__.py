"""A local web page to look at exported models with; `bin/demo` opens it."""

from tfflowgan.demo._model import Shown
from tfflowgan.demo._page import launch, page

__all__ = ["Shown", "launch", "page"]
