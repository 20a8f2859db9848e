"""A row of a file before it becomes a vehicle, and the columns that name its cells."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from vehicles.domain.errors import Fault, InvalidVin
from vehicles.domain.vehicle import WIRE_NAMES
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.entrypoints.fleet_files.content import UnreadableFile
from vehicles.entrypoints.fleet_files.words import field_of, misspelt, simplified

TIMESTAMP = WIRE_NAMES["registered_at"]
COLUMNS = tuple(name for name in WIRE_NAMES.values() if name != TIMESTAMP)
"""The wire names of the fields that a vehicle needs, in the order of a file that the registry writes."""

REPORT = ("error", "suggestion")
"""The columns that a file of refused rows has besides; they are never read."""


class Record(NamedTuple):
    """A row: its number (of the line, the sheet's row or the item), its place in words, its cells, or what is wrong.

    `cells` has a value for each heading of the file; `fields` has those that the registry reads, by wire name.
    """

    number: int
    place: str
    fields: Mapping[str, object]
    cells: Sequence[object] = ()
    fault: Fault | None = None


@dataclass(slots=True)
class Understanding:
    """How a file was understood. `columns` has the heading of each field, `ignored` all other headings."""

    format: str
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    packed: bool = False
    heading_line: int = 0
    columns: dict[str, str] = field(default_factory=dict)
    headings: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """What the numbers of its rows count."""
        return "row" if self.sheet else "item" if self.format == "json" else "line"


@dataclass(frozen=True, slots=True)
class Columns:
    """What is wanted of the headings of a file.

    `assigned` has the heading of a field, by wire name, where a person says so. With `partial`, the VIN and one more
    field are enough. With `strict`, a heading that names no field is an error.
    """

    assigned: Mapping[str, str]
    partial: bool = False
    strict: bool = False

    def found(self, headings: Sequence[str]) -> dict[str, list[int]]:
        """Return the places of each field among the headings, by wire name."""
        wanted = {simplified(heading): name for name, heading in self.assigned.items()}
        places: dict[str, list[int]] = {}
        for place, heading in enumerate(headings):
            name = wanted.get(simplified(heading))
            if name is None and (name := field_of(heading)) in self.assigned:
                name = None  # another column was assigned to this field
            if name:
                places.setdefault(name, []).append(place)
        return places

    def missing(self, found: Mapping[str, object]) -> list[str]:
        """Return the fields that are missing among those that were found, by wire name."""
        if self.partial and "vin" in found and any(name in found for name in COLUMNS[1:]):
            return []
        return [name for name in COLUMNS if name not in found]

    def chosen(self, headings: Sequence[str], place: str) -> dict[str, int]:
        """Return the place of each field. Raises UnreadableFile for repeated, unknown and missing columns."""
        given = Counter(map(simplified, self.assigned.values()))
        if twice := [name for name, heading in self.assigned.items() if given[simplified(heading)] > 1]:
            raise UnreadableFile(f"--column gives one heading to {' and '.join(twice)}; each needs one of its own")
        found = self.found(headings)
        taken = {at for places in found.values() for at in places}
        unknown = [heading for at, heading in enumerate(headings) if at not in taken and heading.strip()]
        if missing := self.missing(found) or [name for name in self.assigned if name not in found]:
            raise UnreadableFile(self._without(missing, headings, unknown, place))
        if wrong := [name for name in COLUMNS if name not in found and misspelt(name, unknown, surely=True)]:
            advice = f"{self._without(wrong, headings, unknown, place)}; if it is something else, delete it"
            raise UnreadableFile(advice)
        for name, places in found.items():
            if len(places) > 1:
                raise UnreadableFile(f"{place}: {_repeated(name, [headings[each] for each in places])}")
        if self.strict and (unknown := [heading for heading in unknown if heading not in REPORT]):
            raise UnreadableFile(f"{place}: {quoted(unknown)} is no column of a vehicle, which --strict forbids")
        return {name: places[0] for name, places in found.items()}

    def _without(self, missing: Sequence[str], headings: Sequence[str], unknown: Sequence[str], place: str) -> str:
        if gone := [f'"{self.assigned[name]}" for {name}' for name in missing if name in self.assigned]:
            return f"{place}: there is no column {' and none '.join(gone)}; the columns are {quoted(headings)}"
        meant = {name: misspelt(name, unknown) for name in missing}
        named = [f'{name} (did you mean "{heading}"?)' if heading else name for name, heading in meant.items()]
        example = meant[missing[0]] or next(iter(unknown), "HEADING")
        return (
            f"{place}: missing column {', missing column '.join(named)}; rename it, or say which it is, for example "
            f'--column {missing[0]}="{example}"'
        )


def _repeated(name: str, headings: Sequence[str]) -> str:
    if len(set(map(simplified, headings))) == 1:  # --column cannot tell them apart
        return f'{len(headings)} columns have the heading "{headings[0]}"; rename or delete all but one'
    named = " and ".join(f'"{heading}"' for heading in headings)
    return f"the columns {named} both name {name}; remove one, or say --column {name}=HEADING"


def looks_like_vehicle(cells: Sequence[object]) -> bool:
    """Return whether a row has a VIN, as a line of headings has not."""
    for cell in cells:
        try:
            Vin.parse(cell, VinPolicy.ADVISORY)  # type: ignore[arg-type]  # it rejects other types
        except InvalidVin:
            continue
        return True
    return False


def is_same_headings(cells: Sequence[str], headings: Sequence[str]) -> bool:
    """Return whether a row repeats the headings."""
    pairs = zip(cells, headings, strict=False)  # the first cell nearly always tells
    return len(cells) == len(headings) and all(_plain(cell) == _plain(heading) for cell, heading in pairs)


def _plain(cell: str) -> str:
    return cell.strip(" \t\u00a0\ufeff").casefold()


def quoted(headings: Sequence[str], most: int = 10) -> str:
    """Return headings for a message: at most ten, each cut to 40 characters."""
    shown = [f'"{shortened(heading)}"' for heading in headings if heading.strip()]
    more = f" and {len(shown) - most} more" if len(shown) > most else ""
    return ", ".join(shown[:most]) + more


def shortened(text: str, most: int = 40) -> str:
    """Return a text on one line, escaped, and cut to 40 characters."""
    escaped = text.encode("unicode_escape", "backslashreplace").decode() if not text.isprintable() else text
    return escaped if len(escaped) <= most else f"{escaped[: most - 1]}…"
