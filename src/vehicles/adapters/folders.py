"""Folders on the disk: made so that they survive a power loss, and locked while they are in use."""

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

_POLL_SECONDS: Final = 0.02


def make_folder(folder: Path) -> None:
    """Make a folder and those above it, for their owner only, and return when the disk has their names."""
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
        sync_folder(missing.parent)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk; the files themselves are there already."""
    if not hasattr(os, "O_DIRECTORY"):  # Windows, where a folder cannot be opened
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def is_read_only(file: Path) -> bool:
    """Tell whether this process may not write a file, or may not make another one beside it."""
    effective = os.access in os.supports_effective_ids
    return not all(os.access(path, os.W_OK, effective_ids=effective) for path in (file, file.parent))


@contextmanager
def locked(path: Path, *, shared: bool, seconds: float) -> Iterator[None]:
    """Hold a lock on a file, which is made where it is missing and stays: shared with others, or alone.

    The lock ends with the process, however that ends. On Windows, and on media that cannot be written and hold no such
    file, there is none. Raises TimeoutError where others hold it for longer than `seconds`, and OSError.
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
        if error.errno not in {errno.EROFS, errno.EACCES, errno.EPERM}:
            raise
    try:
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
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
