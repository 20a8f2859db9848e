"""A log on standard error that never blocks the server, even if nobody reads it."""

import contextlib
import logging
import os
import sys
import time
from collections import deque
from threading import Event, Thread
from typing import Final, override

_MAX_WAITING: Final = 10_000
_WRITE_SECONDS: Final = 0.05
_FINISH_SECONDS: Final = 1.0


class StandardErrorHandler(logging.Handler):
    """Writes lines in a separate thread, because writing to a pipe that nobody reads blocks.

    Lines are buffered for 50 ms: a thread switch per line costs half of the server's throughput.
    At most 10,000 lines wait; then the oldest are dropped. Lines that cannot be written are dropped too.
    """

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=_MAX_WAITING)
        self._has_lines = Event()
        self._is_ending = False
        # Not sys.stderr: a blocked thread would hold its lock when the process ends. It is None if it was closed.
        self._descriptor = sys.stderr.fileno() if sys.stderr else os.open(os.devnull, os.O_WRONLY)
        self._writer = Thread(target=self._write, name="log", daemon=True)
        self._writer.start()

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.write_line(self.format(record))

    def write_line(self, line: str) -> None:
        """Write an unformatted line."""
        self._lines.append(line)
        self._has_lines.set()

    def finish(self) -> None:
        """Write the waiting lines, for at most a second, and end the thread."""
        self._is_ending = True
        self._has_lines.set()
        self._writer.join(_FINISH_SECONDS)

    def _write(self) -> None:
        is_last = False
        while not is_last:
            self._has_lines.wait()
            time.sleep(_WRITE_SECONDS)
            self._has_lines.clear()
            is_last = self._is_ending
            text = "".join(f"{self._lines.popleft()}\n" for _ in range(len(self._lines)))
            data = text.encode(errors="backslashreplace")
            with contextlib.suppress(OSError):
                while data:
                    data = data[os.write(self._descriptor, data) :]
