"""The HTML pages of the API, and the files of the console. They load nothing from other hosts."""

import html
import re
from collections.abc import Container
from functools import cache
from hashlib import sha256
from importlib.resources import files
from string import Template
from typing import Final

from pydantic_core import to_json

from vehicles.domain.vin.manufacturers import manufacturers
from vehicles.entrypoints.http.problem_types import Problem
from vehicles.entrypoints.http.problems import MAX_ERRORS, ErrorBody, ProblemError

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

# The pages of summaries and of problems load nothing at all; their styles are inline.
STATIC_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# What a person in a browser can do, where it differs from what a program can.
_FOR_PEOPLE: Final = {
    "unauthorized": """\
<p>A browser sends no token by itself: open <a href="TOP/console/">the console</a>, which asks for it.
A program sends the header <code>Authorization: Bearer</code> with the token.</p>""",
    "summary-not-found": """\
<p>The weekly summary counts the fleet: how many vehicles there are, by fuel type, axles, manufacturer and country, and
how that has changed from week to week.</p>
<p>The first one is there when the current week is over: on AWS the schedule makes it, on one machine a server that runs
with <code>--summarize weekly</code>.
On one machine you can also make one now: with “Summarize now” in <a href="TOP/console/">the console</a>, with
<code>vehicles summarize</code>, or with <code>POST /summaries</code>.</p>
<p><a href="TOP/summaries">The weeks that have a summary</a></p>""",
}

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
    "load.js",
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
    "vendor/preact.js",
    "week.css",
    "week.js",
)
"""The files of the console: all but the licence of the library. A test compares them with the folder."""

_TAGGED: Final = re.compile(r"^/console/([0-9a-f]{16})/(?=.)")
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


def without_tag(path: str) -> str:
    """Return the path of a file of the console without the tag that its page puts into it; any other path unchanged."""
    return _TAGGED.sub("/console/", path)


def console_file(path: str) -> tuple[str, bytes, bool]:
    """Return the media type and the content of the console's page, or of a file that it loads, and if it may be kept.

    The page names its files by a tag that changes with them, so that browsers need not ask for them again.
    """
    name = without_tag(path).removeprefix("/console/") or "index.html"
    content = _read("console", *name.split("/"))
    if name == "index.html":
        return media_type_of(name), content.replace(b"TAG", _console_tag().encode()), False
    tagged = _TAGGED.match(path)
    return media_type_of(name), content, tagged is not None and tagged[1] == _console_tag()


@cache
def _console_tag() -> str:
    digest = sha256()
    for name in CONSOLE_FILES:
        digest.update(_read("console", *name.split("/")))
    return digest.hexdigest()[:16]


def manufacturer_names() -> bytes:
    """Return the names of all manufacturers by identifier, as JSON: the console shows them beside the vehicles."""
    return to_json({identifier: each.name for identifier, each in manufacturers().items()})


def problem_page(problem: Problem) -> bytes:
    """Return the page that explains a problem type."""
    content = (
        f"<p><strong>Cause.</strong> {_marked(problem.cause)}</p>\n"
        f"<p><strong>Resolution.</strong> {_marked(problem.resolution)}</p>"
    )
    footer = (
        f'<p>Problem <code>{problem.type}</code>, status {problem.status}</p>\n<p><a href="../docs">The API</a></p>'
    )
    return _problem_html(problem.title, content, footer)


def problem_details_page(error: ProblemError, instance: str, path: str, linked: Container[str]) -> bytes:
    """Return problem details as a page for people, with links relative to the path of the request.

    Paths of the API in the text become links if they are in `linked`.
    """
    top, problem = "../" * (path.count("/") - 1) or "./", error.problem

    def link(match: re.Match[str]) -> str:
        return f'<a href="{top}{match[0][1:]}">{match[0]}</a>' if match[0] in linked else match[0]

    lines = [f"<p>{re.sub(r'(?<= )/[a-z./-]*', link, _marked(error.detail))}</p>"]
    if error.errors:
        lines += ["<ul>", *map(_error_item, error.errors[:MAX_ERRORS]), "</ul>"]
    else:
        lines.append(_FOR_PEOPLE.get(problem.name, f"<p>{_marked(problem.resolution)}</p>").replace("TOP/", top))
    footer = (
        f'<p>Problem <a href="{top}{problem.type[1:]}"><code>{problem.type}</code></a>, status {problem.status}, '
        f"request <code>{html.escape(instance)}</code></p>\n"
        f'<p><a href="{top}console/">The console</a> · <a href="{top}docs">The API</a></p>'
    )
    return _problem_html(problem.title, "\n".join(lines), footer)


def _error_item(error: ErrorBody) -> str:
    place = error.get("pointer") or error.get("parameter") or error.get("header")
    name = f"<code>{html.escape(place)}</code>: " if place else ""
    meant = " or ".join(f"<code>{html.escape(each)}</code>" for each in error.get("suggestions", ()))
    return f"<li>{name}{_marked(error['detail'])}{f'; did you mean {meant}?' if meant else ''}</li>"


def _problem_html(title: str, content: str, footer: str) -> bytes:
    template = Template(_read("http", "docs_page", "problem.html").decode())
    return template.substitute(title=title, content=content, footer=footer).encode()


def _read(*place: str) -> bytes:
    # swagger-ui*, vendor/* and LICENSE are unmodified copies (`make vendor`); the other files are ours.
    return files("vehicles.entrypoints").joinpath(*place).read_bytes()


def _marked(text: str) -> str:
    """Return the text as HTML; text between backticks becomes <code>."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text))
