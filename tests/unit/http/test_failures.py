"""What happens when something fails behind the API, what is reported about it, and that nothing ever gets out."""

import json
import logging
from collections.abc import Iterator
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.http_client import JSON, OTHER, TRUCK, Client, FailingRepository, content, rejection, truck
from vehicles.domain.errors import (
    Fault,
    InvalidFilter,
    InvalidVehicle,
    RegistryError,
    ReportChanged,
    ReportNotFound,
    StorageCorrupted,
    StorageMisconfigured,
    StorageReadOnly,
    StorageUnavailable,
    VehicleNotFound,
)
from vehicles.domain.vehicle import WIRE_NAMES
from vehicles.entrypoints.http.messages import Request
from vehicles.entrypoints.http.problem_types import PROBLEMS
from vehicles.entrypoints.http.problems import PROBLEM_OF_ERROR, Place, error_body, problem_of
from vehicles.entrypoints.http.routes import ROUTES

pytestmark = pytest.mark.usefixtures("way")

_INSIDE: Final = "/var/inside"
_REQUESTS: Final = (
    ("POST", "/vehicle", truck()),
    ("GET", f"/vehicle?vin={TRUCK}", None),
    ("PATCH", f"/vehicle?vin={TRUCK}", {"noOfAxles": 2}),
    ("PUT", f"/vehicle?vin={TRUCK}", {"noOfAxles": 2, "fuelType": "diesel"}),
    ("DELETE", f"/vehicle?vin={TRUCK}", None),
    ("GET", "/vehicles", None),
)
_FAILURES: Final = (
    (StorageUnavailable(f"{_INSIDE} is away"), 503, "storage-unavailable"),
    (ReportChanged(_INSIDE), 503, "storage-unavailable"),
    (StorageMisconfigured(f"{_INSIDE} is not there"), 500, "internal-error"),
    (StorageCorrupted(f"{_INSIDE} is broken"), 500, "internal-error"),
    (RegistryError(_INSIDE), 500, "internal-error"),
    (KeyError(f"{_INSIDE} {TRUCK}"), 500, "internal-error"),
    (RecursionError(_INSIDE), 500, "internal-error"),
)


def _leaves(error: type[RegistryError]) -> Iterator[type[RegistryError]]:
    below = error.__subclasses__()
    if not below:
        yield error
    for child in below:
        yield from _leaves(child)


@pytest.mark.parametrize("error", tuple(_leaves(RegistryError)))
def test_every_error_has_problem(error: type[RegistryError]) -> None:
    named = [
        PROBLEM_OF_ERROR[known] for known in error.__mro__ if known in PROBLEM_OF_ERROR and known is not RegistryError
    ]
    assert named[0] in PROBLEMS


@pytest.mark.parametrize("attribute", WIRE_NAMES)
def test_field_has_its_wire_name(attribute: str) -> None:
    (error,) = problem_of(InvalidVehicle(Fault("vehicle.any", "it is wrong", attribute))).errors
    assert error["pointer"] == f"/{WIRE_NAMES[attribute]}"


@pytest.mark.parametrize(
    ("field", "parameter"), (("no_of_axles", "noOfAxles"), ("wmi", "wmi"), ("vin_ends_with", "vinEndsWith"))
)
def test_filter_has_the_name_of_its_parameter(field: str, parameter: str) -> None:
    (error,) = problem_of(InvalidFilter(Fault("filter.any", "it is wrong", field))).errors
    assert error["parameter"] == parameter


def test_read_only_storage_is_forbidden() -> None:
    problem = problem_of(StorageReadOnly(_INSIDE))
    assert (problem.problem.status, problem.detail) == (403, PROBLEMS["read-only"].cause)


@pytest.mark.parametrize(
    ("error", "detail"),
    (
        (VehicleNotFound("WMA..........2345"), "No vehicle with the VIN WMA..........2345 is registered."),
        (ReportNotFound(_INSIDE), PROBLEMS["summary-not-found"].cause),
    ),
)
def test_detail_hides_the_storage(error: RegistryError, detail: str) -> None:
    problem = problem_of(error)
    assert (problem.detail, problem.errors) == (detail, ())


@pytest.mark.parametrize(("place", "length"), (("pointer", 61), ("parameter", 60)))
def test_long_name_is_cut(place: Place, length: int) -> None:
    assert error_body(place, "/" * 99, Fault("any", "it is wrong"))[place] == "/" * length


@pytest.mark.parametrize("sent", _REQUESTS)
@pytest.mark.parametrize(("error", "status", "name"), _FAILURES)
def test_failure_is_answered(sent: tuple[str, str, object], error: Exception, status: int, name: str) -> None:
    assert rejection(Client(FailingRepository(error)).send(*sent)) == (status, name, [])


@pytest.mark.parametrize(("error", "status", "name"), _FAILURES)
def test_failure_is_logged_and_hidden(
    error: Exception, status: int, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = Client(FailingRepository(error)).send("GET", "/vehicles")
    assert (content(answer)["detail"], _INSIDE in caplog.text) == (PROBLEMS[name].cause, True)
    assert answer.headers.get("Retry-After") == ("2" if status == 503 else None)


@pytest.mark.parametrize(("method", "target", "body"), _REQUESTS)
@pytest.mark.parametrize("error", tuple(error for error, _, _ in _FAILURES))
def test_vin_never_logged(
    method: str, target: str, body: object, error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    Client(FailingRepository(error)).send(method, target, body)
    assert TRUCK not in caplog.text


@pytest.mark.parametrize(
    ("method", "target", "body"), (*_REQUESTS, ("GET", f"/{TRUCK}", None), (TRUCK, "/vehicle", None))
)
def test_vin_never_in_operation(method: str, target: str, body: object) -> None:
    assert TRUCK not in Client().send(method, target, body).operation


@pytest.mark.parametrize(
    ("method", "target", "operation"),
    (
        ("GET", "/vehicles?limit=5", "GET /vehicles"),
        ("HEAD", "/vehicles", "HEAD /vehicles"),
        ("BREW", "/vehicles", "- /vehicles"),
        ("GET", "/nowhere", "-"),
    ),
)
def test_operation_names_route(method: str, target: str, operation: str) -> None:
    assert Client().send(method, target).operation == operation


@pytest.mark.parametrize("target", (f"/vehicle?vin={OTHER}", f"/vehicle?vin={TRUCK}"))
def test_vin_masked_in_problem(target: str) -> None:
    assert target[-17:] not in Client().send("GET", target).body.decode()


_ANY_TEXT: Final = st.text(st.characters())  # with halves of surrogate pairs
_NAMES: Final = st.sampled_from(("vin", "noOfAxles", "fuelType", "timestamp")) | _ANY_TEXT
_VALUES: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | _ANY_TEXT
    | st.sampled_from((TRUCK, OTHER, "diesel", 3, 10**40)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=12,
)
_BODIES: Final = (
    st.binary()
    | st.dictionaries(_NAMES, _VALUES, max_size=5).map(lambda value: json.dumps(value).encode())
    | _VALUES.map(lambda value: json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
)
_QUERIES: Final = _ANY_TEXT | st.lists(
    st.tuples(
        st.sampled_from(("vin", "limit", "cursor", "fuelType", "noOfAxles", "wmi", "vinEndsWith", "week")) | _ANY_TEXT,
        st.sampled_from((TRUCK, OTHER, "1", "diesel", "WMA", "012345", "2026-W47")) | _ANY_TEXT,
    ),
    max_size=3,
).map(lambda pairs: "&".join(f"{name}={value}" for name, value in pairs))
_HEADERS: Final = st.dictionaries(
    st.sampled_from(("accept", "authorization", "content-type", "content-encoding", "if-match", "if-none-match")),
    st.sampled_from(("*", '"v1"', 'W/"v1"', "*/*;q=nan", "text/html;q=", "identity", *JSON.values())) | _ANY_TEXT,
)
_REQUEST: Final[st.SearchStrategy[Request]] = st.builds(
    Request,
    st.sampled_from(("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS")) | _ANY_TEXT,
    st.sampled_from(sorted({route.path for route in ROUTES if route.summary})) | _ANY_TEXT,
    _QUERIES,
    _HEADERS | _HEADERS.map(lambda headers: {**headers, **JSON}),
    _BODIES,
)


@given(_REQUEST, st.none() | st.just("a-long-enough-token"))
@example(Request("PATCH", "/vehicle", f"vin={TRUCK}", JSON, b'{"noOfAxles": 1e999}'), None)
@example(Request("GET", "/vehicle", "\udcff=\udcff"), None)
@example(Request("GET", "/vin", "vin=\udcff"), None)
@example(Request("GET", "/vehicles", "cursor=\udcff"), None)
def test_no_request_breaks_it(sent: Request, token: str | None) -> None:
    client = Client(token=token)
    client.register()
    answer = client.answer(sent)
    assert answer.status < 500
