"""The summary of a fleet: a fold over its vehicles, and a merge of two folds.

Its size depends on the number of fuel types, axle numbers, manufacturers and weeks, never on the number of vehicles. It
contains no VIN. Partitions of the fleet can be folded in parallel and merged in any order: `merge` is associative and
commutative, and the empty summary of the week is its identity.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import batched
from typing import Final, Self

from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle

WEEKS_SHOWN: Final = 12
HISTORY_WEEKS: Final = 52
_BATCH: Final = 1000


@dataclass(slots=True)
class Summary:
    """Counts of the vehicles that were registered before the end of `week` and not deleted.

    `by_week` counts the vehicles registered in `week` and in each of the eleven weeks before it.
    Manufacturers are counted by their identifiers: the WMI, or six characters for manufacturers of few vehicles. The
    first two characters also give the country.
    Weeks are those of the time zone `zone`.
    """

    week: IsoWeek
    zone: tzinfo
    by_fuel_type: Counter[FuelType] = field(default_factory=Counter)
    by_no_of_axles: Counter[int] = field(default_factory=Counter)
    by_wmi: Counter[str] = field(default_factory=Counter)
    by_week: Counter[IsoWeek] = field(default_factory=Counter)

    @classmethod
    def of(cls, week: IsoWeek, zone: tzinfo, vehicles: Iterable[Vehicle]) -> Self:
        """Fold the vehicles into the summary of the week, in constant memory."""
        summary = cls(week, zone)
        weeks = summary.weeks
        bounds = [*(shown.start(zone) for shown in weeks), summary.end]  # not every week has 168 hours
        registered_by: Counter[int] = Counter()  # by the number of bounds that the timestamp has reached
        # In batches, because a Counter counts a list several times faster than single vehicles.
        for batch in batched(vehicles, _BATCH, strict=False):
            in_time = [vehicle for vehicle in batch if vehicle.registered_at < bounds[-1]]
            summary.by_wmi.update([vehicle.vin.manufacturer_id for vehicle in in_time])
            summary.by_no_of_axles.update([vehicle.no_of_axles for vehicle in in_time])
            summary.by_fuel_type.update([vehicle.fuel_type for vehicle in in_time])
            registered_by.update([bisect_right(bounds, vehicle.registered_at) for vehicle in in_time])
        summary.by_week.update(
            {week: registered_by[place] for place, week in enumerate(weeks, 1) if place in registered_by}
        )
        return summary

    def merge(self, other: Self) -> Self:
        """Return the sum of two summaries. Raises ValueError if their weeks or time zones differ."""
        if (self.week, self.zone) != (other.week, other.zone):
            mine, theirs = f"{self.week} ({self.zone})", f"{other.week} ({other.zone})"
            raise ValueError(f"the summaries of {mine} and {theirs} cannot be merged")
        return type(self)(
            self.week,
            self.zone,
            self.by_fuel_type + other.by_fuel_type,
            self.by_no_of_axles + other.by_no_of_axles,
            self.by_wmi + other.by_wmi,
            self.by_week + other.by_week,
        )

    @property
    def start(self) -> datetime:
        """The start of the week, in UTC."""
        return self.week.start(self.zone)

    @property
    def end(self) -> datetime:
        """The end of the week, exclusive, in UTC."""
        return self.week.end(self.zone)

    @property
    def total(self) -> int:
        """The number of vehicles."""
        return self.by_fuel_type.total()

    @property
    def registered(self) -> int:
        """The number of vehicles that were registered in the week itself."""
        return self.by_week[self.week]

    @property
    def weeks(self) -> tuple[IsoWeek, ...]:
        """The twelve weeks of `by_week`, oldest first."""
        return tuple(self.week.shifted(-back) for back in reversed(range(WEEKS_SHOWN)))
