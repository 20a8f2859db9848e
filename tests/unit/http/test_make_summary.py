"""Making a summary on request: on one machine, whenever somebody asks; on AWS never."""

from datetime import timedelta
from typing import Final
from urllib.parse import urljoin

import pytest

from tests.support.http_client import NOW, TRUCK, Client, content, rejection
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.http.messages import Response
from vehicles.testing.racing import racing

pytestmark = pytest.mark.usefixtures("way")

_LAST: Final = "2026-W46"
_CURRENT: Final = "2026-W47"


@pytest.fixture
def client() -> Client:
    """A client of an API with a vehicle that has been there for a year."""
    client = Client()
    client.registry.register_many([Vehicle(Vin.of(TRUCK), 2, FuelType.DIESEL, NOW - timedelta(days=365))])
    return client


def _reference(week: str, state: str) -> dict[str, str]:
    return {"week": week, "state": state, "href": f"summary?week={week}"}


def _made(answer: Response) -> tuple[int, object]:
    return answer.status, content(answer)


def test_current_week_is_provisional(client: Client) -> None:
    assert _made(client.send("POST", "/summaries")) == (201, _reference(_CURRENT, "provisional"))


def test_provisional_summary_is_made_again(client: Client) -> None:
    client.send("POST", "/summaries")
    client.register("WMAH05ZZ24M012346")
    made = client.send("POST", f"/summaries?week={_CURRENT}")
    assert (made.status, client.summaries.get().summary.total) == (201, 2)


def test_finished_week_stays(client: Client) -> None:
    answers = [client.send("POST", f"/summaries?week={_LAST}") for _ in range(2)]
    assert [_made(answer) for answer in answers] == [(201, _reference(_LAST, "complete")), (200, content(answers[0]))]


@pytest.mark.parametrize("attempt", (1, 2))
def test_location_leads_to_summary(client: Client, attempt: int) -> None:
    answers = [client.send("POST", f"/summaries?week={_LAST}") for _ in range(attempt)]
    read = client.send("GET", urljoin("/summaries", answers[-1].headers["Location"]))
    assert (read.status, content(read)["week"]) == (200, _LAST)


def test_future_week_refused(client: Client) -> None:
    refused = rejection(client.send("POST", "/summaries?week=2026-W48"))
    assert refused == (400, "invalid-parameter", [("week", "week.future")])


def test_week_before_any_vehicle_not_saved(client: Client) -> None:
    refused = client.send("POST", "/summaries?week=2020-W01")
    assert (rejection(refused), client.reports.weeks()) == ((404, "summary-not-found", []), [])
    assert content(refused)["detail"].startswith("No summary of 2020-W01 is saved: no vehicle is known")


@pytest.mark.parametrize("query", ("week=2025-W53", "week=", "again=true"))
def test_wrong_query_refused(client: Client, query: str) -> None:
    refused = rejection(client.send("POST", f"/summaries?{query}"))
    assert (refused[:2], client.reports.weeks()) == ((400, "invalid-parameter"), [])


def test_two_at_once_make_one(client: Client) -> None:
    answers = racing([lambda: client.send("POST", f"/summaries?week={_LAST}")] * 4)
    assert {answer.status for answer in answers} <= {200, 201}
    assert [content(answer) for answer in answers] == [_reference(_LAST, "complete")] * 4
    assert client.reports.weeks() == [IsoWeek.parse(_LAST)]


def test_schedule_makes_them_on_aws() -> None:
    client = Client(makes_summaries=False)
    refused = client.send("POST", "/summaries")
    assert (rejection(refused), client.reports.weeks()) == ((405, "summaries-on-schedule", []), [])
    assert refused.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_empty_registry_has_provisional_summary() -> None:
    client = Client()
    assert _made(client.send("POST", "/summaries")) == (201, _reference(_CURRENT, "provisional"))
