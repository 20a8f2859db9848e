"""The HTML pages of the API. They load nothing from other hosts."""

import html
import re
from importlib.resources import files
from string import Template
from typing import Final

from vehicles.entrypoints.http.problem_types import Problem

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

# The page of a summary loads nothing at all; its styles are inline.
SUMMARY_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_MEDIA_TYPES: Final = {"html": "text/html", "css": "text/css", "js": "text/javascript"}


def docs_file(path: str) -> tuple[str, bytes]:
    """Return the media type and the content of the API's documentation page, or of a file that it loads."""
    name = "index.html" if path == "/docs" else path.removeprefix("/docs/")
    return _MEDIA_TYPES[name.rpartition(".")[2]], _read(name)


def problem_page(problem: Problem) -> bytes:
    """Return the page that explains a problem type."""
    shown = {name: _marked(str(getattr(problem, name))) for name in ("type", "status", "title", "cause", "resolution")}
    return Template(_read("problem.html").decode()).substitute(shown).encode()


def _read(name: str) -> bytes:
    # swagger-ui* and LICENSE are unmodified copies from swagger-ui-dist (`make vendor`); the other files are ours.
    return files("vehicles.entrypoints.http").joinpath("docs_page", name).read_bytes()


def _marked(text: str) -> str:
    """Return the text as HTML; text between backticks becomes <code>."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text))
