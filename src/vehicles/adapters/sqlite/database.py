"""One SQLite file, shared by the threads of this process and by other processes of the same machine.

It must not be on a network file system, where SQLite's locks do not work.
docs/decisions/2026-11-sqlite.md explains the settings.
"""

import errno
import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from threading import Lock
from typing import Any, Final, final
from weakref import WeakMethod

from vehicles.adapters.folders import is_read_only, locked, make_folder, sync_folder
from vehicles.adapters.sqlite.file import (
    BUSY,
    READ_ONLY,
    connect,
    identity_of,
    lock_of,
    require_usable,
    require_version,
    require_whole,
    resolved,
    translating,
)
from vehicles.domain.deadline import require_awaited
from vehicles.domain.errors import StorageMisconfigured, StorageReadOnly, StorageUnavailable

_TEMPORARY: Final = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE}

_BUSY_SLICE: Final = 0.1
"""The interval, in seconds, in which a waiting write checks whether it was abandoned."""


@final
class SQLiteDatabase:
    """Reads, and writes that are durable when they return.

    The constructor opens the file and applies the missing migrations, each a script in one transaction. A missing file
    is created atomically, for its owner only. Any other file that is not a registry is refused and not changed.
    If the file or its folder is not writable, a file without a log can still be read.
    One thread writes at a time. A write waits up to `busy_timeout` seconds for other threads and processes; then it
    raises StorageUnavailable.
    An open database holds a shared lock on the file `lock_of(path)`.
    A process may fork while no call is in progress; the child opens its own connections.
    Every method, and the constructor, raises StorageUnavailable, StorageCorrupted and StorageMisconfigured.
    """

    def __init__(
        self, path: str | Path, *, application_id: int, migrations: tuple[str, ...], busy_timeout: float
    ) -> None:
        self._path = resolved(path)
        self._application_id = application_id
        self._migrations = migrations
        self._busy_timeout = busy_timeout
        self._closed = self._is_read_only = False
        self._idle: list[sqlite3.Connection] = []
        self._writing = Lock()
        self._in_use = ExitStack()
        # A child that inherits a connection assumes that it also holds the locks of the parent, even for new
        # connections. Tested: the parent then removes the log that the child still writes to.
        if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
            close_idle = WeakMethod(self._close_idle)  # weak, because the hook stays until the process ends
            os.register_at_fork(before=lambda: (alive := close_idle()) and alive())
        try:
            with translating():
                self._create()
                self._hold_lock()
                require_usable(self._path)
            self._is_read_only = is_read_only(self._path)
            self._identity = identity_of(self._path)
            self.read("SELECT 1")
        except BaseException:
            self._in_use.close()
            raise

    def read(self, statement: str, parameters: tuple[object, ...] = ()) -> list[Any]:
        """Return all rows that a statement finds in the latest committed state."""
        with self._connection() as connection:
            return connection.execute(statement, parameters).fetchall()

    def write[T](self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do the work in a transaction, and return its result when it is on the disk. An error rolls back.

        A write that was abandoned while it waited is not carried out: see `require_awaited`.
        """
        end = time.monotonic() + self._busy_timeout
        # One thread at a time: SQLite would make the others sleep and retry.
        while not self._writing.acquire(timeout=min(_BUSY_SLICE, self._busy_timeout)):
            require_awaited()
            if time.monotonic() >= end:
                raise StorageUnavailable(BUSY)
        try:
            with self._connection() as connection:
                if self._is_read_only:
                    raise StorageReadOnly(READ_ONLY)
                self._begin(connection, end)
                result = work(connection)
                connection.execute("COMMIT")
                return result
        finally:
            self._writing.release()

    def copy_to(self, target: Path) -> None:
        """Write the latest committed state to a new file, while others read and write this one."""
        with self._connection() as connection, closing(sqlite3.connect(target, autocommit=True)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # so that the copy is a single file

    def close(self) -> None:
        """Write the log back to the file, unless other processes have it open. Later calls raise StorageUnavailable."""
        self._closed = True
        self._close_idle()
        self._in_use.close()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Yield a connection from the pool. After an error it is closed, which rolls back."""
        with translating():
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
        if identity_of(self._path) != self._identity:
            self._close_idle()
            raise StorageUnavailable(
                "The database file was moved, removed or replaced; restart the processes that have it open"
            )
        try:
            return self._idle.pop()
        except IndexError:
            return self._open()

    def _hold_lock(self) -> None:
        lock = lock_of(self._path)
        try:
            self._in_use.enter_context(locked(lock, shared=True, seconds=self._busy_timeout))
        except PermissionError as error:
            raise StorageMisconfigured(f"{lock.name} cannot be opened: it belongs to another user") from error

    def _create(self) -> None:
        """Create the file, unless another process does; whoever has it open then keeps this one from the lock."""
        end = time.monotonic() + self._busy_timeout
        while not self._path.exists():
            try:
                make_folder(self._path.parent)
                with locked(lock_of(self._path), shared=False, seconds=_BUSY_SLICE):
                    require_usable(self._path, missing=True)
                    if not self._path.exists():
                        self._create_alone()
            except TimeoutError as error:
                if time.monotonic() >= end:
                    reason = "The database file was removed while other processes have it open; stop them first"
                    raise StorageUnavailable(reason) from error
            except OSError as error:
                reason = f"The database file cannot be created ({error.strerror})"
                raise (StorageUnavailable if error.errno in _TEMPORARY else StorageMisconfigured)(reason) from error

    def _create_alone(self) -> None:
        """Create the file with its schema under a temporary name, and rename it."""
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}-", dir=self._path.parent)
        os.close(handle)
        new = Path(name)
        try:
            with closing(self._open(new)):
                pass  # closing writes the log back to the file
            new.replace(self._path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        sync_folder(self._path.parent)

    def _begin(self, connection: sqlite3.Connection, end: float) -> None:
        """Begin a write transaction, and wait for other processes until `end`."""
        while True:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                require_awaited()
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                    raise
            else:
                require_awaited()
                return

    def _open(self, path: Path | None = None) -> sqlite3.Connection:
        """Open the database, or the new file that will become the database."""
        connection = connect(path or self._path, seconds=min(_BUSY_SLICE, self._busy_timeout))
        try:
            newest, is_new = len(self._migrations), path is not None
            oldest = newest if self._is_read_only else 0
            version = require_version(connection, self._application_id, newest, oldest=oldest, is_new=is_new)
            if not is_new:
                require_whole(self._path)
            if self._is_read_only:
                return connection
            self._use_wal(connection)
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA fullfsync = ON")  # for macOS, where fsync does not flush the disk cache
            connection.execute("PRAGMA journal_size_limit = 4194304")
            while version < len(self._migrations):
                self._begin(connection, time.monotonic() + self._busy_timeout)
                (reached,) = connection.execute("PRAGMA user_version").fetchone()
                if reached == version:  # otherwise another process was faster
                    connection.execute(f"PRAGMA application_id = {self._application_id}")
                    connection.executescript(self._migrations[version])
                    connection.execute(f"PRAGMA user_version = {version + 1}")
                connection.execute("COMMIT")
                version += 1
        except BaseException:
            connection.close()
            raise
        return connection

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
