"""What clients read when DynamoDB or S3 fails: through `respond`, from services that fail in every way."""

import logging
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, Final

import botocore.endpoint
import pytest

from tests.support.aws_api import LONG, REQUESTS, TABLE_REQUESTS, check_secrecy, make_api
from tests.support.emulator import HOST, Emulator, aws_settings, free_port, make_table
from tests.support.failing_service import (
    Behaviour,
    answer,
    answer_half,
    babble,
    cancel,
    hang_up,
    keep_silent,
    reset,
    serving,
)
from tests.support.http_client import content
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.adapters.aws.responses import check_responses
from vehicles.domain.deadline import TIME_LIMIT
from vehicles.entrypoints.http.messages import Request
from vehicles.testing.vehicle_repository import stored


@pytest.fixture
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the SDK not wait between its attempts."""
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))


HURRIED: Final = timedelta(seconds=0.1)
UNAVAILABLE: Final[dict[str, Behaviour]] = {
    "throttles": answer(400, "ProvisionedThroughputExceededException"),
    "throttles requests": answer(400, "ThrottlingException"),
    "slow down": answer(503, "SlowDown"),
    "cancels for throughput": cancel("ProvisionedThroughputExceeded"),
    "cancels for throttling": cancel("ThrottlingError"),
    "fails": answer(500, "InternalServerError"),
    "is away for a while": answer(503, "ServiceUnavailable"),
    "never answers": keep_silent,
    "resets": reset,
    "hangs up": hang_up,
    "answers half": answer_half,
    "talks nonsense": babble,
}
MISCONFIGURED: Final[dict[str, Behaviour]] = {
    "lacks a permission": answer(400, "AccessDeniedException"),
    "denies access": answer(403, "AccessDenied"),
    "token expired": answer(400, "ExpiredTokenException"),
    "session expired": answer(403, "ExpiredToken"),
    "unknown credentials": answer(400, "UnrecognizedClientException"),
    "no table": answer(400, "ResourceNotFoundException"),
    "no bucket": answer(404, "NoSuchBucket"),
    "other keys": answer(400, "ValidationException"),
    "never heard of": answer(418, "TeapotException"),
}


FAILURES: Final = {
    **{name: (behave, 503, "2", HURRIED) for name, behave in UNAVAILABLE.items()},
    **{name: (behave, 500, None, LONG) for name, behave in MISCONFIGURED.items()},
}


@pytest.mark.usefixtures("no_backoff")
@pytest.mark.parametrize(("behave", "status", "retry_after", "timeout"), FAILURES.values(), ids=FAILURES)
def test_failure_has_its_status(
    behave: Behaviour, status: int, retry_after: str | None, timeout: timedelta, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    with serving(behave) as address, aws_settings(address):
        api = make_api(timeout=timeout, time_limit=TIME_LIMIT)
        for request in REQUESTS:
            caplog.clear()
            response = api.respond(request)
            assert (response.status, response.headers.get("Retry-After")) == (status, retry_after), request
            name = "storage-unavailable" if status == 503 else "internal-error"
            assert content(response)["type"] == f"/problems/{name}"
            check_secrecy(response, caplog)


def test_nobody_listening_is_503(caplog: pytest.LogCaptureFixture) -> None:
    with aws_settings(f"http://{HOST}:{free_port()}"):
        response = make_api().respond(REQUESTS[0])
    assert response.status == 503
    check_secrecy(response, caplog)


@pytest.mark.parametrize("request_", TABLE_REQUESTS, ids=lambda sent: f"{sent.method} {sent.path} {sent.query}")
def test_missing_table_is_500(emulator: Emulator, request_: Request, caplog: pytest.LogCaptureFixture) -> None:
    with aws_settings(emulator.address):
        response = make_api("no-such-table").respond(request_)
    assert response.status == 500
    assert "DynamoDB rejected" in caplog.text
    check_secrecy(response, caplog)


def test_missing_index_is_500(emulator: Emulator, caplog: pytest.LogCaptureFixture) -> None:
    client = emulator.dynamodb()
    client.create_table(
        TableName="no-index",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "vin", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "vin", "KeyType": "HASH"}],
    )
    with aws_settings(emulator.address):
        response = make_api("no-index").respond(TABLE_REQUESTS[-1])
    assert response.status == 500
    check_secrecy(response, caplog)


def test_half_reply_is_asked_for_again(emulator: Emulator) -> None:
    """The first reply of the table is cut off on its way; without a second one a vehicle would seem not to be there."""
    halves = iter((True,))
    client = emulator.dynamodb()
    repository = DynamoDBVehicleRepository(client, make_table(client))
    repository.add(stored())
    check_responses(client)

    def cut(response_dict: dict[str, Any], **_: object) -> None:
        if next(halves, False):
            response_dict["body"] = response_dict["body"][:-10]

    client.meta.events.register("before-parse.dynamodb.GetItem", cut)
    assert stored() == repository.get(stored().vehicle.vin)
