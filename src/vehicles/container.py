"""The composition root, and the only module that imports adapters: it chooses them by the settings.

    with open_container(settings) as container:
        container.registry().get(vin)

Nothing is opened before its first use, and nothing when this module is imported.
"""
# ruff: noqa: PLC0415 — only the adapters of the chosen backend are imported

import logging
import os
from binascii import b2a_base64
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dependency_injector.containers import DeclarativeContainer
from dependency_injector.providers import Dependency, Object, Resource, Selector, ThreadSafeSingleton

from vehicles.domain.deadline import BATCH_TIME_LIMIT, TIME_LIMIT
from vehicles.domain.errors import StorageError
from vehicles.domain.registry import Registry
from vehicles.domain.summary.report import ReportFormat, WeeklyReport
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vin.number import VinPolicy
from vehicles.ports.checks import Check
from vehicles.ports.report_store import ReportStore
from vehicles.ports.vehicle_repository import VehicleRepository
from vehicles.settings import Backend, ConfigurationError, Settings

if TYPE_CHECKING:
    from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
    from vehicles.adapters.aws.s3 import S3ReportStore
    from vehicles.adapters.backup import BackupContent
    from vehicles.adapters.filesystem import DirectoryReportStore

_VERSION_BYTES: Final = 12

READERS: Final = 4
"""The number of partitions of a fleet that are read in parallel; docs/decisions/2026-11-summary.md says why."""


def utc_now() -> datetime:
    return datetime.now(UTC)


def new_version() -> str:
    """Return sixteen random characters: practically unique."""
    return b2a_base64(os.urandom(_VERSION_BYTES), newline=False).decode()


def require_sdk() -> None:
    """Raise ConfigurationError, with what to install, if the AWS SDK is missing."""
    if find_spec("boto3") is None:
        raise ConfigurationError(
            "the backend aws needs boto3, which is not installed: pip install 'vehicle-registry[aws]'"
        )


def complete(settings: Settings) -> Settings:
    """Return the settings, completed by the outputs of the stack if they name one.

    Raises StorageMisconfigured if there is no such stack, and ConfigurationError as `require_sdk` does.
    """
    if settings.backend is Backend.AWS:
        require_sdk()
    if settings.stack is None:
        return settings
    from vehicles.adapters.aws.cloudformation import make_cloudformation_client, read_deployment

    deployment = read_deployment(make_cloudformation_client(), settings.stack)
    return settings.completed(deployment.table, deployment.bucket, deployment.time_zone)


def memory_repository() -> VehicleRepository:
    from vehicles.adapters.memory import InMemoryVehicleRepository

    return InMemoryVehicleRepository()


def sqlite_repository(path: Path) -> VehicleRepository:
    from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository

    return SQLiteVehicleRepository(path)


def dynamodb_repository(table: str, *, batch: bool = False) -> "DynamoDBVehicleRepository":
    from vehicles.adapters.aws import dynamodb

    client = dynamodb.make_dynamodb_client(batch=batch)
    if not batch:
        return dynamodb.DynamoDBVehicleRepository(client, table)
    limit, pauses = BATCH_TIME_LIMIT, dynamodb.BATCH_PAUSES
    return dynamodb.DynamoDBVehicleRepository(client, table, time_limit=limit, pauses=pauses)


def memory_reports() -> ReportStore:
    from vehicles.adapters.memory import InMemoryReportStore

    return InMemoryReportStore()


def directory_reports(folder: Path) -> "DirectoryReportStore":
    from vehicles.adapters.filesystem import DirectoryReportStore

    return DirectoryReportStore(folder)


def s3_reports(settings: Settings, *, batch: bool = False) -> "S3ReportStore":
    """Raises ConfigurationError if no bucket is set."""
    from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client

    limit = BATCH_TIME_LIMIT if batch else TIME_LIMIT
    return S3ReportStore(make_s3_client(batch=batch), settings.require_bucket(), time_limit=limit)


def make_mail(topic: str | None) -> Callable[[str, str], None]:
    """Return a function that mails a subject and a body to the subscribers of a topic; without one it does nothing."""
    if topic is None:
        return lambda _subject, _text: None
    from vehicles.adapters.aws import sns

    return sns.make_mail(topic)


def render_report(
    report: WeeklyReport, report_format: ReportFormat, link: Callable[[IsoWeek, ReportFormat], str] | None = None
) -> bytes:
    from vehicles.adapters.report_formats.render import render_report

    return render_report(report, report_format, link=link)


def map_concurrently[Value, Outcome](
    function: Callable[[Value], Outcome], values: Iterable[Value]
) -> Iterator[Outcome]:
    """Yield the results of the function for the values, in order, as `map` does; up to READERS threads in parallel."""
    with ThreadPoolExecutor(READERS) as readers:
        yield from readers.map(function, values)


def log_damaged(week: IsoWeek) -> None:
    logging.getLogger(__name__).warning("the report of %s is damaged and counts as missing", week)


def make_registry(
    repository: VehicleRepository,
    clock: Callable[[], datetime],
    new_version: Callable[[], str],
    policy: VinPolicy,
    *,
    batch: bool,
) -> Registry:
    return Registry(repository, clock, new_version, policy, BATCH_TIME_LIMIT if batch else TIME_LIMIT)


def make_summaries(
    repository: VehicleRepository,
    reports: ReportStore,
    clock: Callable[[], datetime],
    settings: Settings,
    *,
    batch: bool,
) -> WeeklySummaries:
    map_partitions = map_concurrently if repository.partitions() > 1 else map
    limit = BATCH_TIME_LIMIT if batch else TIME_LIMIT
    return WeeklySummaries(repository, reports, clock, settings.time_zone, map_partitions, log_damaged, limit)


class Container(DeclarativeContainer):
    """The objects that are created once and shared by all threads.

    `batch` chooses long time limits, and the batch client of AWS with long timeouts and more retries, for work that no
    HTTP request waits for.
    """

    settings = Dependency(instance_of=Settings)
    batch = Dependency(instance_of=bool, default=False)
    completed = ThreadSafeSingleton(complete, settings)
    clock = Object(utc_now)
    new_version = Object(new_version)
    database = settings.provided.database
    report_folder = settings.provided.report_folder
    repository = Selector[VehicleRepository](
        settings.provided.backend,
        memory=ThreadSafeSingleton(memory_repository),
        # The singleton is inside because a Resource has no lock.
        sqlite=Resource(ThreadSafeSingleton(sqlite_repository, database)),
        aws=ThreadSafeSingleton(dynamodb_repository, completed.provided.table, batch=batch),
    )
    reports = Selector[ReportStore](
        settings.provided.backend,
        memory=ThreadSafeSingleton(memory_reports),
        sqlite=ThreadSafeSingleton(directory_reports, report_folder),
        aws=ThreadSafeSingleton(s3_reports, completed, batch=batch),
    )
    registry = ThreadSafeSingleton(
        make_registry, repository, clock, new_version, settings.provided.vin_policy, batch=batch
    )
    summaries = ThreadSafeSingleton(make_summaries, repository, reports, clock, completed, batch=batch)
    render_report = Object(render_report)
    mail = ThreadSafeSingleton(make_mail, completed.provided.topic)


@contextmanager
def open_container(settings: Settings, *, batch: bool = False) -> Iterator[Container]:
    """Yield a container for the settings. At the end, close everything that it has opened."""
    container = Container(settings=settings, batch=batch)
    try:
        yield container
    finally:
        container.shutdown_resources()


def back_up(settings: Settings, target: Path, *, overwrite: bool = False) -> "BackupContent":
    """Back up the registry to a file; see `adapters.backup`. Raises ConfigurationError for other backends."""
    _require_files(settings)
    from vehicles.adapters import backup

    return backup.back_up(settings.database, settings.report_folder, target, overwrite=overwrite)


def restore(settings: Settings, source: Path) -> "tuple[BackupContent, Path | None]":
    """Replace the registry with a backup; see `adapters.backup`. Raises ConfigurationError for other backends."""
    _require_files(settings)
    from vehicles.adapters import backup

    return backup.restore(source, settings.database, settings.report_folder)


def _require_files(settings: Settings) -> None:
    if settings.backend is Backend.AWS:
        raise ConfigurationError(
            "on AWS the table has point-in-time recovery and the bucket keeps versions: see docs/backup.md"
        )
    if settings.backend is Backend.MEMORY:
        raise ConfigurationError("the backend memory keeps nothing that could be backed up or restored")


def check_storage(settings: Settings) -> Iterator[Check]:
    """Check the storage of the chosen backend, without changing or creating anything."""
    match settings.backend:
        case Backend.MEMORY:
            yield Check("storage", ok=True, detail="memory; all data is lost when the process ends")
        case Backend.SQLITE:
            from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository

            yield from SQLiteVehicleRepository.check(settings.database)
            yield from directory_reports(settings.report_folder).check()
        case Backend.AWS:
            yield from _check_aws(settings)


def _check_aws(settings: Settings) -> Iterator[Check]:
    """Check the deployment, up to the first failure that prevents the next check."""
    name = "region"
    try:
        require_sdk()
        from vehicles.adapters.aws.client import read_region

        yield Check(name, ok=True, detail=read_region())
        if settings.stack is not None:
            name = "stack"
            settings = complete(settings)
            yield Check(name, ok=True, detail=f"{settings.stack} exists")
        name = "table"
        from vehicles.adapters.aws.dynamodb_check import check_table

        yield from check_table(dynamodb_repository(settings.table))
        name = "bucket"
        yield from s3_reports(settings).check()
    except StorageError as error:
        yield Check(name, ok=False, detail=error.reason)
    except ConfigurationError as error:
        yield Check(name, ok=False, detail=str(error))
