"""The record of who let VINs in that the strict policy refuses, why and how many; it names none of them."""

import getpass
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from vehicles.entrypoints.http.schemas import format_timestamp
from vehicles.settings import Backend, Settings

NAME: Final = "vin-policy.jsonl"


class PolicyRecord:
    """What goes on record of one import: a line for each batch that let such VINs in, so that no crash hides more."""

    def __init__(self, settings: Settings, reason: str, file: str) -> None:
        """Take the reason that was given, and the file that is imported."""
        # With the memory backend nothing outlives the process, so there is nothing to answer for.
        self._path = None if settings.backend is Backend.MEMORY else settings.data / NAME
        self._reason = reason.strip()
        self._file = Path(file).name
        self._recorded = 0

    def bring_to(self, let_in: int) -> None:
        """Record what came since the last time, of so many VINs let in in all. Raises OSError."""
        new = let_in - self._recorded
        if self._path is None or new == 0:
            return
        line = {
            "timestamp": format_timestamp(datetime.now(UTC)),
            "actor": _actor(),
            "reason": self._reason,
            "file": self._file,
            "vins": new,
        }
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # on AWS the vehicles are elsewhere
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with open(handle, "w", encoding="utf-8") as stream:  # noqa: PTH123 — Path.open takes no handle
            stream.write(json.dumps(line, ensure_ascii=True) + "\n")
        self._recorded = let_in


def _actor() -> str:
    try:
        return getpass.getuser()
    except OSError:
        return f"user {os.getuid()}"
