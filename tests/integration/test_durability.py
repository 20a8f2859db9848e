"""What the server has acknowledged is there when it is started again, however it ended."""

import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPException
from itertools import count
from pathlib import Path
from typing import Final

import pytest

from tests.support.server_process import UNMEASURED, Client, ServerProcess, listed, registration, serving, vin_of
from vehicles.testing.racing import SECONDS, racing, started

ROUNDS: Final = int(os.environ.get("KILL_ROUNDS", "1"))  # each with other random numbers; they may run side by side
KILLS: Final = 10  # in each round
CLIENTS: Final = 4
LONGEST_STREAM: Final = 0.3


@dataclass
class Stream:
    """What several clients have sent, and what was acknowledged, over the lives of several servers."""

    numbers: Iterator[int] = field(default_factory=count)
    sent: set[str] = field(default_factory=set)
    acknowledged: dict[str, object] = field(default_factory=dict)
    interrupted: int = 0

    def run_until_killed(self, server: ServerProcess, seconds: float) -> None:
        streams = started(lambda: racing([lambda: self._register(server.port)] * CLIENTS))
        time.sleep(seconds)
        server.kill()
        self.interrupted += sum(streams.result(SECONDS))

    def _register(self, port: int) -> bool:
        """Register one vehicle after the other until the server is gone; tell whether a request got no answer."""
        try:
            with Client(port) as client:
                for number in self.numbers:
                    vin = vin_of(number)
                    self.sent.add(vin)
                    answer = client.send("POST", "/vehicle", registration(vin, 1 + number % 9))
                    assert answer.status == 201
                    self.acknowledged[vin] = {
                        name: value for name, value in answer.json().items() if name != "warnings"
                    }
        except (OSError, HTTPException):
            return True
        return False


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(ROUNDS))
def test_killed_server_loses_nothing(tmp_path: Path, seed: int) -> None:
    dice, stream = random.Random(seed), Stream()  # noqa: S311 — to be foreseen
    lost: list[object] = []
    invented: list[str] = []
    for kill in range(KILLS + 1):
        with serving(tmp_path, environment=UNMEASURED) as server:
            with Client(server.port) as client:
                there = {str(vehicle["vin"]): vehicle for vehicle in listed(client)}
            lost += [vehicle for vin, vehicle in stream.acknowledged.items() if there.get(vin) != vehicle]
            invented += there.keys() - stream.sent
            if kill < KILLS:
                stream.run_until_killed(server, dice.uniform(0, LONGEST_STREAM))
    assert (lost, invented, len(stream.acknowledged) > KILLS, stream.interrupted > KILLS) == ([], [], True, True)
