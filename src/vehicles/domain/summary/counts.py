"""The summary of a fleet: a fold over its vehicles, and a merge of two folds.

Its size depends on the number of fuel types, axle numbers, manufacturers and weeks, never on the number of vehicles,
and no VIN is in it. Parts of the fleet may be folded anywhere and merged in any order: `merge` is associative and
commutative, and the empty summary of the week is its identity.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import batched, compress
from typing import Final, Self

from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle

WEEKS_SHOWN: Final = 12
HISTORY_WEEKS: Final = 52
_BATCH: Final = 1000

_LATE: Final = WEEKS_SHOWN + 1
"""The period after the end of the week."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What is counted of some vehicles: a column for each trait, all in the order of the vehicles.

    `periods` says of each vehicle how many of a summary's `bounds` had passed when it was registered.
    Columns, since a Counter counts a whole one five times as fast as one by one, and no vehicle need be made.
    """

    wmis: Sequence[str]
    numbers_of_axles: Sequence[int]
    fuel_types: Sequence[FuelType]
    periods: Sequence[int]

    @classmethod
    def of(cls, vehicles: Sequence[Vehicle], bounds: Sequence[datetime]) -> Self:
        """Return what is counted of the vehicles."""
        return cls(
            [vehicle.vin.wmi for vehicle in vehicles],
            [vehicle.no_of_axles for vehicle in vehicles],
            [vehicle.fuel_type for vehicle in vehicles],
            [bisect_right(bounds, vehicle.registered_at) for vehicle in vehicles],
        )

    def before(self, period: int) -> Self:
        """Return what is counted of those of the vehicles that were registered before a period."""
        chosen = [each < period for each in self.periods]
        return type(self)(
            list(compress(self.wmis, chosen)),
            list(compress(self.numbers_of_axles, chosen)),
            list(compress(self.fuel_types, chosen)),
            list(compress(self.periods, chosen)),
        )


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
        bounds = summary.bounds
        for some in batched(vehicles, _BATCH, strict=False):
            summary.add(Traits.of(some, bounds))
        return summary

    def add(self, traits: Traits) -> None:
        """Fold some more vehicles in, those that were registered before the end of the week.

        Their periods are those between the `bounds` of this summary.
        """
        in_time = traits.before(_LATE) if _LATE in traits.periods else traits
        self.by_wmi.update(in_time.wmis)
        self.by_no_of_axles.update(in_time.numbers_of_axles)
        self.by_fuel_type.update(in_time.fuel_types)
        by_period = Counter(in_time.periods)
        self.by_week.update({week: by_period[period] for period, week in enumerate(self.weeks, 1) if by_period[period]})

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

    @property
    def bounds(self) -> tuple[datetime, ...]:
        """The first moments of the twelve weeks and the end of the last, in UTC; not every week has 168 hours."""
        return (*(shown.start(self.zone) for shown in self.weeks), self.end)
