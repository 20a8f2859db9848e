"""A small client around `Api.respond`, on the in-memory adapters, with a clock that stands and versions that count."""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final

from vehicles.adapters.memory import InMemoryReportStore, InMemoryVehicleRepository
from vehicles.domain.services import Registry, WeeklySummaries
from vehicles.domain.vehicle import Vehicle, VehicleFilter
from vehicles.domain.vin import Vin, VinPolicy
from vehicles.entrypoints.http import Api
from vehicles.entrypoints.messages import Request, Response
from vehicles.ports.vehicle_repository import Page, StoredVehicle, VehicleRepository, Version

NOW: Final = datetime(2026, 11, 18, 8, 15, 30, 123456, tzinfo=UTC)
TIMESTAMP: Final = "2026-11-18T08:15:30.123456Z"
REQUEST_ID: Final = "0199f0a4-6c1e-7d3a-9b57-3f6f0f9e2c11"
TRUCK: Final = "WMAH05ZZ94M012345"
OTHER: Final = "1M8GDM9AXKP042788"
WRONG_CHECK_DIGIT: Final = "1M8GDM9A1KP042788"
JSON: Final = {"content-type": "application/json"}


def truck(**changes: object) -> dict[str, object]:
    """Return a right body of a registration, changed."""
    return {"vin": TRUCK, "noOfAxles": 3, "fuelType": "diesel", **changes}


class Client:
    """Sends requests to an API of its own."""

    def __init__(
        self,
        repository: VehicleRepository | None = None,
        token: str | None = None,
        policy: VinPolicy = VinPolicy.STRICT,
    ) -> None:
        versions = count(1)
        self.repository = repository or InMemoryVehicleRepository()
        self.registry = Registry(self.repository, lambda: NOW, lambda: f"v{next(versions)}", policy)
        self.summaries = WeeklySummaries(self.repository, InMemoryReportStore(), lambda: NOW)
        self.api = Api(lambda: self.registry, lambda: self.summaries, token)

    def send(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        raw: bytes | None = None,
    ) -> Response:
        """Send a request; `body` as JSON, `raw` as it is, either as application/json unless the headers say else."""
        path, _, query = target.partition("?")
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        given = {**(JSON if content else {}), **(headers or {})}
        return self.api.respond(Request(method, path, query, given, content, REQUEST_ID))

    def register(self, vin: str = TRUCK) -> Response:
        """Register a vehicle that is right."""
        return self.send("POST", "/vehicle", truck(vin=vin))


def content(response: Response) -> Any:  # noqa: ANN401 — JSON
    """Return the JSON of a response."""
    return json.loads(response.body)


def refusal(response: Response) -> tuple[int, str, list[tuple[str, str]]]:
    """Return the status, the name of the problem, and of each error the place and the code."""
    problem = content(response)
    places = [
        (error.get("pointer", error.get("parameter", error.get("header"))), error["code"])
        for error in problem.get("errors", [])
    ]
    return response.status, problem["type"].removeprefix("/problems/"), places


class FailingRepository(VehicleRepository):
    """Raises one error, whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def add(self, stored: StoredVehicle) -> None:  # noqa: ARG002 — it fails before it looks
        raise self.error

    def add_many(self, batch: Sequence[StoredVehicle]) -> tuple[bool, ...]:  # noqa: ARG002 — as above
        raise self.error

    def get(self, vin: Vin) -> StoredVehicle:  # noqa: ARG002 — as above
        raise self.error

    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:  # noqa: ARG002 — as above
        raise self.error

    def remove(self, vin: Vin, *, expected: Version | None = None) -> None:  # noqa: ARG002 — as above
        raise self.error

    def page(self, wanted: VehicleFilter, *, limit: int, after: Vin | None = None) -> Page:  # noqa: ARG002 — as above
        raise self.error

    def part(self, index: int, count: int, *, after: Vin | None = None) -> Iterator[Vehicle]:  # noqa: ARG002 — as above
        raise self.error
