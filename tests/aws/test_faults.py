"""Every call of the ports on AWS, while everything that can happen to a request happens to it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

import botocore.endpoint
import pytest
from botocore.config import Config
from botocore.retries.quota import RetryQuota

from tests.support.bucket_files import BucketFiles
from tests.support.emulator import Emulator, aws_settings, make_bucket, make_table
from tests.support.faulty_proxy import FAULTS, SLOW, Fault, harming
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client
from vehicles.domain.errors import RegistryError, StorageUnavailable
from vehicles.domain.vehicle import EVERY_VEHICLE, VehicleFilter
from vehicles.ports.vehicle_repository import Version
from vehicles.testing.report_store import KEY, WEEK, report_of
from vehicles.testing.vehicle_repository import TIMESTAMP, numbered_vin, stored

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client

PAGE: Final = Path(__file__).parents[2] / "docs" / "decisions" / "2026-11-storage-faults.md"
SECONDS: Final = 10.0
"""Time for an emulator on a busy machine."""
HASTE: Final = 1.0

type State = Mapping[str, object]


@dataclass(frozen=True)
class World:
    """What a call works on, through a proxy, and how to look at it past the proxy."""

    vehicles: DynamoDBVehicleRepository
    reports: S3ReportStore
    state: Callable[[], State]


def expecting_saved(world: World) -> Callable[[], object]:
    version = world.state()["version"]
    assert isinstance(version, str)
    return lambda: world.reports.save(report_of(7), expected=Version(version))


CALLS: Final[dict[str, Callable[[World], Callable[[], object]]]] = {
    "add": lambda world: lambda: world.vehicles.add(stored(9)),
    "add taken": lambda world: lambda: world.vehicles.add(stored(0, version="2")),
    "get": lambda world: lambda: world.vehicles.get(numbered_vin(0)),
    "get absent": lambda world: lambda: world.vehicles.get(numbered_vin(9)),
    "replace": lambda world: lambda: world.vehicles.replace(stored(0, version="2"), expected=Version("1")),
    "replace changed": lambda world: lambda: world.vehicles.replace(stored(0, version="3"), expected=Version("2")),
    "remove": lambda world: lambda: world.vehicles.remove(numbered_vin(0)),
    "remove absent": lambda world: lambda: world.vehicles.remove(numbered_vin(9)),
    "page": lambda world: lambda: world.vehicles.page(EVERY_VEHICLE, limit=5),
    "page by index": lambda world: lambda: world.vehicles.page(VehicleFilter(vin_ends_with="000001"), limit=5),
    "count": lambda world: world.vehicles.count,
    "partition": lambda world: lambda: list(world.vehicles.partition(0, 1)),
    "add_many": lambda world: lambda: world.vehicles.add_many([stored(0), stored(8), stored(9)]),
    "get_many": lambda world: lambda: world.vehicles.get_many([numbered_vin(0), numbered_vin(9)]),
    "replace_many": lambda world: (
        lambda: world.vehicles.replace_many(
            [(stored(number, version="2"), Version(expected)) for number, expected in ((0, "1"), (1, "0"), (9, "1"))]
        )
    ),
    "load": lambda world: lambda: world.reports.load(WEEK),
    "load absent": lambda world: lambda: world.reports.load(WEEK.shifted(1)),
    "save": expecting_saved,
    "save first": lambda world: lambda: world.reports.save(report_of(7, WEEK.shifted(1)), expected=None),
    "save changed": lambda world: lambda: world.reports.save(report_of(7), expected=Version('"0"')),
    "weeks": lambda world: world.reports.weeks,
}
"""By its name, what makes a call ready on a world."""


@dataclass
class Sweep:
    """Worlds of two vehicles and one report, and the faults that their next requests meet."""

    own: "DynamoDBClient"
    files: "S3Client"
    through: tuple["DynamoDBClient", "S3Client"]
    hasty: tuple["DynamoDBClient", "S3Client"]
    plan: Iterator[Fault | None]

    def world(self, *, is_hasty: bool = False) -> World:
        """Return a world that waits for an answer as long as the emulator may take, or not so long."""
        table, bucket = make_table(self.own), make_bucket(self.files)
        clock: Any = {"clock": lambda: TIMESTAMP}
        DynamoDBVehicleRepository(self.own, table, **clock).add_many([stored(0), stored(1)])
        S3ReportStore(self.files, bucket, **clock).save(report_of(5), expected=None)
        dynamodb, s3 = self.hasty if is_hasty else self.through

        def state() -> State:
            items = {item["vin"]["S"]: item for item in self.own.scan(TableName=table)["Items"]}
            etag = self.files.head_object(Bucket=bucket, Key=KEY)["ETag"]
            return {**items, **BucketFiles(self.files, bucket), "version": etag}

        vehicles = DynamoDBVehicleRepository(dynamodb, table, sleep=lambda _: None, **clock)
        return World(vehicles, S3ReportStore(s3, bucket, **clock), state)


@pytest.fixture(scope="module")
def sweep(emulator: Emulator) -> Iterator[Sweep]:
    """Yield a sweep whose clients may always try again: the SDK gives that up after many failed calls."""

    def clients(seconds: float) -> tuple["DynamoDBClient", "S3Client"]:
        config = Config(read_timeout=seconds)
        return make_dynamodb_client(config=config), make_s3_client(config=config)

    with harming(emulator, lambda: next(made.plan)) as address:
        with aws_settings(address), pytest.MonkeyPatch.context() as patch:
            patch.setattr(RetryQuota.__init__, "__defaults__", (10**9, None))
            made = Sweep(emulator.dynamodb(), emulator.s3(), clients(SECONDS), clients(HASTE), repeat(None))
        yield made
    for client in (made.own, made.files, *made.through, *made.hasty):
        client.close()


def outcome_of(call: Callable[[], object]) -> object:
    """Return what a call returns, or the type and the data of the error that it raises."""
    try:
        return call()
    except RegistryError as error:
        return (type(error), *([] if isinstance(error, StorageUnavailable) else error.args))


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))


@dataclass(frozen=True)
class Reference:
    """What a call comes to where nothing happens to it."""

    outcome: object
    before: State
    after: State


def outcome_under(sweep: Sweep, call: str, fault: Fault, reference: Reference, *, always: bool) -> str:
    """Tell in a sign what came of a call; whatever else may come of it is an error."""
    world = sweep.world(is_hasty=fault is SLOW)
    action = CALLS[call](world)
    sweep.plan = repeat(fault) if always else chain((fault,), repeat(None))
    outcome = outcome_of(action)
    there = world.state()
    for key in there.keys() | reference.before.keys() | reference.after.keys():
        assert there.get(key) in (reference.before.get(key), reference.after.get(key)), (call, fault.name, key)
    if outcome == (StorageUnavailable,):
        return "-" if there == reference.before else "="
    assert (outcome, there) == (reference.outcome, reference.after), (call, fault.name)
    return "✓"


@pytest.mark.slow
@pytest.mark.parametrize("call", CALLS)
def test_fault_makes_no_false_answer(sweep: Sweep, call: str) -> None:
    """What came of it is written down in the decision, a row for each call."""
    sweep.plan = repeat(None)
    world = sweep.world()
    before = world.state()
    reference = Reference(outcome_of(CALLS[call](world)), before, world.state())
    assert reference.outcome != (StorageUnavailable,)
    cells = [
        " ".join(outcome_under(sweep, call, fault, reference, always=always) for always in (False, True))
        for fault in FAULTS
    ]
    assert f"| {' | '.join((call, *cells))} |" in PAGE.read_text(encoding="utf-8").splitlines()


def test_decision_names_the_faults() -> None:
    assert f"| | {' | '.join(fault.name for fault in FAULTS)} |" in PAGE.read_text(encoding="utf-8").splitlines()
