"""Registrations with an idempotency key: a repetition gets what the first one got, and registers nothing."""

from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.http_client import OTHER, TRUCK, Client, Invocation, content, event_of, truck
from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.domain.errors import (
    IdempotencyKeyReused,
    StorageCorrupted,
    StorageUnavailable,
    VehicleAlreadyRegistered,
    VehicleNotFound,
)
from vehicles.domain.idempotency import IdempotencyKey, KeyedRequest
from vehicles.domain.registry import Registry
from vehicles.domain.vehicle import Change, FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.http.messages import Request, Response
from vehicles.entrypoints.lambdas import request_of
from vehicles.ports.vehicle_repository import StoredVehicle, VehicleRepository, Version
from vehicles.testing.racing import racing

VIN: Final = Vin.of(TRUCK)
KEY: Final = IdempotencyKey("caller", "key")
START: Final = datetime(2026, 11, 28, tzinfo=UTC)


@pytest.mark.parametrize("text", ("", "key", "key.content"))
def test_damaged_request_is_refused(text: str) -> None:
    with pytest.raises(StorageCorrupted):
        KeyedRequest.parse(text)


def registry_on(repository: VehicleRepository | None = None) -> Registry:
    seconds, versions = count(), count(1)
    return Registry(
        repository or InMemoryVehicleRepository(),
        lambda: START + timedelta(milliseconds=next(seconds)),
        lambda: f"v.{next(versions)}",
    )


def test_repetition_gets_the_first_result() -> None:
    registry = registry_on()
    first = registry.register(VIN, 3, FuelType.DIESEL, KEY)
    assert registry.register(VIN, 3, FuelType.DIESEL, KEY) == first
    assert registry.get(VIN) == first


def test_repetition_after_changes_gets_the_first_result() -> None:
    registry = registry_on()
    first = registry.register(VIN, 3, FuelType.DIESEL, KEY)
    registry.change(VIN, no_of_axles=9)
    registry.change_many([Change(VIN, 4, None)])
    assert registry.register(VIN, 3, FuelType.DIESEL, KEY) == first
    assert registry.get(VIN).vehicle.no_of_axles == 4


@pytest.mark.parametrize(("axles", "fuel"), ((4, FuelType.DIESEL), (3, FuelType.PETROL)))
def test_other_content_is_an_error(axles: int, fuel: FuelType) -> None:
    registry = registry_on()
    first = registry.register(VIN, 3, FuelType.DIESEL, KEY)
    with pytest.raises(IdempotencyKeyReused):
        registry.register(VIN, axles, fuel, KEY)
    assert registry.get(VIN) == first


@pytest.mark.parametrize("key", (IdempotencyKey("caller", "other"), IdempotencyKey("other", "key"), None))
def test_other_request_is_a_conflict(key: IdempotencyKey | None) -> None:
    registry = registry_on()
    registry.register(VIN, 3, FuelType.DIESEL, KEY)
    with pytest.raises(VehicleAlreadyRegistered):
        registry.register(VIN, 3, FuelType.DIESEL, key)


def test_vehicle_without_a_key_is_a_conflict() -> None:
    registry = registry_on()
    registry.register(VIN, 3, FuelType.DIESEL)
    with pytest.raises(VehicleAlreadyRegistered):
        registry.register(VIN, 3, FuelType.DIESEL, KEY)


def test_key_with_another_vin_registers_it() -> None:
    registry = registry_on()
    registry.register(VIN, 3, FuelType.DIESEL, KEY)
    assert registry.register(Vin.of(OTHER), 3, FuelType.DIESEL, KEY).vehicle.vin == Vin.of(OTHER)


def test_repetition_after_deletion_registers_anew() -> None:
    registry = registry_on()
    first = registry.register(VIN, 3, FuelType.DIESEL, KEY)
    registry.delete(VIN)
    assert registry.register(VIN, 3, FuelType.DIESEL, KEY).version != first.version


def test_vehicle_that_goes_in_between_is_registered() -> None:
    class Vanishing(InMemoryVehicleRepository):  # type: ignore[misc]  # final, but for this test
        def get(self, vin: Vin) -> StoredVehicle:
            self.remove(vin)
            raise VehicleNotFound(vin.masked)

    repository = Vanishing()
    repository.add(StoredVehicle(Vehicle(VIN, 2, FuelType.DIESEL, START), Version("old")))
    assert registry_on(repository).register(VIN, 3, FuelType.DIESEL, KEY).vehicle.no_of_axles == 3


def test_vehicle_that_comes_and_goes_ends_the_attempts() -> None:
    class Flickering(InMemoryVehicleRepository):  # type: ignore[misc]  # final, but for this test
        def add(self, stored: StoredVehicle) -> None:
            raise VehicleAlreadyRegistered(stored.vehicle.vin.masked)

    with pytest.raises(StorageUnavailable, match="Too many concurrent changes"):
        registry_on(Flickering()).register(VIN, 3, FuelType.DIESEL, KEY)


def test_concurrent_repetitions_get_the_same() -> None:
    registry = registry_on()
    results = racing([partial(registry.register, VIN, 3, FuelType.DIESEL, KEY)] * 16)
    assert results == [results[0]] * 16


@given(st.text(), st.text(), st.text(), st.text())
def test_keys_of_different_callers_differ(caller: str, key: str, other_caller: str, other_key: str) -> None:
    vehicle = Vehicle(VIN, 3, FuelType.DIESEL, START)
    one, other = (
        KeyedRequest.of(IdempotencyKey(*pair), vehicle, Version("v")).key
        for pair in ((caller, key), (other_caller, other_key))
    )
    assert (one == other) is ((caller, key) == (other_caller, other_key))


@given(st.text(alphabet="abc/+.=", min_size=1))
def test_request_survives_storage(version: str) -> None:
    request = KeyedRequest.of(KEY, Vehicle(VIN, 3, FuelType.DIESEL, START), Version(version))
    assert KeyedRequest.parse(str(request)) == request


# --- over HTTP


def post(client: Client, key: str, **changes: object) -> Response:
    headers = {"content-type": "application/json", "idempotency-key": key}
    return client.send("POST", "/vehicle", truck(**changes), headers)


def test_repeated_request_gets_the_same_response() -> None:
    client = Client()
    first = post(client, "7d9f")
    client.send("PATCH", f"/vehicle?vin={TRUCK}", {"noOfAxles": 9})
    again = post(client, '"7d9f"')
    assert (first.status, again.status, again.body) == (201, 201, first.body)
    assert {name: again.headers[name] for name in ("ETag", "Location")} == {
        name: first.headers[name] for name in ("ETag", "Location")
    }


def test_key_with_other_content_is_unprocessable() -> None:
    client = Client()
    post(client, "7d9f")
    answer = post(client, "7d9f", noOfAxles=5)
    assert (answer.status, content(answer)["type"]) == (422, "/problems/idempotency-key-reused")


@pytest.mark.parametrize("key", ("", "a b", "é", "x" * 256, "a\tb"))
def test_invalid_key_is_named(key: str) -> None:
    answer = post(Client(), key)
    assert (answer.status, [error["code"] for error in content(answer)["errors"]]) == (400, ["header.idempotency_key"])


def test_gateway_names_the_caller() -> None:
    def caller_of(**authorizer: object) -> str:
        event = event_of(Request("GET", "/health"))
        event["requestContext"]["authorizer"] = authorizer
        return request_of(event, Invocation()).caller

    arn = "arn:aws:iam::111122223333:user/fleet"
    assert (caller_of(iam={"userArn": arn}), caller_of(jwt={"claims": {"sub": "fleet"}})) == (arn, "fleet")
    assert caller_of() == ""


def test_other_authorization_is_the_same_caller() -> None:
    """A token that was renewed, or a signature, which each request has anew, makes nobody another caller."""
    client = Client()
    answers = [
        client.send("POST", "/vehicle", truck(), {"idempotency-key": "key", "authorization": f"Bearer {number}"})
        for number in range(2)
    ]
    assert [answer.status for answer in answers] == [201, 201]
