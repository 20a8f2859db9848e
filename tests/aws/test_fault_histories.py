"""What many clients are told while requests fail in every way, judged as one history for each vehicle.

FAULT_CALLS says how many calls there are; `make thorough` makes 20,000.
"""

import logging
import os
import random
from collections import Counter
from functools import partial
from threading import Lock
from time import monotonic
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

import botocore.endpoint
import pytest
from botocore.config import Config

from tests.support.emulator import Emulator, aws_settings, make_table
from tests.support.faulty_proxy import FAULTS, SLOW, Fault, harming
from tests.support.linearizability import Call, Verb, is_linearizable, outcome_of
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.domain.errors import StorageUnavailable
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import Version
from vehicles.testing.racing import racing
from vehicles.testing.vehicle_repository import numbered_vin

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

THREADS: Final = 24
CALLS: Final = int(os.environ.get("FAULT_CALLS", "1000")) // THREADS
HARMED: Final = 0.2
SECONDS: Final = 3.0
"""How long a client waits for an answer."""
TOGETHER: Final = 2
"""Vehicles that all fight over at a time."""
PER_VEHICLE: Final = 4
"""Calls of each client before all turn to the next vehicles."""


class Faults:
    """Draws lots for the requests."""

    def __init__(self) -> None:
        self.random = random.Random(7)  # noqa: S311 — no secret
        self.met: Counter[str] = Counter()
        self.lock = Lock()

    def draw(self) -> Fault | None:
        with self.lock:
            if self.random.random() >= HARMED:
                return None
            fault = self.random.choice(FAULTS)
            if fault is SLOW and self.random.random() < 0.9:  # each takes as long as hundreds of others
                return None
            self.met[fault.name] += 1
            return fault


type History = dict[Vin, list[Call]]


def use(client: "DynamoDBClient", table: str, who: int) -> History:
    """Read, add, replace and remove the vehicles that all fight over, and write down each call."""
    repository = DynamoDBVehicleRepository(client, table, sleep=lambda _: None)
    lots = random.Random(who)  # noqa: S311 — as above
    history: History = {}
    known: dict[Vin, Version | None] = {}

    for number in range(CALLS):
        vin = numbered_vin(number // PER_VEHICLE * TOGETHER + lots.randrange(TOGETHER))
        last = known.get(vin)
        verb: Verb = lots.choice(
            ("get", "get_many", "replace", "replace_many", "remove") if last else ("get", "get_many", "add")
        )
        expected = None if verb == "remove" and lots.random() < 0.5 else last
        new = Version(f"{who} {number}")
        begin = monotonic()
        outcome = outcome_of(repository, verb, vin, expected, new)
        if outcome is not StorageUnavailable or verb not in {"get", "get_many"}:
            history.setdefault(vin, []).append(Call(verb, begin, monotonic(), outcome, expected, new))
        known[vin] = outcome if isinstance(outcome, str) else None
    return history


@pytest.fixture
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))


@pytest.mark.slow
@pytest.mark.usefixtures("no_backoff")
@pytest.mark.timeout(3000)
def test_faults_leave_histories_true(emulator: Emulator) -> None:
    table = make_table(emulator.dynamodb())
    faults = Faults()
    with harming(emulator, faults.draw) as address:
        with aws_settings(address):
            clients = [make_dynamodb_client(config=Config(read_timeout=SECONDS)) for _ in range(THREADS)]
        histories = racing([partial(use, client, table, number) for number, client in enumerate(clients)], seconds=1200)
    for client in clients:
        client.close()
    vins = sorted({vin for history in histories for vin in history})
    outcomes = Counter(
        call.outcome.__name__ if isinstance(call.outcome, type) else "done"
        for history in histories
        for calls in history.values()
        for call in calls
    )
    logging.getLogger(__name__).info("%s faults: %s; outcomes: %s", faults.met.total(), faults.met, outcomes)
    assert [vin.masked for vin in vins if not is_linearizable([each.get(vin, []) for each in histories])] == []
    assert faults.met.total() > CALLS * THREADS * HARMED / 2, "too few faults to say anything"
