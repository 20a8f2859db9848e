"""One SQLite file, shared by the threads of this process and by other processes of the same machine.

It must not be on a network file system, where SQLite's locks do not work.
docs/decisions/2026-11-sqlite.md explains the settings.
"""

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final, final
from weakref import WeakMethod

from vehicles.domain.errors import StorageCorrupted, StorageMisconfigured, StorageUnavailable

_BUSY: Final = "Other writers keep the database locked"

# Temporary errors, by SQLite's primary result codes.
_UNAVAILABLE: Final = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_FULL: "The disk of the database is full",
    sqlite3.SQLITE_IOERR: "The disk of the database cannot be read or written",
    sqlite3.SQLITE_CANTOPEN: "The database file cannot be opened",
    sqlite3.SQLITE_READONLY: "The database file is not writable",
}

_TEMPORARY: Final = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE}

# No thread may create a file that another thread already uses: closing any descriptor of a file releases all locks that
# the process holds on it (POSIX).
_creating: Final = Lock()


@final
class SQLiteDatabase:
    """Reads, and writes that are durable when they return.

    The constructor opens the file and applies the missing migrations, each a script in one transaction. A missing file
    is created, for its owner only. A file of another application is not changed.
    One thread writes at a time. A write waits up to `busy_timeout` seconds for other threads, and as long again for
    other processes; then it raises StorageUnavailable.
    A process may fork while no call is in progress; the child opens its own connections.
    Every method, and the constructor, raises StorageUnavailable and StorageCorrupted. The constructor also raises
    StorageMisconfigured if the file cannot be created.
    """

    def __init__(
        self, path: str | Path, *, application_id: int, migrations: tuple[str, ...], busy_timeout: float
    ) -> None:
        self._path = Path(path).absolute()
        self._application_id = application_id
        self._migrations = migrations
        self._busy_timeout = busy_timeout
        self._closed = False
        self._idle: list[sqlite3.Connection] = []
        self._writing = Lock()
        # A child that inherits a connection assumes that it also holds the locks of the parent, even for new
        # connections. Tested: the parent then removes the log that the child still writes to.
        if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
            close_idle = WeakMethod(self._close_idle)  # weak, because the hook stays until the process ends
            os.register_at_fork(before=lambda: (alive := close_idle()) and alive())
        _create(self._path)
        self._identity = _identity(self._path)
        self.read("SELECT 1")

    def read(self, statement: str, parameters: tuple[object, ...] = ()) -> list[Any]:
        """Return all rows that a statement finds in the latest committed state."""
        with self._connection() as connection:
            return connection.execute(statement, parameters).fetchall()

    def write[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do the work in a transaction, and return its result when it is on the disk. An error rolls back."""
        # One thread at a time: SQLite would make the others sleep and retry.
        if not self._writing.acquire(timeout=self._busy_timeout):
            raise StorageUnavailable(_BUSY)
        try:
            with self._connection() as connection:
                connection.execute("BEGIN IMMEDIATE")
                result = work(connection)
                connection.execute("COMMIT")
                return result
        finally:
            self._writing.release()

    def close(self) -> None:
        """Write the log back to the file, unless other processes have it open. Later calls raise StorageUnavailable."""
        self._closed = True
        self._close_idle()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection from the pool. After an error it is closed, which rolls back."""
        with _translating():
            connection = self._take()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
        self._idle.append(connection)
        if self._closed:  # by another thread, in the meantime
            self._close_idle()

    def _take(self) -> sqlite3.Connection:
        if self._closed:
            raise StorageUnavailable("The database was closed")
        # An open file can be removed or replaced; later writes would be acknowledged and lost.
        if _identity(self._path) != self._identity:
            self._close_idle()
            raise StorageUnavailable(
                "The database file was moved, removed or replaced; restart the processes that have it open"
            )
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode=rw",  # without creating it
            uri=True,
            timeout=self._busy_timeout,
            autocommit=True,
            check_same_thread=False,
        )
        try:
            self._require_version(connection)
            self._use_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = ON")  # for macOS, where fsync does not flush the disk cache
            connection.execute("PRAGMA journal_size_limit = 4194304")
            while (version := self._require_version(connection)) < len(self._migrations):
                connection.execute("BEGIN IMMEDIATE")
                if self._require_version(connection) == version:  # otherwise another process was faster
                    connection.execute(f"PRAGMA application_id = {self._application_id}")
                    connection.executescript(self._migrations[version])
                    connection.execute(f"PRAGMA user_version = {version + 1}")
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _require_version(self, connection: sqlite3.Connection) -> int:
        """Return the number of migrations of the file. Raises StorageCorrupted if the file is not ours."""
        application_id, version, tables = connection.execute(
            "SELECT *, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id, pragma_user_version"
        ).fetchone()
        if application_id != self._application_id and (application_id, version, tables) != (0, 0, 0):
            raise StorageCorrupted("The database file belongs to another program")
        if version > len(self._migrations):
            raise StorageCorrupted("The database file was written by a newer version of the registry")
        return int(version)

    def _use_wal(self, connection: sqlite3.Connection) -> None:
        """Switch the file to a write-ahead log, permanently. SQLite does not wait for others that do the same."""
        deadline = time.monotonic() + self._busy_timeout
        while True:
            try:
                connection.execute("PRAGMA journal_mode = WAL")
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
            else:
                return

    def _close_idle(self) -> None:
        with suppress(IndexError):  # other threads take some of them, too
            while True:
                self._idle.pop().close()


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what identifies a file regardless of its name, or None if there is no file."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _create(path: Path) -> None:
    """Create an empty file if there is none, and its parent folders, for their owner only."""
    try:
        for folder in reversed([folder for folder in path.parents if not folder.exists()]):
            folder.mkdir(mode=0o700, exist_ok=True)
        with _creating, suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        reason = f"The database file cannot be created ({error.strerror})"
        raise (StorageUnavailable if error.errno in _TEMPORARY else StorageMisconfigured)(reason) from error


@contextmanager
def _translating() -> Iterator[None]:
    """Translate SQLite's errors into StorageErrors, except those that only a bug of ours can cause."""
    try:
        yield
    except sqlite3.Error as error:
        # The low byte of an extended code is the primary code. The error of a text that is not UTF-8 has no code.
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code in _UNAVAILABLE:
            raise StorageUnavailable(_UNAVAILABLE[code]) from error
        if type(error) in {sqlite3.DatabaseError, sqlite3.OperationalError}:
            raise StorageCorrupted("The database file is damaged, or not a file of the registry") from error
        raise
