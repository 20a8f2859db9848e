"""What is logged as JSON, and that no VIN is ever in it."""

import json
import logging
import random
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from typing import Any, Final
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.functions_anew import container_of
from tests.support.http_client import TRUCK, FailingRepository, Invocation, event_of
from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.domain.errors import InvalidWeek, StorageCorrupted, StorageError, StorageUnavailable
from vehicles.entrypoints import lambdas
from vehicles.entrypoints.cli.sample import sample_vehicles
from vehicles.entrypoints.http.messages import Request
from vehicles.entrypoints.logs import JsonFormatter, redact
from vehicles.testing.strategies import vins

UNTIL: Final = datetime(2026, 1, 1, tzinfo=UTC)
REQUESTS: Final = 10_000


def percent_encoded(text: str) -> str:
    """Return the text with every character percent-encoded."""
    return "".join(f"%{byte:02x}" for byte in text.encode())


SPELLINGS: Final[tuple[Callable[[str], str], ...]] = (
    str,
    str.lower,
    percent_encoded,
    lambda text: percent_encoded(text).upper(),
    lambda text: percent_encoded(text.lower()),
    lambda text: text[:5] + percent_encoded(text[5:]),
)


def holds(text: str, vin: str) -> bool:
    """Return whether a text holds a VIN in any spelling."""
    return vin.lower() in unquote(text).lower()


# --- redaction ---


@given(
    vins(),
    st.sampled_from(SPELLINGS),
    st.sampled_from(("vin=", "vin%3D", "%22vin%22%3A%22", "Key('", "2026-11-23T10:15:30Z ", "/")) | st.text(),
    st.text(),
)
def test_no_surroundings_save_a_vin(vin: object, spelling: Callable[[str], str], before: str, after: str) -> None:
    assert not holds(redact(f"{before}{spelling(str(vin))}{after}"), str(vin))


@pytest.mark.parametrize(
    "text",
    (
        "request 0199f0a4-6c1e-7d3a-9b57-3f6f0f9e2c11 failed",
        "vehicles.domain.errors.VehicleAlreadyRegistered: a vehicle is there",
        'File "/var/task/vehicles/adapters/dynamodb.py", line 12345, in transact_write_items',
        "2026-11-23T10:15:30.123456Z",
        "",
    ),
)
def test_other_words_stay(text: str) -> None:
    assert redact(text) == text


# --- lines ---


def line_of(message: str, *arguments: object, **others: Any) -> dict[str, Any]:  # noqa: ANN401 — parts of a record
    """Return what a record becomes."""
    record = logging.LogRecord("vehicles", logging.ERROR, "", 0, message, arguments, others.pop("exc_info", None))
    record.created = 1_795_000_000.25
    vars(record).update(others)
    line = JsonFormatter().format(record)
    assert "\n" not in line
    decoded: dict[str, Any] = json.loads(line)
    return decoded


def test_line_has_its_fields() -> None:
    assert line_of("%d is\n%s", 1, "one", status=503) == {
        "timestamp": "2026-11-18T11:06:40.250Z",
        "level": "ERROR",
        "message": "1 is\none",
        "logger": "vehicles",
        "status": 503,
    }


def test_exception_is_logged_without_vin() -> None:
    error = KeyError(TRUCK)
    assert line_of("failed", exc_info=(KeyError, error, None))["traceback"] == "KeyError: '(a VIN)'"


@pytest.mark.parametrize("value", (TRUCK, {"vin": TRUCK}, [TRUCK], (TRUCK,), {TRUCK}, KeyError(TRUCK)), ids=type)
def test_no_field_holds_a_vin(value: object) -> None:
    assert TRUCK not in json.dumps(line_of("", value=value))


def test_vin_in_arguments_is_redacted() -> None:
    assert line_of("%s", TRUCK)["message"] == "(a VIN)"


# --- ten thousand requests ---


def generated_request(rng: random.Random, vin: str) -> Request:
    """Return a request, right or wrong, that has the VIN in it wherever one may be."""
    spelled = rng.choice(SPELLINGS)(vin)
    right = {"vin": rng.choice(SPELLINGS[:2])(vin), "noOfAxles": 3, "fuelType": "diesel"}
    wrong = {"vin": rng.choice((spelled, vin[:-1])), "noOfAxles": rng.choice((0, spelled)), spelled: spelled}
    bodies = (*[json.dumps(right)] * 4, json.dumps(wrong), spelled, f'{{"vin": "{spelled}', "")
    queries = (f"vin={spelled}", f"{spelled}={spelled}", f"vinEndsWith={spelled}", f"cursor={spelled}", "")
    odd_header = rng.choice(("if-match", "if-none-match", "accept", "authorization", spelled.lower()))
    return Request(
        rng.choice(("GET", "HEAD", "OPTIONS", "PATCH", "POST", "POST", "POST", "PUT", "DELETE", spelled)),
        rng.choice((*["/vehicle"] * 6, "/vehicles", "/vin", "/summary", f"/vehicle/{spelled}", f"/{spelled}")),
        rng.choice((f"vin={spelled}", "", *queries)),
        {"content-type": rng.choice(("application/json", "application/json", spelled))}
        | ({odd_header: f'"{spelled}"'} if rng.random() < 0.3 else {}),
        rng.choice(bodies).encode(),
    )


def generated_failure(rng: random.Random, vin: str) -> Exception:
    """Return an exception as the storage or what lies below it may raise; of a foreign one the words hold the VIN."""
    spelled = rng.choice(SPELLINGS)(vin)
    foreign = rng.choice((KeyError, ValueError, OSError, RuntimeError))(
        rng.choice(
            (spelled, f"bad item {{'vin': {{'S': '{spelled}'}}}}", f"/vehicle?vin%3D{spelled}%26x", f"{spelled}\n")
        )
    )
    if rng.random() < 0.5:
        foreign.__cause__ = KeyError(spelled)
    foreign.add_note(f"while asked for {spelled}")
    error = rng.choice((foreign, foreign, StorageUnavailable("The table is away"), StorageCorrupted("An item is none")))
    if error is not foreign:
        error.__cause__ = foreign
    return error


@pytest.mark.usefixtures("functions")
def test_ten_thousand_requests_log_no_vin(capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(17)  # noqa: S311 — nothing secret
    fleet = [str(vehicle.vin) for vehicle in islice(sample_vehicles(REQUESTS, 17, until=UNTIL), REQUESTS)]
    sound = InMemoryVehicleRepository()
    made = container_of(batch=False)
    lambdas.api(event_of(Request("GET", "/health")), Invocation())
    capsys.readouterr()
    statuses: Counter[int] = Counter()
    for vin in fleet:
        failing = FailingRepository(generated_failure(rng, vin))
        made.registry.reset()
        with made.repository.override(rng.choice((sound, sound, failing))):
            statuses[lambdas.api(event_of(generated_request(rng, vin)), Invocation())["statusCode"]] += 1
        lines = "".join(capsys.readouterr()).splitlines()
        assert json.loads(lines[-1])["message"] == "request"
        assert [line for line in lines if holds(line, vin)] == []
    # All that can be answered came up, often; so the log was put to the test.
    assert {200, 201, 204, 400, 404, 405, 406, 415, 422, 500, 503} <= {s for s, n in statuses.items() if n > 20}
    assert statuses.total() == REQUESTS


@pytest.mark.usefixtures("functions")
def test_failing_summaries_log_no_vin(capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(18)  # noqa: S311 — nothing secret
    for vehicle in sample_vehicles(200, 18, until=UNTIL):
        vin = str(vehicle.vin)
        with (
            container_of(batch=True).repository.override(FailingRepository(generated_failure(rng, vin))),
            pytest.raises((lambdas.SummaryFailed, StorageError, InvalidWeek)) as caught,
        ):
            lambdas.summary({"week": rng.choice(("last", vin))}, Invocation())
        assert not holds("".join((str(caught.value), *capsys.readouterr())), vin)
