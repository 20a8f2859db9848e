"""What `vehicles doctor` examines. It changes nothing: what is not there yet, it does not make."""

import os
import sqlite3
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass

from vehicles.adapters.filesystem import DirectoryReportStore
from vehicles.adapters.sqlite.repository import ALL_ROWS, APPLICATION_ID, MIGRATIONS, vehicle_of_row
from vehicles.container import DATABASE, REPORTS, Container, complete, demanding_sdk, open_container
from vehicles.domain.errors import RegistryError, ReportNotFound, StorageCorrupted, StorageError
from vehicles.domain.summary.report_manifest import LATEST_KEY, WEEKS_PREFIX, ReportForm, read_pointer, weeks_of
from vehicles.domain.summary.service import read_form
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import EVERY_VEHICLE, VehicleFilter
from vehicles.ports.report_store import ReportStore
from vehicles.settings import Backend, ConfigurationError, Settings


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at."""

    name: str
    ok: bool
    detail: str


def setting_rows(settings: Settings) -> list[dict[str, str]]:
    """Return each setting, its value and where that comes from; a secret is not shown."""
    with suppress(StorageError, ConfigurationError):  # which the examination tells
        settings = complete(settings)
    return [
        {"name": name, "value": settings.shown(name), "origin": str(settings.origin(name))}
        for name in type(settings).model_fields
    ]


def examine(settings: Settings) -> list[Check]:
    """Look at the storage of the settings."""
    match settings.backend:
        case Backend.MEMORY:
            return [Check("storage", ok=True, detail="memory; all is forgotten when the process ends")]
        case Backend.SQLITE:
            return [_directory(settings), *_database(settings), _reports(settings)]
        case Backend.AWS:
            with open_container(settings) as container:
                return list(_cloud(container))


def _directory(settings: Settings) -> Check:
    there = next(path for path in (settings.data, *settings.data.parents) if os.path.exists(path))  # noqa: PTH110 — see below
    ok = there.is_dir() and os.access(there, os.R_OK | os.W_OK | os.X_OK)
    detail = "readable and writable" if ok else "no directory that can be read and written"
    if there != settings.data:
        detail = f"not there yet; {'can' if ok else 'cannot'} be made in {there}"
    return Check("data directory", ok, detail)


def _database(settings: Settings) -> Iterator[Check]:
    path = settings.data / DATABASE
    if not os.path.exists(path):  # noqa: PTH110 — Path.exists raises where the way there is barred
        yield Check("database", ok=True, detail="not there yet; the first vehicle makes it")
        return
    # Whoever only reads leaves the log that SQLite needs for that behind; whoever may write takes it away again, and
    # with it what a crash has left in it.
    mode = "ro" if os.path.exists(f"{path}-wal") else "rw"  # noqa: PTH110 — as above
    try:
        with closing(sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True)) as connection:
            connection.execute("PRAGMA query_only = ON")  # a mere look must not bring the file to a newer schema

            def ask(question: str) -> str:
                return str(connection.execute(question).fetchone()[0])

            ours = ask("PRAGMA application_id") == str(APPLICATION_ID)
            yield Check("database", ok=ours, detail=f"{'opens' if ours else 'belongs to another program'}; {path}")
            if not ours:
                return
            journal = ask("PRAGMA journal_mode")
            yield Check("journal mode", ok=journal == "wal", detail=journal)
            version = int(ask("PRAGMA user_version"))
            known = version <= len(MIGRATIONS)
            detail = str(version) if known else f"{version}, which a newer version of the registry wrote"
            yield Check("schema version", ok=known, detail=detail)
            yield _vehicles(connection)
            integrity = ask("PRAGMA integrity_check(1)")
            yield Check("integrity", ok=integrity == "ok", detail=integrity)
    except sqlite3.Error as error:
        yield Check("database", ok=False, detail=f"{error}; {path}")


def _vehicles(connection: sqlite3.Connection) -> Check:
    """Read every row."""
    connection.text_factory = lambda text: text.decode("utf-8", "replace")  # one bad text must not end it
    count = wrong = 0
    for count, row in enumerate(connection.execute(ALL_ROWS), start=1):  # noqa: B007 — the last one is the count
        try:
            vehicle_of_row(*row)
        except StorageCorrupted:
            wrong += 1
    return Check("vehicles", ok=not wrong, detail=f"{count}, of which {wrong} cannot be read" if wrong else str(count))


def _reports(settings: Settings) -> Check:
    """Read every form of every summary, and what points to the latest."""
    reports = DirectoryReportStore(settings.data / REPORTS)
    try:
        told = {week: _fault(reports, week) for week in weeks_of(reports.keys(WEEKS_PREFIX))}
        faults = [f"{week}: {fault}" for week, fault in told.items() if fault is not None]
        faults += _pointer_faults(reports, {week for week, fault in told.items() if fault is None})
    except RegistryError as error:
        return Check("reports", ok=False, detail=str(error))
    count = f"{len(told)} {'summary' if len(told) == 1 else 'summaries'}"
    return Check("reports", ok=not faults, detail="; ".join([count, *faults]))


def _fault(reports: ReportStore, week: IsoWeek) -> str | None:
    try:
        for form in ReportForm:
            read_form(reports, week, form)
    except StorageCorrupted as error:
        return error.reason
    return None


def _pointer_faults(reports: ReportStore, whole: Collection[IsoWeek]) -> Iterator[str]:
    """Tell what is wrong with the pointer to the latest, given the weeks whose summaries are whole."""
    try:
        latest = read_pointer(reports.read(LATEST_KEY).content)
    except ReportNotFound:
        return
    except StorageCorrupted as error:
        yield f"{LATEST_KEY}: {error.reason}"
        return
    if latest not in whole:
        yield f"{LATEST_KEY}: names {latest}, which has no summary that can be read"


def _cloud(container: Container) -> Iterator[Check]:
    yield (region := _tried("region", _region))
    if not region.ok:
        return
    if container.settings().stack is not None:
        yield (stack := _tried("stack", lambda: f"{container.completed().stack} is there"))
        if not stack.ok:
            return
    settings = container.completed()

    def read_table(wanted: VehicleFilter) -> str:
        container.repository().page(wanted, limit=1)
        return f"{settings.table} can be read"

    def read_bucket() -> str:
        try:
            container.reports().read(LATEST_KEY)
        except ReportNotFound:
            return f"{settings.bucket} can be read; no summary is there yet"
        return f"{settings.bucket} can be read"

    yield _tried("table", lambda: read_table(EVERY_VEHICLE))
    yield _tried("index", lambda: read_table(VehicleFilter(vin_ends_with="000000")))
    yield _tried("bucket", read_bucket)


def _region() -> str:
    with demanding_sdk():
        from vehicles.adapters.aws.client import make_session, translating_setup  # noqa: PLC0415 — only the cloud needs it
    with translating_setup("AWS"):
        region: str | None = make_session().get_config_variable("region")
    if not region:
        message = "none is set: set AWS_REGION, or a region in the profile"
        raise ConfigurationError(message)
    return region


def _tried(name: str, look: Callable[[], str]) -> Check:
    """Return what a look at something on AWS tells, or why it cannot be had."""
    try:
        return Check(name, ok=True, detail=look())
    except StorageError as error:
        return Check(name, ok=False, detail=error.reason)
    except ConfigurationError as error:
        return Check(name, ok=False, detail=str(error))
