"""A report store in which something happens at a write: somebody else comes first, or the process ends."""

from collections.abc import Callable, Iterator

from vehicles.ports.report_store import Report, ReportStore, Tag


class ContendedReports(ReportStore):
    """A report store in which something else happens before each write, and after; both are told its number, from 1."""

    def __init__(
        self,
        inner: ReportStore,
        interfere: Callable[[int], object] = lambda _: None,
        after: Callable[[int], object] = lambda _: None,
    ) -> None:
        self.writes = 0
        self._inner = inner
        self._interfere = interfere
        self._after = after

    def read(self, key: str) -> Report:
        return self._inner.read(key)

    def write(self, key: str, content: bytes, *, media_type: str) -> Tag:
        self._count()
        tag = self._inner.write(key, content, media_type=media_type)
        self._after(self.writes)
        return tag

    def write_if(self, key: str, content: bytes, *, media_type: str, expected: Tag | None) -> Tag:
        self._count()
        tag = self._inner.write_if(key, content, media_type=media_type, expected=expected)
        self._after(self.writes)
        return tag

    def keys(self, prefix: str = "") -> Iterator[str]:
        return self._inner.keys(prefix)

    def _count(self) -> None:
        self.writes += 1
        self._interfere(self.writes)


class Crash(Exception):
    """The end of the process."""


def crash_at(number: int) -> Callable[[int], None]:
    def interfere(write: int) -> None:
        if write == number:
            raise Crash

    return interfere
