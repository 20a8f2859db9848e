"""Other processes and servers in threads: whoever waits for one has a timeout."""

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from socketserver import BaseServer
from typing import IO, Final

from vehicles.testing.racing import started

SECONDS: Final = 120.0
_CHUNK: Final = 65536


def run(
    *command: str | Path,
    check: bool = True,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    timeout: float = SECONDS,
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; with `check` it must end well."""
    done = subprocess.run(
        command,
        check=False,
        env=env,
        cwd=cwd,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 or not check, done.stdout + done.stderr
    return done


@contextmanager
def running[Text: (str, bytes)](process: subprocess.Popen[Text]) -> Iterator[subprocess.Popen[Text]]:
    """Yield a process, and kill it at the end where it still runs."""
    try:
        yield process
    finally:
        process.kill()
        process.communicate(timeout=SECONDS)


def finish[Text: (str, bytes)](process: subprocess.Popen[Text], sent: Text | None = None) -> tuple[Text, Text]:
    """Send the last input, and return what a process has written by its end."""
    try:
        return process.communicate(sent, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def read_line[Text: (str, bytes)](stream: IO[Text] | None) -> Text:
    """Return the next line of a process."""
    assert stream is not None
    return started(stream.readline).result(SECONDS)


def read_terminal(descriptor: int) -> bytes:
    """Return all that is written to a pseudo-terminal until nobody has its other end, and close it."""

    def read() -> bytes:
        seen = b""
        with suppress(OSError):  # Linux's way to say that nobody has the other end
            while chunk := os.read(descriptor, _CHUNK):  # a wait that `result` ends
                seen += chunk
        return seen

    try:
        return started(read).result(SECONDS)
    finally:
        os.close(descriptor)


@contextmanager
def serving_in_thread(server: BaseServer) -> Iterator[None]:
    """Let a server of the standard library serve, and close it at the end."""
    serving = started(server.serve_forever)
    try:
        yield
    finally:
        started(server.shutdown).result(SECONDS)
        serving.result(SECONDS)
        server.server_close()
