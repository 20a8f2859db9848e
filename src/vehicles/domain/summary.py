"""The summary of a fleet: a fold over its vehicles, and a merge of two folds.

Its size depends on the number of fuel types, axle numbers, manufacturers and weeks, never on the number of vehicles,
and no VIN is in it. Parts of the fleet may be folded anywhere and merged in any order: `merge` is associative and
commutative, and the empty summary of the week is its identity.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import batched
from typing import Final, Self

from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.week import IsoWeek

WEEKS_SHOWN: Final = 12
_BATCH: Final = 1000

type Traits = tuple[str, int, FuelType, datetime]
"""What is counted of a vehicle: its WMI, number of axles, fuel type and moment of registration.

A plain tuple, since a summary takes millions of them: to make a `Vehicle` of each takes three times as long.
"""


@dataclass(slots=True)
class Summary:
    """Counts of the vehicles that were registered before the end of `week` and are still there.

    `by_week` counts those that were registered in `week` or one of the eleven weeks before it.
    The manufacturer stands as WMI; its country follows from the first two characters.
    Weeks are those of `zone`.
    """

    week: IsoWeek
    zone: tzinfo
    by_fuel_type: Counter[FuelType] = field(default_factory=Counter)
    by_no_of_axles: Counter[int] = field(default_factory=Counter)
    by_wmi: Counter[str] = field(default_factory=Counter)
    by_week: Counter[IsoWeek] = field(default_factory=Counter)

    @classmethod
    def of(cls, week: IsoWeek, zone: tzinfo, vehicles: Iterable[Vehicle]) -> Self:
        """Fold the vehicles into the summary of the week."""
        summary = cls(week, zone)
        for some in batched(vehicles, _BATCH, strict=False):
            summary.add(map(traits_of, some))
        return summary

    def add(self, fleet: Iterable[Traits]) -> None:
        """Fold some more vehicles in, those that were registered before the end of the week.

        They are held in memory, all at once.
        """
        weeks, end = self.weeks, self.end
        # Not every week has 168 hours, so that a moment is looked up among the starts.
        starts = [shown.start(self.zone) for shown in weeks]
        in_time = [traits for traits in fleet if traits[3] < end]
        if not in_time:
            return
        # Column by column, since a Counter counts what it is handed whole five times as fast as one by one.
        wmis, numbers_of_axles, fuel_types, moments = zip(*in_time, strict=True)
        self.by_wmi.update(wmis)
        self.by_no_of_axles.update(numbers_of_axles)
        self.by_fuel_type.update(fuel_types)
        recent = (moment for moment in moments if moment >= starts[0])
        self.by_week.update(weeks[bisect_right(starts, moment) - 1] for moment in recent)

    def merge(self, other: Self) -> Self:
        """Return the summary of both folds together. Raises ValueError where they are of different weeks."""
        if (self.week, self.zone) != (other.week, other.zone):
            message = (
                f"the summaries of {self.week} ({self.zone}) and {other.week} ({other.zone}) "
                "have nothing to do with each other"
            )
            raise ValueError(message)
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
        """The first moment of the week, in UTC."""
        return self.week.start(self.zone)

    @property
    def end(self) -> datetime:
        """The first moment after the week, in UTC."""
        return self.week.end(self.zone)

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


def traits_of(vehicle: Vehicle) -> Traits:
    """Return what a summary counts of a vehicle."""
    return vehicle.vin.wmi, vehicle.no_of_axles, vehicle.fuel_type, vehicle.registered_at
