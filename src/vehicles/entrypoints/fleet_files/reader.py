"""Read a fleet file of any kind: recognize it by its content, and convert its rows to vehicles."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO, Final

from vehicles.domain.errors import Fault, InvalidVin
from vehicles.domain.fleet_import import ChangeRow, RefusedRow, Row
from vehicles.domain.vehicle import MAX_AXLES, MIN_AXLES, WIRE_NAMES, Change, FuelType, Vehicle, parse_timestamp
from vehicles.domain.vin.explanation import warnings_of
from vehicles.domain.vin.manufacturers import find_manufacturer
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.domain.vin.suggestions import Suggestion, suggest
from vehicles.entrypoints.fleet_files.content import (
    UnreadableFile,
    encoding_of,
    lines_of,
    require_fleet,
    unpacked,
)
from vehicles.entrypoints.fleet_files.json_rows import MAX_DOCUMENT, read_json
from vehicles.entrypoints.fleet_files.records import TIMESTAMP, Columns, Record, Understanding, quoted, shortened
from vehicles.entrypoints.fleet_files.text_tables import read_table
from vehicles.entrypoints.fleet_files.words import fuel_of
from vehicles.entrypoints.fleet_files.workbooks import is_workbook, read_workbook

CLOCK_ERROR: Final = timedelta(days=1)
"""How far the clock of the machine that wrote a timestamp may have been ahead."""

_END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)
_BLANKS: Final = " \t\r\n\u00a0"
_AXLES: Final = re.compile(r"0*([0-9]{1,3})(?:[.,]0+)?")
_FORMULA_TEXT: Final = re.compile(r'="([^"]*)"')
_NO_TEXT: Final = re.compile("[\ud800-\udfff\ufffd]")
_UNDECODED: Final = re.compile("[\udc80-\udcff]")
_LOCAL_TIME: Final = re.compile(r"(.+)[+-][0-9]{2}:[0-9]{2}")
_NUMBER: Final = re.compile(r"[0-9]+(?:[.,][0-9]+)?[Ee][+][0-9]+")


EXAMPLE: Final[Mapping[str, str | int]] = {"vin": "WMAEXAMPLE0000001", "noOfAxles": 3, "fuelType": "diesel"}
"""The row of the template that shows how to fill it in; a row with this VIN is never imported."""


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read a file; what a person says overrides what the file shows.

    `registered_at` is the time of registration of all vehicles. If it is None, every row needs a timestamp, not later
    than `latest`. `empty_fuel` is the fuel type of a row that names none. With `accept_suggestions`, a VIN that is
    surely meant replaces the one in the file. Rows before `from_line` are skipped.
    """

    columns: Columns = field(default_factory=lambda: Columns({}))
    sheet: str | None = None
    registered_at: datetime | None = None
    latest: datetime = _END_OF_TIME
    empty_fuel: FuelType | None = None
    accept_suggestions: bool = False
    from_line: int = 1


@dataclass(frozen=True, slots=True)
class FleetFile:
    """A file that was recognized: how it was understood, what to know about it, and its rows, which are read once."""

    understood: Understanding
    notes: tuple[str, ...]
    rows: Iterator[Row | ChangeRow | RefusedRow]


def read_fleet(
    stream: BinaryIO,
    check_vin: Callable[[Vin], None],
    options: ReadOptions,
    note: Callable[[str], None] = lambda _note: None,
    on_read: Callable[[], None] = lambda: None,
) -> FleetFile:
    """Recognize a file and return its rows. Raises UnreadableFile if it holds no fleet, before the first row.

    `check_vin` raises InvalidVin if the registry does not accept a VIN. `note` is called with what is done for a row
    beyond reading it, and `on_read` before each further part of the file is read, some thousand rows.
    """
    understood = Understanding("csv")
    try:
        records, skipped = _records_of(stream, options, understood, note, on_read)
        _name_columns(understood, options)
        _require_timestamps(understood, options)
    except UnreadableFile as error:
        _name_columns(understood, options)
        error.understood = understood
        raise
    used = set(understood.columns.values())
    understood.ignored = tuple(heading for heading in understood.headings if heading.strip() and heading not in used)
    return FleetFile(
        understood, tuple(_notes_on(understood, skipped, options)), _Rows(check_vin, options, note).of(records)
    )


def _records_of(
    stream: BinaryIO,
    options: ReadOptions,
    understood: Understanding,
    note: Callable[[str], None],
    on_read: Callable[[], None],
) -> tuple[Iterator[Record], list[int]]:
    """Return the rows of a file, and the numbers of the lines above its headings."""
    head, whole, understood.packed = unpacked(stream, on_read)
    if options.sheet is not None and not is_workbook(head):
        raise UnreadableFile("--sheet is for workbooks, and this is none")
    if is_workbook(head):
        return read_workbook(whole, options.sheet, options.columns, understood, note)
    require_fleet(head)
    understood.encoding = encoding_of(head)
    if head.decode(understood.encoding, "replace").lstrip(_BLANKS + "\ufeff").startswith(("{", "[")):
        return read_json(lines_of(whole, understood.encoding, MAX_DOCUMENT), options.columns, understood), []
    return read_table(lines_of(whole, understood.encoding), options.columns, understood, note)


def _name_columns(understood: Understanding, options: ReadOptions) -> None:
    found = options.columns.found(understood.headings)
    understood.columns = {name: understood.headings[places[0]] for name, places in found.items()}


def _require_timestamps(understood: Understanding, options: ReadOptions) -> None:
    if options.registered_at is None and TIMESTAMP not in understood.columns:
        advice = f"rename one, or say --column {TIMESTAMP}=HEADING"
        raise UnreadableFile(f"there is no column {TIMESTAMP}, which --keep-timestamps needs; {advice}")


def _notes_on(understood: Understanding, skipped: list[int], options: ReadOptions) -> Iterator[str]:
    if skipped:
        unit = understood.unit
        named = f"{unit}s {skipped[0]} to {skipped[-1]}" if len(skipped) > 1 else f"{unit} {skipped[0]}"
        yield f"{named} above the headings skipped"
    if understood.ignored:
        yield f"columns ignored: {quoted(understood.ignored)}"
    if options.registered_at and TIMESTAMP in understood.columns:
        yield "the timestamps of the file are ignored; --keep-timestamps keeps them"


@dataclass(frozen=True, slots=True)
class _Rows:
    """Converts records to vehicles, and collects all faults of each."""

    check_vin: Callable[[Vin], None]
    options: ReadOptions
    note: Callable[[str], None]

    def of(self, records: Iterator[Record]) -> Iterator[Row | ChangeRow | RefusedRow]:
        for record in records:
            if record.number < self.options.from_line:
                continue
            if record.fault:
                yield self._refused(record, [record.fault])
            elif record.fields.get("vin") == EXAMPLE["vin"]:
                self.note(f"note: {record.place} is the example of the template, and is skipped")
            elif any(_text_of(value) for value in (*record.fields.values(), *record.cells)):
                yield self._row(record)

    def _row(self, record: Record) -> Row | ChangeRow | RefusedRow:
        fields = record.fields
        faults = [
            Fault("row.encoding", f"{_shown(value)} has bytes that are not text; save the file as CSV in UTF-8", name)
            for name, value in fields.items()
            if isinstance(value, str) and _NO_TEXT.search(value)
        ]
        if faults:
            return self._refused(record, faults)
        text, vin = fields.get("vin"), None
        suggestions: tuple[Suggestion, ...] = ()
        try:
            vin, suggestions = self._vin(text, record.place)
        except InvalidVin as error:
            faults += [replace(fault, field="vin") for fault in error.faults]
            suggestions = suggest(_unwrapped(text)) if isinstance(text, str) else ()
        axles = self._read("noOfAxles", fields, _axles_of, faults) if "noOfAxles" in fields else None
        fuel = None
        if "fuelType" in fields:
            fuel = self._read("fuelType", fields, lambda value: self._fuel_of(value, vin), faults)
        registered_at = self.options.registered_at or self._read(TIMESTAMP, fields, self._timestamp_of, faults)
        if faults or vin is None:
            return self._refused(record, faults, suggestions)
        if axles is None or fuel is None:
            return ChangeRow(record.number, Change(vin, axles, fuel), record.place, record.cells)
        warnings = warnings_of(str(vin) if suggestions else _text_of(text), vin)
        return Row(record.number, Vehicle(vin, axles, fuel, registered_at), warnings, record.place, record.cells)

    def _vin(self, value: object, place: str) -> tuple[Vin, tuple[Suggestion, ...]]:
        """Return the VIN, and the suggestion that was accepted for it, if any. Raises InvalidVin."""
        if isinstance(value, (int, float)) or (isinstance(value, str) and _NUMBER.fullmatch(value.strip(_BLANKS))):
            detail = (
                "a spreadsheet turned this into a number, and the VIN is lost; a VIN is text: format the column as text"
            )
            raise InvalidVin(Fault("vin.number", detail))
        text = _unwrapped(value) if isinstance(value, str) else value
        try:
            vin = Vin.parse(text, VinPolicy.ADVISORY)  # type: ignore[arg-type]  # it rejects other types
            self.check_vin(vin)
        except InvalidVin:
            meant = suggest(text) if self.options.accept_suggestions and isinstance(text, str) else ()
            if len(meant) != 1 or not meant[0].is_safe:
                raise
            self.check_vin(meant[0].vin)
            self.note(f'{place}: took {meant[0].vin} for "{shortened(str(text))}"')
            return meant[0].vin, meant
        return vin, ()

    def _fuel_of(self, value: object, vin: Vin | None) -> FuelType:
        text = _text_of(value)
        if fuel := fuel_of(text):
            return fuel
        if not text:
            if self.options.empty_fuel:
                return self.options.empty_fuel
            manufacturer = find_manufacturer(vin.manufacturer_id) if vin else None
            if manufacturer and manufacturer.builds_trailers:
                return FuelType.NONE
        raise ValueError(f"choose one of {', '.join(FuelType)}")

    def _timestamp_of(self, value: object) -> datetime:
        text = _text_of(value)
        try:
            if match := _LOCAL_TIME.fullmatch(text):
                parse_timestamp(f"{match[1]}Z")  # else datetime takes more than RFC 3339 allows
                found = datetime.fromisoformat(text).astimezone(UTC)
            else:
                found = parse_timestamp(text)
        except (ValueError, OverflowError) as error:
            raise ValueError("write it with its offset, such as 2026-01-05T08:00:00+01:00") from error
        if found > self.options.latest:
            raise ValueError("it is in the future")
        return found

    def _read(self, name: str, fields: Mapping[str, object], read: Callable[[object], Any], faults: list[Fault]) -> Any:  # noqa: ANN401 — each field has a type of its own
        value = fields.get(name)
        try:
            return read(value)
        except ValueError as error:
            attribute = {each: attribute for attribute, each in WIRE_NAMES.items()}[name]
            code = {"no_of_axles": "vehicle.axles", "registered_at": "vehicle.timestamp"}.get(attribute)
            faults.append(Fault(code or f"vehicle.{attribute}", f"it is {_shown(value)}; {error}", name))
            return None

    def _refused(self, record: Record, faults: list[Fault], suggestions: tuple[Suggestion, ...] = ()) -> RefusedRow:
        cells = tuple(_as_it_came(_text_of(cell, strip=False)) for cell in record.cells)
        return RefusedRow(
            record.number, tuple(faults), suggestions, record.place, _text_of(record.fields.get("vin")), cells
        )


def _shown(value: object) -> str:
    return f'"{shortened(_text_of(value))}"' if _text_of(value) else "empty"


def _as_it_came(text: str) -> str:
    """Return the text with the bytes that are not UTF-8 read as Windows writes them."""
    return _UNDECODED.sub(lambda found: found[0].encode("utf-8", "surrogateescape").decode("cp1252", "replace"), text)


def _unwrapped(text: str) -> str:
    """Return the text in a formula that spreadsheets write to keep it text: ="WMA…"."""
    match = _FORMULA_TEXT.fullmatch(text.strip(_BLANKS))
    return match[1] if match else text


def _axles_of(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        number = value
    elif isinstance(value, float) and value.is_integer():
        number = int(value)
    else:
        match = _AXLES.fullmatch(_text_of(value)) if isinstance(value, str) else None
        number = int(match[1]) if match else 0
    if not MIN_AXLES <= number <= MAX_AXLES:
        raise ValueError(f"write a whole number from {MIN_AXLES} to {MAX_AXLES}")
    return number


def _text_of(value: object, *, strip: bool = True) -> str:
    text = "" if value is None else str(value)
    return text.strip(_BLANKS) if strip else text
