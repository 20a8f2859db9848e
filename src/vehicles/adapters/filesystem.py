"""The report store in a directory of one machine: any number of threads and processes."""

import fcntl
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, final

from vehicles.domain.errors import InvalidReportKey, ReportChanged, ReportNotFound, StorageUnavailable
from vehicles.ports.checks import Check
from vehicles.ports.report_store import Report, ReportStore, Tag, check_key

USUAL_BUSY_TIMEOUT: Final = 10.0

# No report has a name that begins with a dot.
_LOCK: Final = ".lock"
_UNFINISHED: Final = ".unfinished-"


@final
class DirectoryReportStore(ReportStore):
    """A report is a file; its key is the path in the directory, which the first write makes, for its owner only.

    A write waits `busy_timeout` seconds for other writers.
    """

    def __init__(self, directory: str | Path, *, busy_timeout: float = USUAL_BUSY_TIMEOUT) -> None:
        self._directory = Path(directory).absolute()
        self._busy_timeout = busy_timeout

    def read(self, key: str) -> Report:
        """See the port."""
        check_key(key)
        with _translating():
            content = self._content(key)
        if content is None:
            raise ReportNotFound(key)
        return Report(content, _tag(content))

    def write(self, key: str, content: bytes, *, media_type: str) -> Tag:  # noqa: ARG002 — files have no media type
        """See the port."""
        check_key(key)
        with _translating(), self._writing():
            return self._put(key, content)

    def write_if(self, key: str, content: bytes, *, media_type: str, expected: Tag | None) -> Tag:  # noqa: ARG002 — as above
        """See the port."""
        check_key(key)
        with _translating(), self._writing():
            there = self._content(key)
            if (None if there is None else _tag(there)) != expected:
                raise ReportChanged(key)
            return self._put(key, content)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """See the port."""
        with _translating():
            names = [
                (folder / name).relative_to(self._directory).as_posix()
                for folder, _, names in self._directory.walk(on_error=_raise_unless_missing)
                for name in names
            ]
        return iter(sorted(name for name in names if name.startswith(prefix) and _is_key(name)))

    def check(self) -> Iterator[Check]:
        """Read every report, and yield what is wrong."""
        from vehicles.adapters.report_checks import check_reports  # noqa: PLC0415 — only `vehicles doctor` needs it

        yield check_reports(self)

    def _content(self, key: str) -> bytes | None:
        try:
            return (self._directory / key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _put(self, key: str, content: bytes) -> Tag:
        """Put a file in its place whole, and return when the disk has it."""
        target = self._directory / key
        _make_folder(target.parent)
        for leftover in target.parent.glob(f"{_UNFINISHED}*"):  # of writers that died: nobody else writes now
            leftover.unlink()
        handle, unfinished = tempfile.mkstemp(prefix=_UNFINISHED, dir=target.parent)
        try:
            with open(handle, "wb") as file:  # noqa: PTH123 — Path.open takes no handle
                file.write(content)
                file.flush()
                os.fsync(handle)
            Path(unfinished).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(unfinished).unlink()
            raise
        _sync_folder(target.parent)
        return _tag(content)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Keep all other writers out, threads and processes alike; a writer that dies lets go."""
        _make_folder(self._directory)
        deadline = time.monotonic() + self._busy_timeout
        handle = os.open(self._directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while not _try_lock(handle):
                if time.monotonic() > deadline:
                    reason = "The reports are being written by others for too long"
                    raise StorageUnavailable(reason)
                time.sleep(0.005)
            yield
        finally:
            os.close(handle)


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = f"The directory of the reports fails ({error.strerror})"
        raise StorageUnavailable(reason) from error


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _make_folder(folder: Path) -> None:
    for missing in reversed([each for each in (folder, *folder.parents) if not each.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(missing.parent)


def _sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk; the files themselves are there already."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _is_key(name: str) -> bool:
    try:
        check_key(name)
    except InvalidReportKey:
        return False
    return True


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _tag(content: bytes) -> Tag:
    return Tag(hashlib.sha256(content).hexdigest())
