"""The one place that names the adapters: it picks them from the settings and puts the services together.

    with open_container(settings) as container:
        container.registry().get(vin)

Nothing is opened before it is asked for, and nothing when this module is imported; each adapter is imported only where
the settings choose it.
"""
# ruff: noqa: PLC0415 — see above

import logging
import os
from binascii import b2a_base64
from collections import abc
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Dependency, Object, Resource, Selector, ThreadSafeSingleton

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
def requiring_sdk() -> abc.Iterator[None]:
    """Say what to install where AWS's SDK is missing. Raises ConfigurationError."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in {"boto3", "botocore"}:
            raise
        message = "the backend aws needs boto3, which is not installed: pip install 'vehicle-registry[aws]'"
        raise ConfigurationError(message) from error


def complete(settings: Settings) -> Settings:
    """Return the settings with what the outputs of their stack say, if they name one. Raises StorageMisconfigured."""
    if settings.stack is None:
        return settings
    with requiring_sdk():
        from vehicles.adapters.aws.cloudformation import make_cloudformation_client, read_deployment
    deployment = read_deployment(make_cloudformation_client(), settings.stack)
    return settings.completed(deployment.table, deployment.bucket, deployment.time_zone)


def _vehicles_in_memory() -> VehicleRepository:
    from vehicles.adapters.memory import InMemoryVehicleRepository

    return InMemoryVehicleRepository()


def _vehicles_in_sqlite(path: Path) -> abc.Iterator[VehicleRepository]:
    from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository

    with SQLiteVehicleRepository(path) as repository:
        yield repository


def _vehicles_in_dynamodb(table: str, *, batch: bool) -> VehicleRepository:
    with requiring_sdk():
        from vehicles.adapters.aws import dynamodb

    limits: dict[str, Any] = {"time_limit": dynamodb.BATCH_TIME_LIMIT, "pauses": dynamodb.BATCH_PAUSES} if batch else {}
    return dynamodb.DynamoDBVehicleRepository(dynamodb.make_dynamodb_client(batch=batch), table, **limits)


def _reports_in_memory() -> ReportStore:
    from vehicles.adapters.memory import InMemoryReportStore

    return InMemoryReportStore()


def _reports_in_folder(folder: Path) -> ReportStore:
    from vehicles.adapters.filesystem import DirectoryReportStore

    return DirectoryReportStore(folder)


def _reports_in_s3(settings: Settings, *, batch: bool) -> ReportStore:
    with requiring_sdk():
        from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client

    return S3ReportStore(make_s3_client(batch=batch), settings.require_bucket())


def check_storage(settings: Settings) -> abc.Iterator[Check]:
    """Examine the storage of the chosen backend. It changes nothing, and creates nothing that is not there."""
    match settings.backend:
        case Backend.MEMORY:
            from vehicles.adapters.memory import InMemoryVehicleRepository

            yield from InMemoryVehicleRepository().check()
        case Backend.SQLITE:
            from vehicles.adapters.filesystem import DirectoryReportStore
            from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository

            yield from SQLiteVehicleRepository.check(settings.database)
            yield from DirectoryReportStore(settings.report_folder).check()
        case Backend.AWS:
            yield from _check_aws(settings)


def _check_aws(settings: Settings) -> abc.Iterator[Check]:
    """Examine the deployment, up to the first thing without which the next cannot be asked."""
    name = "region"
    try:
        with requiring_sdk():
            from vehicles.adapters.aws.client import read_region
            from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
            from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client
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
    from vehicles.adapters.report_formats.render import render_report

    return render_report(report, report_format)


def make_mail(settings: Settings) -> abc.Callable[[str, str], None]:
    """Return what mails a subject and a text to those who want to know of a summary; to nobody without a topic."""
    if settings.topic is None:
        return lambda _subject, _text: None
    with requiring_sdk():
        from vehicles.adapters.aws import sns

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


def _make_summaries(
    repository: VehicleRepository, reports: ReportStore, clock: abc.Callable[[], datetime], settings: Settings
) -> "WeeklySummaries":
    """Return the summaries of the fleet."""
    from vehicles.domain.summary.service import WeeklySummaries

    return WeeklySummaries(repository, reports, clock, settings.time_zone, make_map(settings), log_damaged)


class Container(DeclarativeContainer):
    """Everything that is made once and shared by all threads.

    `batch` chooses the batch client of AWS: long timeouts and more retries, for work that no HTTP request waits for.
    """

    settings = Dependency(instance_of=Settings)
    batch = Dependency(instance_of=bool, default=False)
    completed = ThreadSafeSingleton(complete, settings)
    clock = Object(utc_now)
    new_version = Object(new_version)
    database = settings.provided.database
    report_folder = settings.provided.report_folder
    repository = Selector(
        settings.provided.backend,
        memory=ThreadSafeSingleton(_vehicles_in_memory),
        sqlite=Resource(_vehicles_in_sqlite, database),
        aws=ThreadSafeSingleton(_vehicles_in_dynamodb, completed.provided.table, batch=batch),
    )
    reports = Selector(
        settings.provided.backend,
        memory=ThreadSafeSingleton(_reports_in_memory),
        sqlite=ThreadSafeSingleton(_reports_in_folder, report_folder),
        aws=ThreadSafeSingleton(_reports_in_s3, completed, batch=batch),
    )
    registry = ThreadSafeSingleton(Registry, repository, clock, new_version, settings.provided.vin_policy)
    summaries = ThreadSafeSingleton(_make_summaries, repository, reports, clock, completed)
    render_report = Object(render_report)
    mail = ThreadSafeSingleton(make_mail, settings)


@contextmanager
def open_container(settings: Settings, *, batch: bool = False) -> abc.Iterator[Container]:
    """Yield a container for the settings, and close at the end what it has opened."""
    container = Container(settings=settings, batch=batch)
    try:
        yield container
    finally:
        container.shutdown_resources()
