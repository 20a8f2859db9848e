"""Logs as JSON, one object on one line, with no VIN in them.

A VIN can be personal data (CJEU C-319/22). What we log never holds one; what others say, an exception above all, may.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Final, override

# A character as it is or percent-encoded. What stands around it does not matter: in vin%3DWMA… it is a digit.
_CHARACTER: Final = r"(?:[0-9A-Za-z]|%[0-9A-Fa-f]{2})"
_VIN: Final = re.compile(rf"{_CHARACTER}{{14}}(?:[0-9]|%3[0-9]){{3}}{_CHARACTER}*")
# What a record has anyway; the rest was given by the caller as `extra`.
_USUAL: Final = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})


def scrubbed(text: str) -> str:
    """Return the text with a mark in the place of whatever looks like a VIN, in either case, percent-encoded or not."""
    return _VIN.sub("(a VIN)", text)


class JsonFormatter(logging.Formatter):
    """Writes timestamp, level, message, logger, and every field that the record was given as `extra`.

    Numbers stay what they are, everything else becomes text.
    """

    @override
    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None)
        fields: dict[str, object] = {
            "timestamp": f"{moment.isoformat(timespec='milliseconds')}Z",
            "level": record.levelname,
            "message": scrubbed(record.getMessage()),
            "logger": record.name,
        }
        for name, value in vars(record).items():
            if name not in _USUAL:
                fields[name] = value if isinstance(value, (int, float)) else scrubbed(str(value))
        if record.exc_info:
            fields["traceback"] = scrubbed(self.formatException(record.exc_info))
        return json.dumps(fields)


def log_as_json() -> None:
    """Write the logs of this process, ours from INFO and all others from WARNING, to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    # Lambda's own handler is taken away, or everything would be written twice.
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("vehicles").setLevel(logging.INFO)
    # No line shows any of these, and to find them takes half of the time of a record.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001 — as the documentation of logging says, against looking for the caller
