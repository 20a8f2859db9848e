"""Folders that survive a power loss, and locks on files."""

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

if sys.platform != "win32":
    import fcntl

_READ_ONLY: Final = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_POLL_SECONDS: Final = 0.02


def make_folder(folder: Path) -> None:
    """Create a folder and its parents, for their owner only, and flush their entries to the disk."""
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
        sync_folder(missing.parent)


def sync_folder(folder: Path) -> None:
    """Flush the entries of a folder to the disk; the files themselves are already flushed."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows, where a folder cannot be opened
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_read_only(file: Path) -> bool:
    """Return whether this process cannot write a file, or cannot create files next to it."""
    effective = os.access in os.supports_effective_ids
    return not all(os.access(path, os.W_OK, effective_ids=effective) for path in (file, file.parent))


@contextmanager
def locked(path: Path, *, shared: bool, seconds: float) -> Iterator[None]:
    """Hold a shared or an exclusive lock on a file, which is created if it is missing, and stays.

    The operating system releases the lock when the process ends. There is no lock on Windows, nor on read-only media
    without such a file. Raises TimeoutError if others hold the lock for longer than `seconds`, and OSError.
    """
    handle = _open(path)
    if handle is None:
        yield
        return
    try:
        _lock(handle, shared=shared, seconds=seconds)
        yield
    finally:
        os.close(handle)


def _open(path: Path) -> int | None:
    if sys.platform == "win32":
        return None
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        if error.errno not in _READ_ONLY:
            raise
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None


def _lock(handle: int, *, shared: bool, seconds: float) -> None:
    if sys.platform == "win32":
        return
    end = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise TimeoutError from None
            time.sleep(_POLL_SECONDS)
        else:
            return
