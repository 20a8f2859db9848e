"""What a database file must be before anything is read from it or written to it.

Opening, `doctor`, backup and restore ask the same questions, and so they agree.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vehicles.adapters.folders import is_read_only
from vehicles.domain.errors import StorageCorrupted, StorageMisconfigured, StorageUnavailable

RESTORING: Final = ".restoring"
"""The folder beside the file in which a restore keeps what it has not yet put in place."""

RESTORE: Final = "Restore a backup with `vehicles restore`"
_OTHER: Final = f"Choose another directory, or: {RESTORE}"
READ_ONLY: Final = "The database is read-only: it can be read, exported and backed up, and nothing in it can be changed"

BUSY: Final = "The database is being written by others for too long"

# Errors that may pass, by SQLite's primary result codes.
_UNAVAILABLE: Final = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_PROTOCOL: BUSY,
    sqlite3.SQLITE_FULL: "The disk of the database is full",
    sqlite3.SQLITE_IOERR: "The disk of the database cannot be read or written",
    sqlite3.SQLITE_CANTOPEN: "The database file cannot be opened",
}


def lock_of(path: Path) -> Path:
    """Return the file that is locked as long as a database is in use."""
    return path.with_name(f"{path.name}-lock")


def require_usable(path: Path, *, missing: bool = False) -> None:
    """Raise StorageCorrupted where a file cannot be the registry's, or is `missing` and may not be made anew.

    Looks at names and sizes only: closing a file that it had opened would drop all locks of this process on it (POSIX).
    """
    if (path.parent / RESTORING).exists():
        raise StorageCorrupted("A restore was interrupted", "Run `vehicles restore` again")
    if missing and path.with_name(f"{path.name}-wal").exists():
        raise StorageCorrupted("The database file is missing, and its log is still there", RESTORE)
    if not missing and path.is_file() and path.stat().st_size == 0:
        raise StorageCorrupted("The database file is empty, as the registry never leaves it", RESTORE)


def connect(path: Path, *, seconds: float) -> sqlite3.Connection:
    """Open a file that is there. One that may not be written, and has no log, is opened without any lock or log.

    Raises StorageMisconfigured where it may not be written and has a log.
    """
    mode = "mode=rw"  # without creating it
    if is_read_only(path):
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise StorageMisconfigured(
                "The database is read-only, and only a process that may write can read its log: open it there once"
            )
        mode = "mode=ro&immutable=1"
    return sqlite3.connect(
        f"{path.as_uri()}?{mode}", uri=True, timeout=seconds, autocommit=True, check_same_thread=False
    )


def require_version(
    connection: sqlite3.Connection, application_id: int, newest: int, *, oldest: int = 0, is_new: bool = False
) -> int:
    """Return how many migrations a file has had. Raises StorageCorrupted where it is not the registry's."""
    found, version, tables = connection.execute(
        "SELECT *, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id, pragma_user_version"
    ).fetchone()
    if is_new and (found, version, tables) == (0, 0, 0):
        return 0
    if found != application_id:
        raise StorageCorrupted("The database file belongs to another program", _OTHER)
    if version > newest:
        raise StorageCorrupted(
            "The database file was written by a newer version of the registry", "Use that version, or a newer one"
        )
    if version < oldest:
        raise StorageMisconfigured(
            "The database file is of an older version, and is read-only, so it cannot be updated"
        )
    return int(version)


def identity_of(path: Path) -> tuple[int, int] | None:
    """Return what separates a file from another one of the same name; None where there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


@contextmanager
def translating() -> Iterator[None]:
    """Raise SQLite's errors as storage errors, except those that only a bug of ours can cause."""
    try:
        yield
    except TimeoutError as error:
        raise StorageUnavailable("The registry is being restored") from error
    except sqlite3.Error as error:
        # The low byte of an extended code is the primary one. A text that is not UTF-8 comes without a code.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code in _UNAVAILABLE:
            raise StorageUnavailable(_UNAVAILABLE[code]) from error
        if code == sqlite3.SQLITE_READONLY:
            raise StorageMisconfigured(READ_ONLY) from error
        if code == sqlite3.SQLITE_NOTADB:
            raise StorageCorrupted(
                "The database file is no database", f"Choose another directory, or: {RESTORE}"
            ) from error
        if type(error) in {sqlite3.DatabaseError, sqlite3.OperationalError}:
            raise StorageCorrupted("The database file is damaged", RESTORE) from error
        raise
