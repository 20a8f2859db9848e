"""Problem details (RFC 9457), and which error of the registry becomes which kind of problem."""

from collections.abc import Mapping
from typing import Final, Literal, NotRequired, TypedDict, cast

from vehicles.domain.errors import (
    Fault,
    InvalidInput,
    InvalidVehicle,
    InvalidVin,
    InvalidWeek,
    RegistryError,
    ReportChanged,
    ReportNotFound,
    StorageCorrupted,
    StorageMisconfigured,
    StorageUnavailable,
    VehicleAlreadyRegistered,
    VehicleNotFound,
    VersionMismatch,
)
from vehicles.domain.vehicle import WIRE_NAMES
from vehicles.entrypoints.http.problem_types import PROBLEMS

MEDIA_TYPE: Final = "application/problem+json"
RETRY_AFTER_SECONDS: Final = 2
MAX_ERRORS: Final = 20
_MAX_NAME_LENGTH: Final = 60

type Place = Literal["pointer", "parameter", "header"]


class ErrorBody(TypedDict):
    """One thing that is wrong: where (a JSON pointer into the body, a query parameter or a header), and what."""

    pointer: NotRequired[str]
    parameter: NotRequired[str]
    header: NotRequired[str]
    code: str
    detail: str
    positions: NotRequired[list[int]]
    suggestions: NotRequired[list[str]]


class ProblemBody(TypedDict):
    """A refusal or failure, as RFC 9457 describes it. `instance` names the one request that was answered so."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: NotRequired[list[ErrorBody]]


# Looked up along the ancestors of an error's class; a test proves that every error of the registry is found.
PROBLEM_OF_ERROR: Final[Mapping[type[RegistryError], str]] = {
    RegistryError: "internal-error",
    InvalidInput: "invalid-parameter",
    InvalidVehicle: "invalid-vehicle",
    VehicleAlreadyRegistered: "vehicle-already-registered",
    VehicleNotFound: "vehicle-not-found",
    VersionMismatch: "version-mismatch",
    ReportNotFound: "summary-not-found",
    ReportChanged: "storage-unavailable",
    StorageUnavailable: "storage-unavailable",
    StorageMisconfigured: "internal-error",
    StorageCorrupted: "internal-error",
}

_RETRY: Final = {"Retry-After": str(RETRY_AFTER_SECONDS)}
_HEADERS_OF_PROBLEM: Final[Mapping[str, Mapping[str, str]]] = {
    "malformed-request": {"Connection": "close"},
    "request-timeout": {"Connection": "close"},
    "storage-unavailable": _RETRY,
    "too-many-connections": _RETRY,
    "unauthorized": {"WWW-Authenticate": 'Bearer realm="vehicles"'},
}

_PARAMETER_OF_ERROR: Final[Mapping[type, str]] = {InvalidVin: "vin", InvalidWeek: "week"}
_PARAMETER_OF_FIELD: Final = {**WIRE_NAMES, "vin_ends_with": "vinEndsWith"}


class Refusal(Exception):
    """An error response: the name of a kind of problem, a sentence on this case of it, and all that is at fault.

    Without `detail` the sentence is the cause of the kind of problem, without `headers` they are those of the kind.
    """

    def __init__(
        self,
        name: str,
        detail: str | None = None,
        errors: tuple[ErrorBody, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(name, detail)
        self.problem = PROBLEMS[name]
        self.detail = self.problem.cause if detail is None else detail
        self.errors = errors
        self.headers = headers or _HEADERS_OF_PROBLEM.get(name, {})

    def body(self, instance: str) -> ProblemBody:
        """Return the problem details, with the first MAX_ERRORS errors."""
        body = ProblemBody(
            type=self.problem.type,
            title=self.problem.title,
            status=self.problem.status,
            detail=self.detail,
            instance=instance,
        )
        if self.errors:
            body["errors"] = list(self.errors[:MAX_ERRORS])
        return body


def refusal_of(error: RegistryError) -> Refusal:
    """Return the error response for an error of the registry."""
    name = next(PROBLEM_OF_ERROR[ancestor] for ancestor in type(error).__mro__ if ancestor in PROBLEM_OF_ERROR)
    # What the storage said is for the log; it may hold what a client should not see, such as the key of a report.
    if name in {"internal-error", "storage-unavailable", "summary-not-found"}:
        return Refusal(name)
    errors: tuple[ErrorBody, ...] = ()
    if isinstance(error, InvalidVehicle):
        errors = tuple(error_body("pointer", f"/{WIRE_NAMES[fault.field]}", fault) for fault in error.faults)
    elif isinstance(error, InvalidInput):
        parameter = _PARAMETER_OF_ERROR.get(type(error))
        errors = tuple(
            error_body("parameter", parameter or _PARAMETER_OF_FIELD.get(fault.field, fault.field), fault)
            for fault in error.faults
        )
    return Refusal(name, f"{error}.", errors)


def error_body(place: Place, name: str, fault: Fault, suggestions: tuple[str, ...] = ()) -> ErrorBody:
    """Return the entry of `errors` for one fault; a name that the client made up is kept short and encodable."""
    shown = name.encode("utf-8", "backslashreplace").decode()
    length = _MAX_NAME_LENGTH + (place == "pointer")  # which begins with a slash
    body = cast("ErrorBody", {place: shown[:length], "code": fault.code, "detail": fault.detail})
    if fault.positions:
        body["positions"] = list(fault.positions)
    if suggestions:
        body["suggestions"] = list(suggestions)
    return body
