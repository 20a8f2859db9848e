"""One SQLite file, shared by the threads of this process and by other processes of the same machine.

Not on a network file system: SQLite's locks do not hold there.
docs/decisions/2026-11-sqlite.md says why the settings are as they are.
"""

import errno
import os
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final, final
from weakref import WeakMethod

from vehicles.domain.errors import StorageCorrupted, StorageMisconfigured, StorageUnavailable

_GONE: Final = "The database file was moved, removed or replaced; what has it open must be started again"
_CLOSED: Final = "The database was closed"
_BUSY: Final = "The database is being written by others for too long"
_DAMAGED: Final = "The database file is damaged, or none of ours"
_FOREIGN: Final = "The database file belongs to another program"
_NEWER: Final = "The database file was written by a newer version of the registry"

# What may be well again later, by SQLite's primary result codes.
_UNAVAILABLE: Final = {
    sqlite3.SQLITE_BUSY: _BUSY,
    sqlite3.SQLITE_PROTOCOL: _BUSY,
    sqlite3.SQLITE_FULL: "The disk of the database is full",
    sqlite3.SQLITE_IOERR: "The disk of the database cannot be read or written",
    sqlite3.SQLITE_CANTOPEN: "The database file cannot be opened",
    sqlite3.SQLITE_READONLY: "The database file may not be written",
}

_PASSING: Final = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE}

# A file must not be created by one thread while another one works with it already: whoever closes any descriptor of a
# file drops all locks that the process holds on it (POSIX).
_creating: Final = Lock()


class _Write[T]:
    """Some work, its outcome, and a lock that its caller waits on: until the outcome is there, or the lead is his."""

    def __init__(self, work: Callable[[sqlite3.Connection], T]) -> None:
        self.work = work
        self.outcome: Future[T] = Future()
        self.turn = Lock()
        self.turn.acquire()


class _Lent:
    """A connection for a block. One that something went wrong with is closed, which undoes what it has not committed.

    A class, since the generator of a contextmanager takes as long as many a read.
    """

    __slots__ = ("_connection", "_give_back", "_take")

    def __init__(self, take: Callable[[], sqlite3.Connection], give_back: Callable[[sqlite3.Connection], None]) -> None:
        self._take = take
        self._give_back = give_back

    def __enter__(self) -> sqlite3.Connection:
        self._connection = self._take()
        return self._connection

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if error is None:
            self._give_back(self._connection)
            return
        self._connection.close()
        if isinstance(error, sqlite3.Error):
            raise _translated(error) from error


@final
class SQLiteDatabase:
    """Reads and writes that are durable when they return.

    Making one opens the file, creates it where it is missing, for its owner only, and takes it through the migrations
    that it has not had; each is a script, applied in one transaction. A file of another application is left untouched.
    A call waits `busy_timeout` seconds for the other threads, and as long for the other processes.
    A process may fork while no call is under way; connections do not go along.
    Every method, and making one, raises StorageUnavailable and StorageCorrupted; making one StorageMisconfigured too,
    where the file cannot be made in its place.
    """

    def __init__(
        self, path: str | Path, *, application_id: int, migrations: tuple[str, ...], busy_timeout: float
    ) -> None:
        self._path = Path(path).absolute()
        self._name = str(self._path)
        self._application_id = application_id
        self._migrations = migrations
        self._busy_timeout = busy_timeout
        self._closed = False
        self._idle: list[sqlite3.Connection] = []
        self._begin()
        # A child that inherits connections believes to hold their locks, also for those that it opens itself. Measured:
        # the parent then removes the log that the child still writes to.
        if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
            os.register_at_fork(before=_weak(self._close_idle), after_in_child=_weak(self._begin))
        _create(self._path)
        self._identity = _identity(self._name)
        self.read("SELECT 1")

    def _begin(self) -> None:
        self._lock = Lock()
        self._waiting: list[_Write[Any]] = []
        self._led = False

    def read(self, statement: str, parameters: tuple[object, ...] = ()) -> list[Any]:
        """Return all rows that a statement finds in the latest state."""
        with self._connection() as connection:
            return connection.execute(statement, parameters).fetchall()

    def write[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do some work in a transaction, and return what it returns once that is on the disk.

        The work of all threads that wait while one commits goes into the next transaction: one wait for the disk serves
        all. So it fails together, too, and must not raise anything but what SQLite does.
        """
        mine = _Write(work)
        with self._lock:
            self._waiting.append(mine)
            if not self._led:
                self._led = True
                mine.turn.release()
        if not mine.turn.acquire(timeout=self._busy_timeout) and not self._withdraw(mine):
            mine.turn.acquire()
        if not mine.outcome.done():
            self._lead()
        return mine.outcome.result()

    def close(self) -> None:
        """Bring all into the one file, unless others have it open. Calls that follow raise StorageUnavailable."""
        self._closed = True
        self._close_idle()

    def _withdraw(self, mine: _Write[Any]) -> bool:
        """Raise StorageUnavailable while that is the truth; else tell whether the turn has come at the last moment."""
        with self._lock:
            turn = mine.turn.acquire(blocking=False)
            if not turn and mine in self._waiting:
                self._waiting.remove(mine)
                raise StorageUnavailable(_BUSY)
        return turn

    def _lead(self) -> None:
        """Commit all that waits, and pass the lead on to the first of those who came meanwhile."""
        with self._lock:
            group = self._waiting.copy()
            self._waiting.clear()
        try:
            with self._connection() as connection:
                connection.execute("BEGIN IMMEDIATE")
                results = [write.work(connection) for write in group]
                connection.execute("COMMIT")
        except BaseException as error:  # noqa: BLE001 — every caller raises it
            for write in group:
                write.outcome.set_exception(error)
        else:
            for write, result in zip(group, results, strict=True):
                write.outcome.set_result(result)
        for write in group:
            write.turn.release()
        with self._lock:
            self._led = bool(self._waiting)
            if self._led:
                self._waiting[0].turn.release()

    def _connection(self) -> _Lent:
        return _Lent(self._take, self._give_back)

    def _take(self) -> sqlite3.Connection:
        if self._closed:
            raise StorageUnavailable(_CLOSED)
        # An open file can be removed or replaced; what was written to it would be acknowledged and lost.
        if _identity(self._name) != self._identity:
            self._close_idle()
            raise StorageUnavailable(_GONE)
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        self._idle.append(connection)
        if self._closed:  # by another thread, in the meantime
            self._close_idle()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connected()
        except sqlite3.Error as error:
            raise _translated(error) from error

    def _connected(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode=rw",  # without creating it
            uri=True,
            timeout=self._busy_timeout,
            autocommit=True,
            check_same_thread=False,
        )
        try:
            self._demand_version(connection)
            self._turn_log_on(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = ON")  # for macOS, where fsync stops short of the disk
            connection.execute("PRAGMA journal_size_limit = 4194304")
            while (version := self._demand_version(connection)) < len(self._migrations):
                connection.execute("BEGIN IMMEDIATE")
                if self._demand_version(connection) == version:  # or another process was faster
                    connection.execute(f"PRAGMA application_id = {self._application_id}")
                    connection.executescript(self._migrations[version])
                    connection.execute(f"PRAGMA user_version = {version + 1}")
                connection.execute("COMMIT")
        except BaseException:
            connection.close()
            raise
        return connection

    def _demand_version(self, connection: sqlite3.Connection) -> int:
        """Return how many migrations the file has had; raise StorageCorrupted for one that is none of ours."""
        application_id, version, tables = connection.execute(
            "SELECT *, (SELECT count(*) FROM sqlite_schema) FROM pragma_application_id, pragma_user_version"
        ).fetchone()
        if application_id != self._application_id and (application_id, version, tables) != (0, 0, 0):
            raise StorageCorrupted(_FOREIGN)
        if version > len(self._migrations):
            raise StorageCorrupted(_NEWER)
        return int(version)

    def _turn_log_on(self, connection: sqlite3.Connection) -> None:
        """Switch the file to a write-ahead log, once for all. SQLite does not wait for others who do the same."""
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


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells one file from another, also of the same name; None where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 — each read asks, and a Path takes twice as long
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _create(path: Path) -> None:
    """Create an empty file where there is none, and the folders on the way, for their owner only."""
    try:
        for folder in reversed([folder for folder in path.parents if not folder.exists()]):
            folder.mkdir(mode=0o700, exist_ok=True)
        with _creating, suppress(FileExistsError):
            path.touch(mode=0o600, exist_ok=False)
    except OSError as error:
        reason = f"The database file cannot be created ({error.strerror})"
        raise (StorageUnavailable if error.errno in _PASSING else StorageMisconfigured)(reason) from error


def _translated(error: sqlite3.Error) -> Exception:
    # The low byte of an extended code is the primary one. A text that is no UTF-8 comes without a code.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code in _UNAVAILABLE:
        return StorageUnavailable(_UNAVAILABLE[code])
    if type(error) in {sqlite3.DatabaseError, sqlite3.OperationalError}:
        return StorageCorrupted(_DAMAGED)
    return error  # a fault of our own


def _weak(method: Callable[[], None]) -> Callable[[], None]:
    """Return a callable that does what the method does as long as its object lives."""
    reference = WeakMethod(method)
    return lambda: (alive := reference()) and alive()
