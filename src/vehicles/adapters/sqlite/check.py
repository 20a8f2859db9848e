"""The health checks of an SQLite file and its folder. They change and create nothing."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from vehicles.adapters.folders import is_read_only
from vehicles.adapters.sqlite.file import connect, require_usable, require_version, require_whole, resolved, translating
from vehicles.domain.errors import StorageError
from vehicles.ports.checks import Check


def check_database(
    path: Path, *, application_id: int, newest_version: int, check_rows: Callable[[sqlite3.Connection], Check]
) -> Iterator[Check]:
    """Yield the checks of the folder and the file, up to the first failure that prevents the next check."""
    yield _check_folder(path.parent)
    try:
        path = resolved(path)
        if not os.path.exists(path):  # noqa: PTH110 — Path.exists raises if a parent folder cannot be read
            require_usable(path, missing=True)
            yield Check("database", ok=True, detail="does not exist yet; the first vehicle creates it")
            return
        require_usable(path)
        with translating(), closing(_open(path)) as connection:
            version = require_version(connection, application_id, newest_version)
            require_whole(path)
            yield Check("database", ok=True, detail=f"opens{', read-only' if is_read_only(path) else ''}; {path}")
            yield Check("schema version", ok=True, detail=str(version))
            yield check_rows(connection)
            (integrity,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
            yield Check("integrity", ok=integrity == "ok", detail=integrity)
    except StorageError as error:
        yield Check("database", ok=False, detail=f"{error}; {path}")


def _open(path: Path) -> sqlite3.Connection:
    """Open a file for reading only, and leave its log in place."""
    if is_read_only(path):
        return connect(path, seconds=1)
    # A read-only connection would leave a log file behind. A read-write connection removes the log file when it closes,
    # so it must not be used if a crash has left one.
    mode = "ro" if path.with_name(f"{path.name}-wal").exists() else "rw"
    connection = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True)
    connection.execute("PRAGMA query_only = ON")
    return connection


def _check_folder(folder: Path) -> Check:
    there = next(path for path in (folder, *folder.parents) if os.path.exists(path))  # noqa: PTH110 — as above
    ok = there.is_dir() and os.access(there, os.R_OK | os.X_OK)
    is_writable = ok and os.access(there, os.W_OK)
    detail = "not a directory that can be read"
    if ok:
        detail = "readable and writable" if is_writable else "read-only: vehicles can be read, but not changed"
    if there != folder:
        ok = is_writable
        detail = f"does not exist yet; {'can' if ok else 'cannot'} be created in {there}"
    return Check("data directory", ok, detail)
