"""How far the counting of a fleet has come, when it has to stop before the end.

    summaries/year=2026/week=47/unfinished.json

Only whole parts of the fleet are noted, so that no position in the table, which would be a VIN, is kept.
A checkpoint is true by itself: it holds the sum of exactly the parts that it names. So of two runs at once either may
overwrite the other's, and what is lost is time.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from hashlib import sha256
from typing import Final, Self

from vehicles.domain.errors import StorageCorrupted
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.report_manifest import UNREADABLE, folder_of
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType

VALID_FOR: Final = timedelta(hours=6)
"""As long as AWS repeats an invocation that failed. What was counted longer ago is counted anew."""

NOTHING: Final = b"{}\n"
"""What is kept in the place of a checkpoint that has done its work: a store forgets nothing."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What was folded of the fleet: the parts `done`, of `count` parts, since `begun` (UTC)."""

    summary: Summary
    begun: datetime
    count: int
    done: frozenset[int] = frozenset()

    @property
    def left(self) -> list[int]:
        """The parts that are still to be folded, in ascending order."""
        return sorted(set(range(self.count)) - self.done)

    def serves(self, now: datetime) -> bool:
        """Tell whether to go on from here now: it is not too old, and knows as much of the week as can be known now."""
        end = self.summary.end
        return timedelta(0) <= now - self.begun <= VALID_FOR and not self.begun < end <= now

    def with_part(self, index: int, part: Summary) -> Self:
        """Return the checkpoint that has one more part."""
        return type(self)(self.summary.merge(part), self.begun, self.count, self.done | {index})

    @property
    def document(self) -> bytes:
        """The checkpoint as it is kept, with its SHA-256."""
        summary = self.summary
        state = {
            "week": str(summary.week),
            "timeZone": str(summary.zone),
            "begun": self.begun.isoformat(),
            "parts": self.count,
            "done": sorted(self.done),
            "byFuelType": {str(fuel_type): count for fuel_type, count in summary.by_fuel_type.items()},
            "byNoOfAxles": {str(number): count for number, count in summary.by_no_of_axles.items()},
            "byManufacturer": dict(summary.by_wmi),
            "byWeek": {str(week): count for week, count in summary.by_week.items()},
        }
        return json.dumps({"sha256": _checksum(state), "state": state}, indent=1).encode() + b"\n"

    @classmethod
    def read(cls, document: bytes, week: IsoWeek, zone: tzinfo) -> Self | None:
        """Return the checkpoint of a week that a document is; None where it is `NOTHING`, or of other weeks or zones.

        Raises StorageCorrupted where it is damaged.
        """
        reason = "The checkpoint of a summary is not the JSON document that the registry writes"
        try:
            content = json.loads(document)
            if content == {}:
                return None
            state = content["state"]
            if content["sha256"] != _checksum(state):
                raise StorageCorrupted(reason)
            if (state["week"], state["timeZone"]) != (str(week), str(zone)):
                return None
            summary = Summary(
                week,
                zone,
                Counter({FuelType(name): count for name, count in state["byFuelType"].items()}),
                Counter({int(name): count for name, count in state["byNoOfAxles"].items()}),
                Counter(state["byManufacturer"]),
                Counter({IsoWeek.parse(name): count for name, count in state["byWeek"].items()}),
            )
            begun = datetime.fromisoformat(state["begun"]).astimezone(UTC)
            return cls(summary, begun, state["parts"], frozenset(state["done"]))
        except (*UNREADABLE, KeyError, TypeError, AttributeError) as error:
            raise StorageCorrupted(reason) from error


def checkpoint_key(week: IsoWeek) -> str:
    """Return the key that the checkpoint of a week is kept under."""
    return f"{folder_of(week)}/unfinished.json"


def _checksum(state: object) -> str:
    return sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
