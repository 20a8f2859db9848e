"""What the API shows to people in a browser. Nothing here asks another host for anything."""

import html
import re
from importlib.resources import files
from typing import Final

from vehicles.entrypoints.http.problem_types import Problem

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

# The page of a summary loads nothing at all; its styles are within.
SUMMARY_SECURITY_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_DOCS: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Vehicle registry: the API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<style>body { margin: 0 }</style>
</head>
<body>
<div id="api">This page needs JavaScript; the contract itself is at <a href="/openapi.json">/openapi.json</a>.</div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""

_START: Final = """\
// The page would begin with every example filled in, and the first list that one tries filtered down to nothing.
function withoutOptionalExamples(contract) {
  for (const operations of Object.values(contract.paths)) {
    for (const { parameters = [] } of Object.values(operations)) {
      for (const parameter of parameters) {
        if (!parameter.required) delete parameter.example;
      }
    }
  }
  return contract;
}

window.ui = SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  validatorUrl: null, // or it would ask another host
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  plugins: [{
    statePlugins: {
      spec: { wrapActions: { updateJsonSpec: (update) => (contract) => update(withoutOptionalExamples(contract)) } }
    }
  }]
});
"""

_PROBLEM: Final = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }}
h1 {{ line-height: 1.2 }}
</style>
</head>
<body>
<p>Problem <code>{type}</code>, status {status}</p>
<h1>{title}</h1>
<p><strong>Cause.</strong> {cause}</p>
<p><strong>Cure.</strong> {cure}</p>
<p><a href="/docs">The API</a></p>
</body>
</html>
"""


def docs_file(path: str) -> tuple[str, bytes]:
    """Return the media type and the content of the page that shows the API, or of one of the files that it loads."""
    match path:
        case "/docs":
            return "text/html", _DOCS.encode()
        case "/docs/start.js":
            return "text/javascript", _START.encode()
        case _:
            # Unchanged from swagger-ui-dist, see the LICENSE beside them and `make vendor`.
            name = path.removeprefix("/docs/")
            content = files("vehicles.entrypoints.http").joinpath("docs_page", name).read_bytes()
            return ("text/css" if name.endswith(".css") else "text/javascript"), content


def problem_page(problem: Problem) -> bytes:
    """Return the page that explains a kind of problem."""
    shown = {name: _marked(str(getattr(problem, name))) for name in ("type", "status", "title", "cause", "cure")}
    return _PROBLEM.format(**shown).encode()


def _marked(text: str) -> str:
    """Return the text for HTML, with what stands between backticks as code."""
    return re.sub("`([^`]+)`", r"<code>\1</code>", html.escape(text))
