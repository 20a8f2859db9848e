"""Problem details (RFC 9457), and which problem type each error of the registry becomes."""

from collections.abc import Mapping
from typing import Final, Literal, NotRequired, TypedDict, cast

from vehicles.domain.errors import (
    Fault,
    IdempotencyKeyReused,
    InvalidInput,
    InvalidVehicle,
    InvalidVin,
    InvalidWeek,
    RegistryError,
    ReportChanged,
    ReportNotFound,
    StorageCorrupted,
    StorageMisconfigured,
    StorageReadOnly,
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
    """One error: where it is (a JSON pointer into the body, a query parameter or a header), and what it is."""

    pointer: NotRequired[str]
    parameter: NotRequired[str]
    header: NotRequired[str]
    code: str
    detail: str
    positions: NotRequired[list[int]]
    suggestions: NotRequired[list[str]]


class ProblemBody(TypedDict):
    """Problem details (RFC 9457). `instance` identifies the request."""

    type: str
    title: str
    status: int
    detail: str
    instance: str
    errors: NotRequired[list[ErrorBody]]


# Looked up along the method resolution order of an error's class; a test proves that every error has an entry.
PROBLEM_OF_ERROR: Final[Mapping[type[RegistryError], str]] = {
    RegistryError: "internal-error",
    InvalidInput: "invalid-parameter",
    InvalidVehicle: "invalid-vehicle",
    VehicleAlreadyRegistered: "vehicle-already-registered",
    IdempotencyKeyReused: "idempotency-key-reused",
    VehicleNotFound: "vehicle-not-found",
    VersionMismatch: "version-mismatch",
    ReportNotFound: "summary-not-found",
    ReportChanged: "storage-unavailable",
    StorageUnavailable: "storage-unavailable",
    StorageMisconfigured: "internal-error",
    StorageReadOnly: "read-only",
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


class ProblemError(Exception):
    """Ends a request with an error response: the name of a problem type, what happened, and the individual errors.

    `detail` defaults to the cause of the problem type, and `headers` to the headers of the type. `members` extend the
    problem details (RFC 9457, 3.2).
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
        self.members: Mapping[str, object] = {}

    def body(self, instance: str) -> ProblemBody:
        """Return the problem details, with at most MAX_ERRORS errors."""
        body = ProblemBody(
            type=self.problem.type,
            title=self.problem.title,
            status=self.problem.status,
            detail=self.detail,
            instance=instance,
        )
        if self.errors:
            body["errors"] = list(self.errors[:MAX_ERRORS])
        return cast("ProblemBody", {**body, **self.members})


def cause_of(error: ProblemError | RegistryError) -> BaseException | None:
    """Return what the log reports of an error."""
    return error.__cause__ if isinstance(error, ProblemError) else error


def problem_of(error: ProblemError | RegistryError) -> ProblemError:
    """Return the problem that a client is shown for an error."""
    if isinstance(error, ProblemError):
        return error
    name = next(PROBLEM_OF_ERROR[ancestor] for ancestor in type(error).__mro__ if ancestor in PROBLEM_OF_ERROR)
    # The message of the storage is for the log only: it may contain internals, such as the key of a report.
    if name in {"internal-error", "read-only", "storage-unavailable", "summary-not-found"}:
        return ProblemError(name)
    errors: tuple[ErrorBody, ...] = ()
    if isinstance(error, InvalidVehicle):
        errors = tuple(error_body("pointer", f"/{WIRE_NAMES[fault.field]}", fault) for fault in error.faults)
    elif isinstance(error, InvalidInput):
        parameter = _PARAMETER_OF_ERROR.get(type(error))
        errors = tuple(
            error_body("parameter", parameter or _PARAMETER_OF_FIELD.get(fault.field, fault.field), fault)
            for fault in error.faults
        )
    return ProblemError(name, f"{error}.", errors)


def error_body(place: Place, name: str, fault: Fault, suggestions: tuple[str, ...] = ()) -> ErrorBody:
    """Return the entry of `errors` for a fault. `name` may come from the client: it is truncated and made encodable."""
    shown = name.encode("utf-8", "backslashreplace").decode()
    length = _MAX_NAME_LENGTH + (place == "pointer")  # a pointer begins with a slash
    body = cast("ErrorBody", {place: shown[:length], "code": fault.code, "detail": fault.detail})
    if fault.positions:
        body["positions"] = list(fault.positions)
    if suggestions:
        body["suggestions"] = list(suggestions)
    return body
