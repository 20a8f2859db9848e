"""Writes that meet somebody else's transaction on DynamoDB: repeated with the same token, and not for ever."""

import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.emulator import Emulator, make_table
from vehicles.adapters.aws.dynamodb import BATCH_PAUSES, PAUSES, DynamoDBVehicleRepository
from vehicles.domain.deadline import BATCH_TIME_LIMIT, TIME_LIMIT
from vehicles.domain.errors import StorageUnavailable
from vehicles.testing.vehicle_repository import TIMESTAMP, numbered_vin, stored

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


class Conflicting:
    """Refuses the first transactions as DynamoDB does when another one has the item, and keeps their tokens."""

    def __init__(self, client: "DynamoDBClient", times: int) -> None:
        self.tokens: list[str] = []
        self.times = times
        client.meta.events.register("before-call.dynamodb.TransactWriteItems", self.refuse)  # type: ignore[arg-type]  # it answers

    def refuse(self, params: dict[str, Any], **_: object) -> tuple[object, dict[str, Any]] | None:
        self.tokens.append(json.loads(params["body"])["ClientRequestToken"])
        if len(self.tokens) > self.times:
            return None
        reasons = [{"Code": "TransactionConflict"}]
        error = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
        return SimpleNamespace(status_code=400), error


type Contended = Callable[[int], tuple[DynamoDBVehicleRepository, Conflicting, list[float]]]


@pytest.fixture
def contended(emulator: Emulator) -> Contended:
    def make(times: int) -> tuple[DynamoDBVehicleRepository, Conflicting, list[float]]:
        own = emulator.dynamodb()
        pauses: list[float] = []
        repository = DynamoDBVehicleRepository(own, make_table(own), sleep=pauses.append, clock=lambda: TIMESTAMP)
        return repository, Conflicting(own, times), pauses

    return make


@pytest.mark.parametrize("times", (1, len(PAUSES)))
def test_conflict_is_repeated_with_token(contended: Contended, times: int) -> None:
    repository, conflicting, _ = contended(times)
    repository.add(stored())
    assert (times + 1, 1) == (len(conflicting.tokens), len(set(conflicting.tokens)))


def test_conflicted_write_is_carried_out(contended: Contended) -> None:
    repository, _, _ = contended(2)
    repository.add(stored())
    assert stored() == repository.get(numbered_vin(0))


def test_endless_conflict_is_given_up(contended: Contended) -> None:
    repository, conflicting, _ = contended(1000)
    with pytest.raises(StorageUnavailable, match="TransactionConflict"):
        repository.add(stored())
    assert len(PAUSES) + 1 == len(conflicting.tokens)


def test_pauses_after_conflicts_grow(contended: Contended) -> None:
    repository, _, pauses = contended(len(PAUSES))
    repository.add(stored())
    assert [longest / 2 <= pause <= longest for pause, longest in zip(pauses, PAUSES, strict=True)] == [True] * 5


def test_batch_pauses_outlast_a_longer_conflict(emulator: Emulator) -> None:
    own = emulator.dynamodb()
    table, pauses = make_table(own), list[float]()
    repository = DynamoDBVehicleRepository(
        own, table, clock=lambda: TIMESTAMP, sleep=pauses.append, pauses=BATCH_PAUSES, time_limit=BATCH_TIME_LIMIT
    )
    Conflicting(own, len(BATCH_PAUSES))
    repository.add(stored())
    assert [longest / 2 <= pause <= longest for pause, longest in zip(pauses, BATCH_PAUSES, strict=True)] == [
        True
    ] * len(BATCH_PAUSES)


def test_late_conflict_is_not_repeated(emulator: Emulator) -> None:
    own = emulator.dynamodb()
    moments = iter((TIMESTAMP, TIMESTAMP + TIME_LIMIT))
    repository = DynamoDBVehicleRepository(own, make_table(own), clock=lambda: next(moments))
    conflicting = Conflicting(own, 1)
    with pytest.raises(StorageUnavailable):
        repository.add(stored())
    assert len(conflicting.tokens) == 1
