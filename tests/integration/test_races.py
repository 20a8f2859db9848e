"""Many clients want the same at the same time, through HTTP, on SQLite: exactly one gets it, round after round."""

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import Final

import pytest

from tests.support.server_process import UNMEASURED, Answer, Client, registration, serving, vin_of
from vehicles.testing.racing import racing

CLIENTS: Final = 64
ROUNDS: Final = 8
NUMBERS: Final = count()


class Crowd:
    """Clients that all send at once, each on a connection of its own."""

    def __init__(self, port: int) -> None:
        self.first, *_ = self._clients = [Client(port) for _ in range(CLIENTS)]

    def send(self, request: Callable[[Client, int], Answer]) -> list[Answer]:
        """Have every client send its request, which depends on the client's number."""
        return racing(partial(request, client, number) for number, client in enumerate(self._clients))

    def close(self) -> None:
        for client in self._clients:
            client.close()


@pytest.fixture(scope="module")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crowd]:
    with serving(tmp_path_factory.mktemp("data"), environment=UNMEASURED) as server:
        made = Crowd(server.port)
        yield made
        made.close()


def rounds(play: Callable[[str], list[Answer]]) -> list[Counter[int]]:
    """Play with one new VIN after the other, and count the statuses of each round."""
    return [Counter(answer.status for answer in play(vin_of(next(NUMBERS)))) for _ in range(ROUNDS)]


def test_one_registration_wins(crowd: Crowd) -> None:
    def play(vin: str) -> list[Answer]:
        answers = crowd.send(lambda client, number: client.send("POST", "/vehicle", registration(vin, 1 + number)))
        (won,) = (answer for answer in answers if answer.status == 201)
        assert crowd.first.send("GET", f"/vehicle?vin={vin}").body == won.body
        return answers

    assert rounds(play) == [{201: 1, 409: CLIENTS - 1}] * ROUNDS


def test_one_delete_wins(crowd: Crowd) -> None:
    def play(vin: str) -> list[Answer]:
        crowd.first.send("POST", "/vehicle", registration(vin))
        return crowd.send(lambda client, _: client.send("DELETE", f"/vehicle?vin={vin}"))

    assert rounds(play) == [{204: 1, 404: CLIENTS - 1}] * ROUNDS


def test_one_change_wins(crowd: Crowd) -> None:
    def play(vin: str) -> list[Answer]:
        tag = crowd.first.send("POST", "/vehicle", registration(vin, no_of_axles=3)).headers["etag"]
        # Every fourth client asks for the state that is there; that is a change like any other.
        return crowd.send(
            lambda client, number: client.send(
                "PUT", f"/vehicle?vin={vin}", {"noOfAxles": 3 + number % 4 * (1 + number // 4)}, {"If-Match": tag}
            )
        )

    assert rounds(play) == [{200: 1, 412: CLIENTS - 1}] * ROUNDS
