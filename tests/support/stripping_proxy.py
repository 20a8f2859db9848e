"""A reverse proxy that strips a prefix from the path of each request, as nginx does with `location /fleet/`."""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final

from tests.support.server_process import HOST

PREFIX: Final = "/fleet"
_SECONDS: Final = 60.0
_HOP_BY_HOP: Final = {"connection", "date", "server"}


@contextmanager
def stripping_proxy(port: int) -> Iterator[str]:
    """Yield the address below which the proxy passes on GET requests to the server on a port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if not self.path.startswith(f"{PREFIX}/"):
                self.send_error(404)
                return
            # A browser that goes on to another page closes its connections.
            with closing(HTTPConnection(HOST, port, timeout=_SECONDS)) as connection, suppress(ConnectionError):
                connection.request("GET", self.path.removeprefix(PREFIX), headers=dict(self.headers))
                answer = connection.getresponse()
                self.send_response(answer.status)
                for name, value in answer.getheaders():
                    if name.lower() not in _HOP_BY_HOP:
                        self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.read())

        def log_message(self, *_: Any) -> None:  # noqa: ANN401 — nothing is logged, whatever it is
            pass

    with ThreadingHTTPServer((HOST, 0), Handler) as proxy:
        Thread(target=proxy.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{proxy.server_port}{PREFIX}"
        proxy.shutdown()
