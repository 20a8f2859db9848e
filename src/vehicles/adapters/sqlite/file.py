"""The checks of a database file before anything is read or written.

Opening, `doctor`, backup and restore all use them, so they always agree.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vehicles.adapters.folders import is_read_only
from vehicles.domain.errors import StorageCorrupted, StorageMisconfigured, StorageReadOnly, StorageUnavailable

RESTORING: Final = ".restoring"
"""The folder next to the file that exists while a restore is incomplete."""

RESTORE: Final = "Restore a backup with `vehicles restore`"
_OTHER: Final = f"Choose another directory, or: {RESTORE}"
READ_ONLY: Final = "The database is read-only: you can read, export and back it up, but not change it"

_SECTOR: Final = 512
"""The smallest page of SQLite, in bytes; the size of a database is a multiple of it."""

BUSY: Final = "Other writers keep the database locked"

# Temporary errors, by SQLite's primary result codes.
_UNAVAILABLE: Final = {
    sqlite3.SQLITE_BUSY: BUSY,
    sqlite3.SQLITE_PROTOCOL: BUSY,
    sqlite3.SQLITE_FULL: "The disk of the database is full",
    sqlite3.SQLITE_IOERR: "The disk of the database cannot be read or written",
    sqlite3.SQLITE_CANTOPEN: "The database file cannot be opened",
}


def lock_of(path: Path) -> Path:
    """Return the file that is locked while a database is in use."""
    return path.with_name(f"{path.name}-lock")


def resolved(path: str | Path) -> Path:
    """Return the absolute path behind all links. Raises StorageMisconfigured if it is a link to a missing file."""
    path = Path(path)
    if path.is_symlink() and not path.exists():
        raise StorageMisconfigured(f"The database file is a link to {path.readlink()}, which does not exist")
    return path.resolve()


def require_usable(path: Path, *, missing: bool = False) -> None:
    """Raise a StorageError if a file cannot be a registry, or if it is `missing` and must not be created.

    This checks names and sizes only: opening and closing the file would release all locks that this process has on it
    (POSIX).
    """
    if (path.parent / RESTORING).exists():
        raise StorageCorrupted("A restore was interrupted", "Run `vehicles restore` again")
    if missing:
        if any(path.with_name(f"{path.name}-{end}").exists() for end in ("wal", "journal")):
            raise StorageCorrupted("The database file is missing, but its log still exists", RESTORE)
        return
    if not path.is_file() or not os.access(path, os.R_OK):
        raise StorageMisconfigured("The database file cannot be opened: it is not a file, or belongs to another user")
    if path.stat().st_size == 0:
        raise StorageCorrupted("The database file is empty, which the registry never leaves behind", RESTORE)


def require_whole(path: Path) -> None:
    """Raise StorageCorrupted if a database does not end with a page, which SQLite does not notice."""
    if path.stat().st_size % _SECTOR:
        raise StorageCorrupted("The database file is damaged", RESTORE)


def connect(path: Path, *, seconds: float) -> sqlite3.Connection:
    """Open an existing file. A file that is not writable and has no log is opened without locks.

    Raises StorageMisconfigured if the file is not writable and has a log.
    """
    mode = "mode=rw"  # without creating it
    if is_read_only(path):
        logs = [path.with_name(f"{path.name}-{end}") for end in ("wal", "journal")]
        if any(log.exists() and log.stat().st_size for log in logs):
            raise StorageMisconfigured(
                "The database is read-only, but reading its log takes write access: open it once with write access"
            )
        mode = "mode=ro&immutable=1"
    return sqlite3.connect(
        f"{path.as_uri()}?{mode}", uri=True, timeout=seconds, autocommit=True, check_same_thread=False
    )


def require_version(
    connection: sqlite3.Connection, application_id: int, newest: int, *, oldest: int = 0, is_new: bool = False
) -> int:
    """Return the number of migrations of a file. Raises StorageCorrupted if it is not a registry that can be used."""
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
            "The database file has an older version, and cannot be migrated because it is read-only"
        )
    return int(version)


def identity_of(path: Path) -> tuple[int, int, bool] | None:
    """Return what identifies a file regardless of its name, and whether it is empty; None if there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size == 0


@contextmanager
def translating() -> Iterator[None]:
    """Translate SQLite's errors into StorageErrors, except those that only a bug of ours can cause."""
    try:
        yield
    except TimeoutError as error:
        raise StorageUnavailable("The registry is being restored") from error
    except sqlite3.Error as error:
        # The low byte of an extended code is the primary code. The error of a string that is not UTF-8 has no code.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code in _UNAVAILABLE:
            raise StorageUnavailable(_UNAVAILABLE[code]) from error
        if code == sqlite3.SQLITE_READONLY:
            raise StorageReadOnly(READ_ONLY) from error
        if code == sqlite3.SQLITE_NOTADB:
            raise StorageCorrupted(
                "The database file is not a database", f"Choose another directory, or: {RESTORE}"
            ) from error
        if type(error) in {sqlite3.DatabaseError, sqlite3.OperationalError}:
            raise StorageCorrupted("The database file is damaged", RESTORE) from error
        raise
