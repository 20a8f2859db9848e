"""JSON logs, one object per line, without VINs.

A VIN can be personal data (CJEU C-319/22). Our own messages never contain one, but an exception of a library may.
"""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import Final, override

# A plain or percent-encoded character. The text around a VIN does not matter: in vin%3DWMA… it is a digit.
_CHARACTER: Final = r"(?:[0-9A-Za-z]|%[0-9A-Fa-f]{2})"
_VIN: Final = re.compile(rf"{_CHARACTER}{{14}}(?:[0-9]|%3[0-9]){{3}}{_CHARACTER}*")
# The attributes of every record; the caller gave the others as `extra`.
_STANDARD: Final = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"})


def redact(text: str) -> str:
    """Return the text with "(a VIN)" in place of everything that looks like a VIN: any case, percent-encoded or not."""
    return _VIN.sub("(a VIN)", text)


class JsonFormatter(logging.Formatter):
    """Writes timestamp, level, message, logger, and every `extra` field of the record.

    Numbers stay numbers; all other values become redacted text.
    """

    @override
    def format(self, record: logging.LogRecord) -> str:
        created = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None)
        fields: dict[str, object] = {
            "timestamp": f"{created.isoformat(timespec='milliseconds')}Z",
            "level": record.levelname,
            "message": redact(record.getMessage()),
            "logger": record.name,
        }
        for name, value in vars(record).items():
            if name not in _STANDARD:
                fields[name] = value if isinstance(value, (int, float)) else redact(str(value))
        if record.exc_info:
            fields["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(fields)


def log_as_json() -> None:
    """Write the logs of this process to standard output as JSON: our own from INFO, all others from WARNING."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter())
    # `force` removes the handler of Lambda, which would write everything a second time.
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("vehicles").setLevel(logging.INFO)
    # The output contains none of these, and finding them takes half of the time of a record.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    logging._srcfile = None  # noqa: SLF001 — documented by logging as the way to skip the search for the caller
