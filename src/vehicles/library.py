"""The registry for Python programs: one object for vehicles, imports and summaries."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

from vehicles.container import open_container
from vehicles.domain.fleet_import import FleetImport, OnConflict, RefusedRow, Tally
from vehicles.domain.registry import Registry
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.entrypoints.fleet_files.reader import ReadOptions, read_fleet
from vehicles.entrypoints.fleet_files.records import Columns
from vehicles.settings import Backend, ConfigurationError, Settings

MEMORY: Final = ":memory:"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRegistry(Registry):
    """The vehicles of a fleet, its weekly summaries, and the import of files."""

    summaries: WeeklySummaries

    def import_file(
        self,
        path: str | Path,
        *,
        on_conflict: OnConflict = OnConflict.SKIP,
        dry_run: bool = False,
        on_refused: Callable[[RefusedRow], None] = lambda _row: None,
    ) -> Tally:
        """Register the vehicles of a file as of now, and return the number of rows per outcome.

        `on_refused` is called with each row that cannot be registered. Repeating an import adds nothing.
        Raises OSError, UnreadableFile if it is not a fleet file, ConflictFound with `OnConflict.FAIL`, MissingExtra for
        a workbook without the extra excel, and the errors of `register_many`.
        """
        job = FleetImport(self, on_conflict, dry_run=dry_run, on_refused=on_refused)
        with Path(path).open("rb") as stream:
            options = ReadOptions(Columns({}, partial=on_conflict is OnConflict.UPDATE), registered_at=self.clock())
            job.run(read_fleet(stream, self.check_vin, options).rows)
        return job.tally


@contextmanager
def open_registry(  # noqa: PLR0913 — one per setting
    place: str | Path | None = None,
    *,
    vin_policy: str | None = None,
    time_zone: str | None = None,
    stack: str | None = None,
    table: str | None = None,
    bucket: str | None = None,
) -> Iterator[OpenRegistry]:
    """Open a registry for the duration of a `with` block.

    `place` is the path of an SQLite file, which is created if it is missing; the reports are in a folder next to it,
    with the suffix `.reports`. Without a place, or with ":memory:", all data is lost at the end of the block.
    With `stack`, or with `table` and `bucket`, the registry is on AWS. docs/settings.md explains the settings.
    Raises ConfigurationError if a setting is wrong, and StorageError.
    """
    given = {"vin_policy": vin_policy, "time_zone": time_zone, "stack": stack, "table": table, "bucket": bucket}
    settings = {name: value for name, value in given.items() if value is not None}
    file = None if place is None or str(place) == MEMORY else Path(place)
    is_on_aws = bool(settings.keys() & {"stack", "table", "bucket"})
    if is_on_aws and place is not None:
        raise ConfigurationError(f"{place} is on this machine, but a stack, table or bucket is on AWS: choose one")
    if file is not None and (not file.name or file.is_dir()):
        raise ConfigurationError(f"{file} is a directory; name a file in it, such as {file / 'fleet.sqlite3'}")
    backend = Backend.AWS if is_on_aws else Backend.SQLITE if file else Backend.MEMORY
    with open_container(Settings.read({}, {"backend": backend, **settings}), batch=True) as container:
        if file:
            container.database.override(file)
            container.report_folder.override(file.with_name(f"{file.stem}.reports"))
        registry = container.registry()
        values = {field.name: getattr(registry, field.name) for field in fields(Registry)}
        yield OpenRegistry(**values, summaries=container.summaries())
