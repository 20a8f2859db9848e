"""The one place that names the adapters: it picks them from the settings and puts the services together.

    with open_container(settings) as container:
        container.registry().get(vin)

Nothing is opened before it is asked for, and nothing when this module is imported.
"""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Final

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Callable, Dependency, Object, ThreadSafeSingleton

from vehicles.domain.services import Registry, WeeklySummaries
from vehicles.ports.report_store import ReportStore
from vehicles.ports.vehicle_repository import VehicleRepository
from vehicles.settings import Backend, Settings

DATABASE: Final = "registry.sqlite3"
REPORTS: Final = "reports"  # a folder of its own: the files of the database are nobody's reports
_VERSION_BYTES: Final = 12


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def new_version() -> str:
    """Return sixteen characters that no call has returned before, as good as surely."""
    return secrets.token_urlsafe(_VERSION_BYTES)


def make_repository(settings: Settings, open_things: ExitStack) -> VehicleRepository:
    """Return the repository of the chosen backend; what it holds open is closed with the stack."""
    match settings.backend:
        case Backend.MEMORY:
            from vehicles.adapters.memory import InMemoryVehicleRepository  # noqa: PLC0415 — only this branch needs it

            return InMemoryVehicleRepository()
        case Backend.SQLITE:
            from vehicles.adapters.sqlite import SQLiteVehicleRepository  # noqa: PLC0415 — only this branch needs it

            return open_things.enter_context(SQLiteVehicleRepository(settings.data / DATABASE))


def make_reports(settings: Settings) -> ReportStore:
    """Return the report store of the chosen backend."""
    match settings.backend:
        case Backend.MEMORY:
            from vehicles.adapters.memory import InMemoryReportStore  # noqa: PLC0415 — only this branch needs it

            return InMemoryReportStore()
        case Backend.SQLITE:
            from vehicles.adapters.directory import DirectoryReportStore  # noqa: PLC0415 — only this branch needs it

            return DirectoryReportStore(settings.data / REPORTS)


class Container(DeclarativeContainer):
    """Everything that is made once and shared by all threads."""

    settings = Dependency(instance_of=Settings)
    open_things = ThreadSafeSingleton(ExitStack[None])
    clock = Object(utc_now)
    new_version = Object(new_version)
    repository = ThreadSafeSingleton(make_repository, settings, open_things)
    reports = ThreadSafeSingleton(make_reports, settings)
    registry = ThreadSafeSingleton(
        Registry, repository, clock, new_version, Callable(lambda settings: settings.vin_policy, settings)
    )
    summaries = ThreadSafeSingleton(WeeklySummaries, repository, reports, clock)


@contextmanager
def open_container(settings: Settings) -> Iterator[Container]:
    """Yield a container for the settings, and close at the end what it has opened."""
    container = Container(settings=settings)
    with container.open_things():
        yield container
