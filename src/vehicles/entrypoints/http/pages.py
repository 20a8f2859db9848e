"""The HTML pages of the API, and the files of the console. They load nothing from other hosts."""

import html
import re
from importlib.resources import files
from string import Template
from typing import Final

from pydantic_core import to_json

from vehicles.domain.vin.manufacturers import manufacturers
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

# The console has neither inline scripts nor inline styles, and submits no form.
CONSOLE_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

CONSOLE_FILES: Final = (
    "address.js",
    "api.js",
    "app.js",
    "change.js",
    "charts.js",
    "console.css",
    "csv.js",
    "deletions.js",
    "download.js",
    "drop.js",
    "explanation.js",
    "export.js",
    "fields.js",
    "fix.js",
    "fleet.js",
    "icon.svg",
    "import.css",
    "import.js",
    "import_job.js",
    "index.html",
    "messages.js",
    "more_messages.js",
    "parts.js",
    "register.js",
    "sample.json",
    "sign_in.js",
    "start.js",
    "table.js",
    "understood.js",
    "vehicles.js",
    "vendor/standalone.module.js",
    "week.css",
    "week.js",
)
"""The files of the console: all but the licence of the library. A test compares them with the folder."""

_MEDIA_TYPES: Final = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "json": "application/json",
    "svg": "image/svg+xml",
}


def media_type_of(name: str) -> str:
    """Return the media type of a file, by the end of its name."""
    return _MEDIA_TYPES[name.rpartition(".")[2]]


def docs_file(path: str) -> tuple[str, bytes]:
    """Return the media type and the content of the API's documentation page, or of a file that it loads."""
    name = "index.html" if path == "/docs" else path.removeprefix("/docs/")
    return media_type_of(name), _read("http", "docs_page", name)


def console_file(path: str) -> tuple[str, bytes]:
    """Return the media type and the content of the console's page, or of a file that it loads."""
    name = path.removeprefix("/console/") or "index.html"
    return media_type_of(name), _read("console", *name.split("/"))


def manufacturer_names() -> bytes:
    """Return the names of all manufacturers by identifier, as JSON: the console shows them beside the vehicles."""
    return to_json({identifier: each.name for identifier, each in manufacturers().items()})


def problem_page(problem: Problem) -> bytes:
    """Return the page that explains a problem type."""
    shown = {name: _marked(str(getattr(problem, name))) for name in ("type", "status", "title", "cause", "resolution")}
    return Template(_read("http", "docs_page", "problem.html").decode()).substitute(shown).encode()


def _read(*place: str) -> bytes:
    # swagger-ui*, vendor/* and LICENSE are unmodified copies (`make vendor`); the other files are ours.
    return files("vehicles.entrypoints").joinpath(*place).read_bytes()


def _marked(text: str) -> str:
    """Return the text as HTML; text between backticks becomes <code>."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text))
