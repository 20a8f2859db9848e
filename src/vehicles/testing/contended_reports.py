"""A report store in which something happens at a write: another writer comes first, or the process crashes."""

from collections.abc import Callable, Collection, Iterable, Mapping

from vehicles.adapters.report_formats.files import ReportFiles
from vehicles.ports.vehicle_repository import Version


class ContendedReports(ReportFiles):
    """Wraps a store, and calls `before` and `after` each write with the number of the write, from 1.

    `at` names other operations than the writes: read, keys and versions.
    Without `knows_versions`, a version is not a checksum of the content, as in a bucket with SSE-KMS.
    """

    def __init__(
        self,
        inner: ReportFiles,
        before: Callable[[int], object] = lambda _: None,
        after: Callable[[int], object] = lambda _: None,
        *,
        at: Collection[str] = ("write",),
        knows_versions: bool = True,
    ) -> None:
        self.operations: list[str] = []
        self._inner = inner
        self._before = before
        self._after = after
        self._at = at
        self._knows_versions = knows_versions

    @property
    def writes(self) -> int:
        return self.operations.count("write")

    @property
    def reads(self) -> int:
        return len(self.operations) - self.writes

    def _read(self, key: str) -> tuple[bytes, Version] | None:
        return self._step("read", lambda: self._inner._read(key))

    def _write(self, key: str, content: bytes, media_type: str, *, expected: Version | None) -> Version:
        return self._step("write", lambda: self._inner._write(key, content, media_type, expected=expected))

    def _keys(self, prefix: str) -> Iterable[str]:
        return self._step("keys", lambda: self._inner._keys(prefix))

    def _versions(self, prefix: str) -> Mapping[str, Version]:
        return self._step("versions", lambda: self._inner._versions(prefix))

    def _version_of(self, content: bytes) -> Version:
        return self._inner._version_of(content) if self._knows_versions else Version("unknown")

    def _step[Result](self, name: str, operate: Callable[[], Result]) -> Result:
        self.operations.append(name)
        if name not in self._at:
            return operate()
        number = sum(each in self._at for each in self.operations)
        self._before(number)
        result = operate()
        self._after(number)
        return result


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
