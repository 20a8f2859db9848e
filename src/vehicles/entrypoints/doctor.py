"""What `vehicles doctor` examines. It changes nothing: what is not there yet, it does not make."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass

from vehicles.adapters.sqlite import APPLICATION_ID, MIGRATIONS
from vehicles.container import DATABASE, Container, complete, demanding_sdk, open_container
from vehicles.domain.errors import ReportNotFound, StorageError
from vehicles.domain.vehicle import EVERY_VEHICLE, VehicleFilter
from vehicles.domain.weekly_report import LATEST_KEY
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
            return [_directory(settings), *_database(settings)]
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
    try:
        # A reader that changes nothing: a mere look must not bring the file to a newer schema.
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:

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
            yield Check("vehicles", ok=True, detail=ask("SELECT count(*) FROM vehicle"))
            integrity = ask("PRAGMA quick_check(1)")
            yield Check("integrity", ok=integrity == "ok", detail=integrity)
    except sqlite3.Error as error:
        yield Check("database", ok=False, detail=f"{error}; {path}")


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
        from vehicles.adapters.aws import make_session, translating_setup  # noqa: PLC0415 — only the cloud needs it
    with translating_setup("AWS"):
        region = make_session().region_name
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
