"""The fold of a whole fleet: its parts at once, if that pays, and in as many goes as its time takes."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import batched
from typing import Final, Protocol

from vehicles.domain.errors import ReportNotFound, StorageCorrupted, SummaryUnfinished
from vehicles.domain.summary.checkpoint import NOTHING, Checkpoint, checkpoint_key
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.report_store import ReportStore
from vehicles.ports.vehicle_repository import VehicleRepository

_LOG: Final = logging.getLogger(__name__)
_MEDIA_TYPE: Final = "application/json"
_BATCH: Final = 1000


class ForEach(Protocol):
    """Calls a function with each of some values, and yields the outcomes in their order: as `map` does, or at once."""

    def __call__[Value, Outcome](
        self, function: Callable[[Value], Outcome], values: Iterable[Value], /
    ) -> Iterator[Outcome]:
        """Yield the outcomes."""


def always() -> bool:
    """Say that there is time."""
    return True


@dataclass(frozen=True, slots=True)
class FleetFold:
    """Folds a fleet in parts, and leaves a checkpoint where it has to stop."""

    repository: VehicleRepository
    reports: ReportStore
    for_each: ForEach = map

    def fold(self, week: IsoWeek, zone: tzinfo, now: datetime, in_time: Callable[[], bool]) -> Checkpoint:
        """Return the fold of the whole fleet, gone on with from the checkpoint if there is one that serves.

        `in_time` is asked before each batch of vehicles. When it says no, what is folded of whole parts is kept, and so
        it is where the storage fails.
        Raises SummaryUnfinished when there is no time, and the same call goes on from there.
        """
        fold = self._kept(week, zone, now) or Checkpoint(Summary(week, zone), now, self.repository.partitions())
        left, before = fold.left, len(fold.done)

        def part(index: int) -> Summary | None:
            summary = Summary(week, zone)
            batches = batched(self.repository.partition(index, fold.count), _BATCH, strict=False)
            # Asked before the first batch too: of the parts that are left when the time is up none is begun.
            while in_time():
                batch = next(batches, None)
                if batch is None:
                    return summary
                summary = summary.merge(Summary.of(week, zone, batch))
            return None

        try:
            for index, summary in zip(left, self.for_each(part, left), strict=True):
                if summary is not None:
                    fold = fold.with_part(index, summary)
        finally:
            _LOG.info("fleet folded", extra={"week": str(week), "parts": fold.count, "partsDone": len(fold.done)})
            if fold.left and len(fold.done) > before:
                self.reports.write(checkpoint_key(week), fold.document, media_type=_MEDIA_TYPE)
        if not fold.left:
            return fold
        raise SummaryUnfinished(str(week), len(fold.done), fold.count)

    def forget(self, week: IsoWeek) -> None:
        """Let the next run of the week count anew."""
        try:
            if self.reports.read(checkpoint_key(week)).content == NOTHING:
                return
        except ReportNotFound:
            return
        self.reports.write(checkpoint_key(week), NOTHING, media_type=_MEDIA_TYPE)

    def _kept(self, week: IsoWeek, zone: tzinfo, now: datetime) -> Checkpoint | None:
        try:
            found = Checkpoint.read(self.reports.read(checkpoint_key(week)).content, week, zone)
        except ReportNotFound:
            return None
        except StorageCorrupted as error:
            _LOG.warning("the fleet is counted from the beginning: %s", error)
            return None
        return found if found is not None and found.serves(now) else None
