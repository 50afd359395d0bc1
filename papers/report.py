"""One self-contained HTML report of the summary and all pages."""

import base64
import pathlib
import posixpath
import re
from html import unescape

import markdown

from tfflowgan.errors import UserError

__all__ = ["html"]

_HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; color: #222; }}
img {{ max-width: 100%; height: auto; }} table {{ border-collapse: collapse; display: block; overflow-x: auto; }}
td, th {{ border: 1px solid #ccc; padding: .25rem .5rem; vertical-align: top; text-align: left; }}
pre {{ background: #f6f6f6; padding: .5rem; overflow-x: auto; }} section {{ border-top: 2px solid #888; margin-top: 3rem; }}
</style></head><body>
"""


def html(output: pathlib.Path, names: list[str]) -> str:
    """All pages below the summary, with their pictures inside and links within the report.

    Args:
      output: folder of all pages.
      names: of the artefacts that have one.

    Raises:
      UserError: a page shows a picture that is not there.
    """
    parts = [_HEAD.format(title="Both papers, reproduced"), _html(output / "README.md", output, names)]
    for name in names:
        body = _html(output / f"{name}.md", output, names)
        parts.append(f'<section id="{_anchor(name)}">{body}<p><a href="#">to the summary</a></p></section>')
    return "\n".join([*parts, "</body></html>\n"])


def _html(path, output, names):
    text = markdown.markdown(path.read_text(), extensions=["tables", "sane_lists"])
    folder = path.parent.relative_to(output)

    def link(match):
        """Of a page in the report to its place there, of another file as seen from the report."""
        to = posixpath.normpath(posixpath.join(folder.as_posix(), match.group(1)))
        return f'href="#{_anchor(to[:-3])}"' if to[:-3] in names else f'href="{to}{match.group(2) or ""}"'

    text = re.sub(r'href="([^":#]+)(#[^"]*)?"', link, text)

    def inline(match):
        picture = path.parent / unescape(match.group(1))
        if not picture.exists():
            raise UserError(f"{path} shows {match.group(1)}, which is not there.")
        kind = "jpeg" if picture.suffix == ".jpg" else "png"
        return f'src="data:image/{kind};base64,{base64.b64encode(picture.read_bytes()).decode()}"'

    return re.sub(r'src="([^":]+)"', inline, text)


def _anchor(name):
    return name.replace("/", "-")
