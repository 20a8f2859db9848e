"""A report store in which something happens at a write: another writer comes first, or the process crashes."""

from collections.abc import Callable, Iterable, Mapping

from vehicles.adapters.report_formats.files import ReportFiles
from vehicles.ports.vehicle_repository import Version


class ContendedReports(ReportFiles):
    """Wraps a store, and calls `before` and `after` each write with the number of the write, from 1."""

    def __init__(
        self,
        inner: ReportFiles,
        before: Callable[[int], object] = lambda _: None,
        after: Callable[[int], object] = lambda _: None,
    ) -> None:
        self.reads = self.writes = 0
        self._inner = inner
        self._before = before
        self._after = after

    def _read(self, key: str) -> tuple[bytes, Version] | None:
        self.reads += 1
        return self._inner._read(key)

    def _write(self, key: str, content: bytes, media_type: str, *, expected: Version | None) -> Version:
        self.writes += 1
        number = self.writes
        self._before(number)
        version = self._inner._write(key, content, media_type, expected=expected)
        self._after(number)
        return version

    def _keys(self, prefix: str) -> Iterable[str]:
        self.reads += 1
        return self._inner._keys(prefix)

    def _versions(self, prefix: str) -> Mapping[str, Version]:
        self.reads += 1
        return self._inner._versions(prefix)

    def _version_of(self, content: bytes) -> Version:
        return self._inner._version_of(content)


class Crash(Exception):
    """A crash of the process."""


def crash_at(number: int) -> Callable[[int], None]:
    def interfere(write: int) -> None:
        if write == number:
            raise Crash

    return interfere


def file_in(store: ReportFiles, key: str) -> bytes:
    """Return the bytes of a file."""
    found = store._read(key)
    assert found is not None
    return found[0]


def files_in(store: ReportFiles) -> dict[str, bytes]:
    """Return all files of a store by their keys."""
    return {key: file_in(store, key) for key in store._keys("summaries/year=")}


def overwrite(store: ReportFiles, key: str, content: bytes) -> None:
    """Replace a file by other bytes, as damage or a stranger does."""
    there = store._read(key)
    store._write(key, content, "application/octet-stream", expected=there[1] if there else None)
