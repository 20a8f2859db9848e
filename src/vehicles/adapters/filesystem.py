"""The report store in a directory of one machine, for any number of threads and processes."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, final

from vehicles.adapters.folders import make_folder, sync_folder
from vehicles.adapters.report_formats.files import ReportFiles
from vehicles.domain.errors import ReportChanged, StorageCorrupted, StorageReadOnly, StorageUnavailable
from vehicles.ports.checks import Check
from vehicles.ports.vehicle_repository import Version

DEFAULT_BUSY_TIMEOUT: Final = 10.0

# No report has a name that begins with a dot.
_READ_ONLY: Final = {errno.EROFS, errno.EACCES, errno.EPERM}
_LOCK: Final = ".lock"
_UNFINISHED: Final = ".unfinished-"


@final
class DirectoryReportStore(ReportFiles):
    """Reports as files; the key is the path in the directory. The first write creates it, for its owner only.

    A write waits up to `busy_timeout` seconds for other writers, then raises StorageUnavailable.
    """

    def __init__(self, directory: str | Path, *, busy_timeout: float = DEFAULT_BUSY_TIMEOUT) -> None:
        self._directory = Path(directory).absolute()
        self._busy_timeout = busy_timeout

    def _read(self, key: str) -> tuple[bytes, Version] | None:
        with _translating():
            try:
                content = (self._directory / key).read_bytes()
            except (FileNotFoundError, NotADirectoryError):
                return None
        return content, self._version_of(content)

    def _write(self, key: str, content: bytes, media_type: str, *, expected: Version | None) -> Version:  # noqa: ARG002 — files have no media type
        from filelock import FileLock, Timeout  # noqa: PLC0415 — slow to import, and most commands only read

        with _translating():
            make_folder(self._directory)
            # No fallback if the file system has no locks: soft locks would outlive a writer that crashes.
            lock = FileLock(
                self._directory / _LOCK, self._busy_timeout, 0o600, poll_interval=0.005, fallback_to_soft=False
            )
            try:
                with lock:
                    there = self._read(key)
                    if (there[1] if there else None) != expected:
                        raise ReportChanged(key)
                    self._replace(key, content)
            except Timeout as error:
                raise StorageUnavailable("Other processes keep the reports locked") from error
        return self._version_of(content)

    def _keys(self, prefix: str) -> list[str]:
        with _translating():
            keys = [
                (folder / name).relative_to(self._directory).as_posix()
                for folder, _, names in (self._directory / prefix.rpartition("/")[0]).walk(
                    on_error=_raise_unless_missing
                )
                for name in names
            ]
        return [key for key in keys if key.startswith(prefix)]

    def check(self) -> Iterator[Check]:
        """Check all reports, and yield their number or their faults."""

        def look() -> str:
            count = len(self.weeks())
            found = f"{count} {'summary' if count == 1 else 'summaries'}"
            if faults := list(self.faults()):
                raise StorageCorrupted("; ".join([found, *faults]))
            return found

        yield Check.of("reports", look)

    def _versions(self, prefix: str) -> dict[str, Version]:
        found = {key: self._read(key) for key in self._keys(prefix)}
        return {key: file[1] for key, file in found.items() if file}

    def _replace(self, key: str, content: bytes) -> None:
        """Replace a file atomically, and return when it is on the disk."""
        target = self._directory / key
        make_folder(target.parent)
        for leftover in target.parent.glob(f"{_UNFINISHED}*"):  # of crashed writers: this one has the lock
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
        sync_folder(target.parent)


@contextmanager
def _translating() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = StorageReadOnly if error.errno in _READ_ONLY else StorageUnavailable
        raise kind(f"The directory of the reports cannot be used ({error.strerror})") from error


def _raise_unless_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
