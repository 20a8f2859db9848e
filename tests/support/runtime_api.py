"""A function's package run as AWS runs it: by its own runtime client, with nothing else to import, unable to write.

The service behind the client is AWS's Runtime API (docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html), on loopback
and for one event.
"""

import json
import os
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final, override
from uuid import uuid4

import pytest

from tests.support.deployment import ROOT
from tests.support.emulator import HOST
from tests.support.processes import running, serving_in_thread

PYTHON: Final = ROOT / ".venv-runtime" / "bin" / "python"
NO_RUNTIME: Final = "nothing runs a function's package here: `make runtime` installs AWS's runtime client"
_VERSION: Final = "/2018-06-01/runtime"
_SECONDS: Final = 120.0
# Root may write where nobody may; without this capability (capabilities(7)) it may not, as in Lambda.
_UNPRIVILEGED: Final = ["setpriv", "--bounding-set", "-dac_override"] if os.geteuid() == 0 else []


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a function told the Runtime API: by `response`, `error` or `init/error`."""

    kind: str
    reply: Any


class _RuntimeApi(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, event: Mapping[str, object]) -> None:
        super().__init__((HOST, 0), _Handler)
        self.events: SimpleQueue[Mapping[str, object]] = SimpleQueue()
        self.events.put(event)
        self.outcomes: SimpleQueue[Outcome] = SimpleQueue()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _RuntimeApi

    def do_GET(self) -> None:
        assert self.path == f"{_VERSION}/invocation/next"
        event = json.dumps(self.server.events.get()).encode()  # after the one event the client waits here for its end
        deadline = round((time.time() + _SECONDS) * 1000)
        self._answer(
            200,
            event,
            {
                "Lambda-Runtime-Aws-Request-Id": str(uuid4()),
                "Lambda-Runtime-Deadline-Ms": str(deadline),
                "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-central-1:000000000000:function:tested",
            },
        )

    def do_POST(self) -> None:
        length = self.headers["Content-Length"]
        body = self.rfile.read(int(length)) if length else self._chunks()
        kind = "init/error" if self.path == f"{_VERSION}/init/error" else self.path.rpartition("/")[2]
        self._answer(202, b"{}", {})
        self.server.outcomes.put(Outcome(kind, json.loads(body)))

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self.rfile.readline(), 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str]) -> None:
        self.send_response_only(status)
        for name, value in {**headers, "Content-Type": "application/json", "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


def run_package(package: Path, handler: str, event: Mapping[str, object], environment: Mapping[str, str]) -> Outcome:
    """Start a function from its package with this environment and no other, and return what it makes of the event."""
    api = _RuntimeApi(event)
    with serving_in_thread(api):
        process = subprocess.Popen(
            [*_UNPRIVILEGED, PYTHON, "-m", "awslambdaric", handler],
            cwd=package,  # first on the path of imports
            env={
                **environment,
                "AWS_LAMBDA_FUNCTION_NAME": "tested",
                "AWS_LAMBDA_RUNTIME_API": f"{HOST}:{api.server_port}",
                "LAMBDA_TASK_ROOT": str(package),
                "_HANDLER": handler,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        with running(process):
            try:
                return api.outcomes.get(timeout=_SECONDS)
            except Empty:
                pytest.fail("the function has not answered")
