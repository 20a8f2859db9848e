"""The summary of a fleet: a fold over its vehicles, and a merge of two folds.

Its size depends on the number of fuel types, axle numbers, manufacturers and weeks, never on the number of vehicles,
and no VIN is in it. Parts of the fleet may be folded anywhere and merged in any order: `merge` is associative and
commutative, and the empty summary of the week is its identity.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, Self

from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.week import IsoWeek

WEEKS_SHOWN: Final = 12
_WEEK: Final = timedelta(weeks=1)


@dataclass(slots=True)
class Summary:
    """Counts of the vehicles that were registered before the end of `week` and are still there.

    `by_week` counts those that were registered in `week` or one of the eleven weeks before it.
    The manufacturer stands as WMI; its country follows from the first two characters.
    """

    week: IsoWeek
    by_fuel_type: Counter[FuelType] = field(default_factory=Counter)
    by_no_of_axles: Counter[int] = field(default_factory=Counter)
    by_wmi: Counter[str] = field(default_factory=Counter)
    by_week: Counter[IsoWeek] = field(default_factory=Counter)

    @classmethod
    def of(cls, week: IsoWeek, vehicles: Iterable[Vehicle]) -> Self:
        """Fold the vehicles into the summary of the week."""
        summary = cls(week)
        weeks, first_moment, end = summary.weeks, summary.weeks[0].start, week.end
        for vehicle in vehicles:
            moment = vehicle.registered_at
            if moment >= end:
                continue
            summary.by_fuel_type[vehicle.fuel_type] += 1
            summary.by_no_of_axles[vehicle.no_of_axles] += 1
            summary.by_wmi[vehicle.vin.wmi] += 1
            if moment >= first_moment:
                summary.by_week[weeks[(moment - first_moment) // _WEEK]] += 1
        return summary

    def merge(self, other: Self) -> Self:
        """Return the summary of both folds together. Raises ValueError where they are of different weeks."""
        if self.week != other.week:
            message = f"the summaries of {self.week} and {other.week} have nothing to do with each other"
            raise ValueError(message)
        return type(self)(
            self.week,
            self.by_fuel_type + other.by_fuel_type,
            self.by_no_of_axles + other.by_no_of_axles,
            self.by_wmi + other.by_wmi,
            self.by_week + other.by_week,
        )

    @property
    def total(self) -> int:
        """How many vehicles were folded."""
        return self.by_fuel_type.total()

    @property
    def registered(self) -> int:
        """How many of them were registered in the week itself."""
        return self.by_week[self.week]

    @property
    def weeks(self) -> tuple[IsoWeek, ...]:
        """The twelve weeks of `by_week`, oldest first."""
        return tuple(self.week.shifted(-back) for back in reversed(range(WEEKS_SHOWN)))
