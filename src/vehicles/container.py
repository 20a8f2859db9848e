"""The one place that names the adapters: it picks them from the settings and puts the services together.

    with open_container(settings) as container:
        container.registry().get(vin)

Nothing is opened before it is asked for, and nothing when this module is imported.
"""

import logging
import os
from binascii import b2a_base64
from collections import abc
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Callable, Dependency, Object, ThreadSafeSingleton

from vehicles.domain.errors import StorageError
from vehicles.domain.registry import Registry
from vehicles.ports.checks import Check
from vehicles.ports.report_store import ReportStore
from vehicles.ports.vehicle_repository import VehicleRepository
from vehicles.settings import Backend, ConfigurationError, Settings

if TYPE_CHECKING:
    from vehicles.domain.summary.report import ReportFormat, WeeklyReport
    from vehicles.domain.summary.service import MapConcurrently, WeeklySummaries
    from vehicles.domain.summary.week import IsoWeek

DATABASE: Final = "registry.sqlite3"
REPORTS: Final = "reports"  # a folder of its own: the files of the database are nobody's reports
_VERSION_BYTES: Final = 12

READERS: Final = 4
"""Partitions of a fleet on DynamoDB that are read in parallel; docs/decisions/2026-11-scale.md says why so many."""


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


def new_version() -> str:
    """Return sixteen characters that no call has returned before, as good as surely."""
    return b2a_base64(os.urandom(_VERSION_BYTES), newline=False).decode()


@contextmanager
def demanding_sdk() -> abc.Iterator[None]:
    """Say what to install where AWS's SDK is missing. Raises ConfigurationError."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "botocore":
            raise
        message = "the backend aws needs botocore, which is not installed: pip install 'vehicles[aws]'"
        raise ConfigurationError(message) from error


def complete(settings: Settings) -> Settings:
    """Return the settings with what the outputs of their stack say, if they name one. Raises StorageMisconfigured."""
    if settings.stack is None:
        return settings
    with demanding_sdk():
        from vehicles.adapters.aws.cloudformation import make_cloudformation_client, read_deployment  # noqa: PLC0415 — as below
    deployment = read_deployment(make_cloudformation_client(), settings.stack)
    return settings.completed(deployment.table, deployment.bucket, deployment.time_zone)


def make_repository(settings: Settings, open_things: ExitStack, *, batch: bool) -> VehicleRepository:
    """Return the repository of the chosen backend; what it holds open is closed with the stack."""
    match settings.backend:
        case Backend.MEMORY:
            from vehicles.adapters.memory import InMemoryVehicleRepository  # noqa: PLC0415 — only this branch needs it

            return InMemoryVehicleRepository()
        case Backend.SQLITE:
            from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository  # noqa: PLC0415 — only this branch needs it

            return open_things.enter_context(SQLiteVehicleRepository(settings.data / DATABASE))
        case Backend.AWS:
            with demanding_sdk():
                from vehicles.adapters.aws import dynamodb  # noqa: PLC0415 — only this branch needs it

            client = dynamodb.make_dynamodb_client(batch=batch)
            if not batch:
                return dynamodb.DynamoDBVehicleRepository(client, settings.table)
            return dynamodb.DynamoDBVehicleRepository(
                client, settings.table, time_limit=dynamodb.BATCH_TIME_LIMIT, pauses=dynamodb.BATCH_PAUSES
            )


def make_reports(settings: Settings, *, batch: bool) -> ReportStore:
    """Return the report store of the chosen backend. Raises ConfigurationError where none can be chosen."""
    match settings.backend:
        case Backend.MEMORY:
            from vehicles.adapters.memory import InMemoryReportStore  # noqa: PLC0415 — only this branch needs it

            return InMemoryReportStore()
        case Backend.SQLITE:
            from vehicles.adapters.filesystem import DirectoryReportStore  # noqa: PLC0415 — only this branch needs it

            return DirectoryReportStore(settings.data / REPORTS)
        case Backend.AWS:
            with demanding_sdk():
                from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client  # noqa: PLC0415 — only this branch

            return S3ReportStore(make_s3_client(batch=batch), settings.require_bucket())


def check_storage(settings: Settings) -> abc.Iterator[Check]:
    """Examine the storage of the chosen backend. It changes nothing, and creates nothing that is not there."""
    match settings.backend:
        case Backend.MEMORY:
            from vehicles.adapters.memory import InMemoryVehicleRepository  # noqa: PLC0415 — only this branch needs it

            yield from InMemoryVehicleRepository().check()
        case Backend.SQLITE:
            from vehicles.adapters.filesystem import DirectoryReportStore  # noqa: PLC0415 — only this branch needs it
            from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository  # noqa: PLC0415 — as above

            yield from SQLiteVehicleRepository.check(settings.data / DATABASE)
            yield from DirectoryReportStore(settings.data / REPORTS).check()
        case Backend.AWS:
            yield from _check_aws(settings)


def _check_aws(settings: Settings) -> abc.Iterator[Check]:
    """Examine the deployment, up to the first thing without which the next cannot be asked."""
    name = "region"
    try:
        with demanding_sdk():
            from vehicles.adapters.aws.client import read_region  # noqa: PLC0415 — only this branch needs it
            from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client  # noqa: PLC0415 — as above
            from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client  # noqa: PLC0415 — as above
        yield Check(name, ok=True, detail=read_region())
        if settings.stack is not None:
            name = "stack"
            settings = complete(settings)
            yield Check(name, ok=True, detail=f"{settings.stack} is there")
        name = "table"
        yield from DynamoDBVehicleRepository(make_dynamodb_client(), settings.table).check()
        name = "bucket"
        yield from S3ReportStore(make_s3_client(), settings.require_bucket()).check()
    except StorageError as error:
        yield Check(name, ok=False, detail=error.reason)
    except ConfigurationError as error:
        yield Check(name, ok=False, detail=str(error))


def render_report(report: "WeeklyReport", report_format: "ReportFormat") -> bytes:
    """Return a report in one of its formats."""
    from vehicles.adapters.report_formats.render import render_report  # noqa: PLC0415 — few requests need it

    return render_report(report, report_format)


def make_mail(settings: Settings) -> abc.Callable[[str, str], None]:
    """Return what mails a subject and a text to those who want to know of a summary; to nobody without a topic."""
    if settings.topic is None:
        return lambda _subject, _text: None
    with demanding_sdk():
        from vehicles.adapters.aws import sns  # noqa: PLC0415 — only where a topic is named

    return sns.make_mail(settings.topic)


def map_concurrently[Value, Outcome](
    function: abc.Callable[[Value], Outcome], values: abc.Iterable[Value]
) -> abc.Iterator[Outcome]:
    """Yield what the function returns for each value, in order; some calls run in parallel, in threads."""
    with ThreadPoolExecutor(READERS) as readers:
        yield from readers.map(function, values)


def make_map(settings: Settings) -> "MapConcurrently":
    """Return how the partitions of a fleet are folded: in parallel where reading means waiting for others."""
    return map_concurrently if settings.backend is Backend.AWS else map


def log_damaged(week: "IsoWeek") -> None:
    """Name a report that is damaged in the log."""
    logging.getLogger(__name__).warning("the report of %s is damaged and counts as missing", week)


def make_summaries(
    repository: VehicleRepository, reports: ReportStore, clock: abc.Callable[[], datetime], settings: Settings
) -> "WeeklySummaries":
    """Return the summaries of the fleet."""
    from vehicles.domain.summary.service import WeeklySummaries  # noqa: PLC0415 — few of the API's functions need it

    return WeeklySummaries(repository, reports, clock, settings.time_zone, make_map(settings), log_damaged)


class Container(DeclarativeContainer):
    """Everything that is made once and shared by all threads.

    `batch` chooses the batch client of AWS: long timeouts and more retries, for work that no HTTP request waits for.
    """

    settings = Dependency(instance_of=Settings)
    batch = Dependency(instance_of=bool, default=False)
    completed = ThreadSafeSingleton(complete, settings)
    open_things = ThreadSafeSingleton(ExitStack[None])
    clock = Object(utc_now)
    new_version = Object(new_version)
    repository = ThreadSafeSingleton(make_repository, completed, open_things, batch=batch)
    reports = ThreadSafeSingleton(make_reports, completed, batch=batch)
    registry = ThreadSafeSingleton(
        Registry, repository, clock, new_version, Callable(lambda settings: settings.vin_policy, settings)
    )
    render_report = Object(render_report)
    mail = ThreadSafeSingleton(make_mail, settings)
    summaries = ThreadSafeSingleton(make_summaries, repository, reports, clock, completed)


@contextmanager
def open_container(settings: Settings, *, batch: bool = False) -> abc.Iterator[Container]:
    """Yield a container for the settings, and close at the end what it has opened."""
    container = Container(settings=settings, batch=batch)
    with container.open_things():
        yield container
