"""The vehicle repository in one SQLite file, for one machine: any number of threads and processes.

docs/decisions/2026-11-sqlite.md explains the table and the indexes.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Final, Self, final

from vehicles.adapters.sqlite.check import check_database
from vehicles.adapters.sqlite.database import SQLiteDatabase
from vehicles.domain.errors import StorageCorrupted, VehicleAlreadyRegistered, VehicleNotFound, VersionMismatch
from vehicles.domain.vehicle import (
    FUEL_TYPES,
    Vehicle,
    VehicleFilter,
    format_timestamp,
    parse_timestamp,
    vehicle_record,
)
from vehicles.domain.vin.number import Vin
from vehicles.ports.checks import Check
from vehicles.ports.vehicle_repository import Count, Page, StoredVehicle, VehicleRepository, Version

DEFAULT_BUSY_TIMEOUT: Final = 5.0
DEFAULT_BATCH_SIZE: Final = 2000

# The letters VEHI, which identify a file as ours.
APPLICATION_ID: Final = 0x56454849

# Script i migrates a file from version i to i + 1. A released script must not be changed.
# The names of the fuel types are not listed: the list may grow, and changing a CHECK means copying the table.
MIGRATIONS: Final = (
    """
    CREATE TABLE vehicle (
        vin TEXT NOT NULL PRIMARY KEY CHECK (length(vin) = 17 AND vin NOT GLOB '*[^0-9A-HJ-NPR-Z]*'),
        no_of_axles INTEGER NOT NULL CHECK (no_of_axles BETWEEN 1 AND 99),
        fuel_type TEXT NOT NULL CHECK (fuel_type <> '' AND fuel_type NOT GLOB '*[^a-z]*'),
        registered_at TEXT NOT NULL CHECK (registered_at GLOB '????-??-??T??:??:??.??????Z'),
        version TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX vehicle_by_fuel_type ON vehicle (fuel_type, vin);
    CREATE INDEX vehicle_by_no_of_axles ON vehicle (no_of_axles, vin);
    CREATE INDEX vehicle_by_fuel_type_and_no_of_axles ON vehicle (fuel_type, no_of_axles, vin);
    CREATE INDEX vehicle_by_end ON vehicle (substr(vin, -6), vin);
    """,
    "-- The fuel type none. An older release, which does not know it, must reject the file, not fail at a trailer.",
    "ALTER TABLE vehicle ADD COLUMN request TEXT",
)

_ALL_ROWS: Final = "SELECT vin, no_of_axles, fuel_type, registered_at FROM vehicle"

_INSERT: Final = "INSERT INTO vehicle VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
_GET: Final = "SELECT vin, no_of_axles, fuel_type, registered_at, version, request FROM vehicle WHERE vin = ?"
_GET_MANY: Final = """SELECT vin, no_of_axles, fuel_type, registered_at, version, request FROM vehicle
    WHERE vin IN (SELECT value FROM json_each(?))"""
_COUNT: Final = "SELECT count(*) FROM vehicle"
_IS_THERE: Final = "SELECT 1 FROM vehicle WHERE vin = ?"
_REPLACE: Final = """UPDATE vehicle SET no_of_axles = ?2, fuel_type = ?3, registered_at = ?4, version = ?5, request = ?6
    WHERE vin = ?1 AND version = ?7"""
_REMOVE: Final = "DELETE FROM vehicle WHERE vin = ?1 AND version = ifnull(?2, version)"
_PARTITION: Final = """SELECT vin, no_of_axles, fuel_type, registered_at FROM vehicle
    WHERE vin > ? AND CAST(substr(vin, -3) AS INTEGER) % ? = ? ORDER BY vin LIMIT ?"""


# Sorts after every VIN; appended to a WMI, it sorts after every VIN that begins with it.
_LAST: Final = "~"


@final
class SQLiteVehicleRepository(VehicleRepository):
    """Vehicles as rows of a table.

    The constructor opens the file. If it is missing, it is created with its folders, for its owner only. The
    constructor raises StorageUnavailable, StorageMisconfigured and StorageCorrupted, and a write StorageReadOnly.
    A write waits at most `busy_timeout` seconds in total for other threads and processes.
    A partition is read in batches of `batch_size` rows.
    """

    def __init__(
        self, path: str | Path, *, busy_timeout: float = DEFAULT_BUSY_TIMEOUT, batch_size: int = DEFAULT_BATCH_SIZE
    ) -> None:
        self._batch_size = batch_size
        self._database = SQLiteDatabase(
            path, application_id=APPLICATION_ID, migrations=MIGRATIONS, busy_timeout=busy_timeout
        )

    @classmethod
    def check(cls, path: str | Path) -> Iterator[Check]:
        """Check the file and its folder, without changing or creating anything."""
        return check_database(
            Path(path).absolute(), application_id=APPLICATION_ID, newest_version=len(MIGRATIONS), check_rows=_check_rows
        )

    def copy_to(self, target: Path) -> None:
        """Write the latest state to a new file, as one transaction sees it, while others go on."""
        self._database.copy_to(target)

    def close(self) -> None:
        """Write the log back to the file, unless other processes have it open. Later calls raise StorageUnavailable."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, stored: StoredVehicle) -> None:
        if self.add_many([stored]) == (False,):
            raise VehicleAlreadyRegistered(stored.vehicle.vin.masked)

    def add_many(self, batch: Sequence[StoredVehicle]) -> tuple[bool, ...]:
        """The batch is one transaction."""
        return self._write_each(_INSERT, [_row(stored) for stored in batch])

    def get(self, vin: Vin) -> StoredVehicle:
        rows = self._database.read(_GET, (str(vin),))
        if not rows:
            raise VehicleNotFound(vin.masked)
        return _stored_of(rows[0])

    def get_many(self, vins: Sequence[Vin]) -> tuple[StoredVehicle | None, ...]:
        """The batch is read by one statement."""
        rows = self._database.read(_GET_MANY, (json.dumps([str(vin) for vin in vins]),))
        found = {row[0]: _stored_of(row) for row in rows}
        return tuple(found.get(str(vin)) for vin in vins)

    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:
        self._change(stored.vehicle.vin, _REPLACE, (*_row(stored), expected))

    def replace_many(self, batch: Sequence[tuple[StoredVehicle, Version]]) -> tuple[bool, ...]:
        """The batch is one transaction."""
        return self._write_each(_REPLACE, [(*_row(stored), expected) for stored, expected in batch])

    def remove(self, vin: Vin, *, expected: Version | None = None) -> None:
        self._change(vin, _REMOVE, (str(vin), expected))

    def page(self, wanted: VehicleFilter, *, limit: int, after: Vin | None = None) -> Page:
        """The order is by VIN."""
        rows = self._database.read(*page_query(wanted, limit + 1, after))
        found = tuple(_vehicles_of_rows(rows[:limit]))
        return Page(found, found[-1].vin if len(rows) > limit else None)

    def count(self) -> Count:
        """It is always exact."""
        ((vehicles,),) = self._database.read(_COUNT, ())
        return Count(vehicles)

    def partition(self, index: int, count: int) -> Iterator[Vehicle]:
        """The partition of a VIN is its last three characters, always digits, modulo `count`."""
        if not 0 <= index < count:
            raise ValueError(f"there is no partition {index} of {count}")
        return self._walk(index, count)

    def _walk(self, index: int, count: int) -> Iterator[Vehicle]:
        last = ""
        # Each batch is a separate statement, because a long one would prevent checkpoints of the log.
        while rows := self._database.read(_PARTITION, (last, count, index, self._batch_size)):
            yield from _vehicles_of_rows(rows)
            last = rows[-1][0]

    def _write_each(self, statement: str, rows: Sequence[tuple[object, ...]]) -> tuple[bool, ...]:
        """Execute a statement with each row, in one transaction, and return for each whether it wrote a row."""

        def write(connection: Connection) -> tuple[bool, ...]:
            return tuple(connection.execute(statement, row).rowcount == 1 for row in rows)

        return self._database.write(write)

    def _change(self, vin: Vin, statement: str, parameters: tuple[object, ...]) -> None:
        def change(connection: Connection) -> type[VehicleNotFound | VersionMismatch] | None:
            if connection.execute(statement, parameters).rowcount == 1:
                return None
            there = connection.execute(_IS_THERE, (str(vin),)).fetchall()
            return VersionMismatch if there else VehicleNotFound

        if (error := self._database.write(change)) is not None:
            raise error(vin.masked)


def page_query(wanted: VehicleFilter, limit: int, after: Vin | None) -> tuple[str, tuple[object, ...]]:
    """Return a statement that reads from one index in the order of the VINs, and its parameters.

    An index serves one fuel type, the axles and the end of the VIN; the other conditions are checked row by row.
    """
    fuels = sorted(wanted.fuel_types or ())
    fields = {
        "substr(vin, -6)": wanted.vin_ends_with,
        "fuel_type": fuels[0] if len(fuels) == 1 else None,
        "no_of_axles": wanted.no_of_axles,
    }
    equal = {field: value for field, value in fields.items() if value is not None}
    if wanted.vin_ends_with is not None:
        index = "INDEXED BY vehicle_by_end"
    elif equal:
        index = f"INDEXED BY vehicle_by_{'_and_'.join(equal)}"
    else:
        index = "NOT INDEXED"  # by the primary key
    conditions: dict[str, tuple[object, ...]] = {f"{field} = ?": (value,) for field, value in equal.items()}
    wmi = wanted.wmi or ""
    conditions |= {"vin > ?": (max(str(after or ""), wmi),), "vin < ?": (wmi + _LAST,)}
    if len(fuels) > 1:  # the plus prevents a search of the index by each, whose results would need a sort
        conditions[f"+fuel_type IN ({', '.join('?' * len(fuels))})"] = (*fuels,)
    if wanted.vin_contains is not None:
        conditions["instr(vin, ?) > 0"] = (wanted.vin_contains,)
    if wanted.registered_since is not None:
        conditions["registered_at >= ?"] = (format_timestamp(wanted.registered_since),)
    if wanted.registered_before is not None:
        conditions["registered_at < ?"] = (format_timestamp(wanted.registered_before),)
    statement = (
        f"SELECT vin, no_of_axles, fuel_type, registered_at FROM vehicle {index} "  # noqa: S608 — built from constants only
        f"WHERE {' AND '.join(conditions)} ORDER BY vin LIMIT ?"
    )
    return statement, (*chain.from_iterable(conditions.values()), limit)


def _row(stored: StoredVehicle) -> tuple[object, ...]:
    """Return the values of the columns; the order of a record is that of the table."""
    return (*vehicle_record(stored.vehicle).values(), stored.version, stored.request)


def _stored_of(row: Sequence[Any]) -> StoredVehicle:
    *fields, version, request = row
    return StoredVehicle(_vehicles_of_rows([fields])[0], version, request)


def _vehicles_of_rows(rows: list[Any]) -> list[Vehicle]:
    try:
        return [
            Vehicle(Vin.of(vin), no_of_axles, FUEL_TYPES[fuel_type], parse_timestamp(registered_at))
            for vin, no_of_axles, fuel_type, registered_at in rows
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise StorageCorrupted("The database contains a row that is not a vehicle") from error


def _check_rows(connection: Connection) -> Check:
    """Read every row, and name those that are not vehicles."""
    connection.text_factory = lambda text: text.decode("utf-8", "replace")  # one bad text must not stop the check
    count = 0
    unreadable: list[object] = []
    for count, row in enumerate(connection.execute(_ALL_ROWS), start=1):  # noqa: B007 — the last one is the count
        try:
            _vehicles_of_rows([row])
        except StorageCorrupted:
            unreadable.append(row[0])
    return Check.of_vehicles(count, unreadable)
