"""The entry points on AWS: what an event becomes, what a response becomes, and the summary of the schedule."""

import json
import os
import sys
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final, cast
from urllib.parse import urljoin

import pytest
from dependency_injector.providers import Callable, Object
from hypothesis import given
from hypothesis import strategies as st

from tests.support.functions_anew import container_of
from tests.support.http_client import (
    NOW,
    REQUEST_ID,
    TRUCK,
    Client,
    FailingRepository,
    Invocation,
    event_of,
    through_lambda,
    truck,
)
from tests.support.processes import run
from vehicles.adapters.memory import InMemoryReportStore
from vehicles.adapters.report_formats.render import render_report
from vehicles.domain.errors import InvalidInput, InvalidWeek, StorageUnavailable
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints import lambdas
from vehicles.entrypoints.http.api import Api
from vehicles.entrypoints.http.handlers import Services
from vehicles.entrypoints.http.messages import MAX_HEAD_BYTES, FileLimits, Request, Response
from vehicles.entrypoints.lambdas import reply_of, request_of
from vehicles.testing.contended_reports import overwrite

INVOCATION: Final = Invocation()
AWAY: Final = "away"
JSON_HEADERS: Final = {"content-type": "application/json"}


# --- events ---

_TEXT: Final = st.text(st.characters(codec="latin-1", exclude_categories=["Cc"]))
_HEADERS: Final = st.dictionaries(st.sampled_from(("accept", "if-match", "if-none-match", "x-any")), _TEXT)
_REQUESTS: Final[st.SearchStrategy[Request]] = st.builds(
    Request,
    st.sampled_from(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")),
    st.text(st.characters(codec="utf-8")).map(lambda path: f"/{path}"),
    st.binary().map(lambda query: query.decode("utf-8", "surrogateescape")),
    _HEADERS,
    st.binary(max_size=200) | st.text().map(str.encode),
    st.uuids().map(str),
)


@given(_REQUESTS, st.sampled_from(("$default", "dev", "v1")))
def test_event_becomes_its_request(request: Request, stage: str) -> None:
    event = json.loads(json.dumps(event_of(request, stage=stage)))
    assert request_of(event, Invocation(request.id)) == request


@pytest.mark.parametrize(
    ("path", "stage", "expected"),
    (
        *(("/dev/vehicle", "dev", "/vehicle"), ("/dev", "dev", "/"), ("/dev/", "dev", "/")),
        *(("/developers", "dev", "/developers"), ("/dev/dev/vehicle", "dev", "/dev/vehicle")),
        *(("/vehicle", "dev", "/vehicle"), ("/$default/vehicle", "$default", "/$default/vehicle")),
    ),
)
def test_stage_is_taken_off(path: str, stage: str, expected: str) -> None:
    event = event_of(Request("GET", path))
    event["requestContext"]["stage"] = stage
    assert request_of(event, INVOCATION).path == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    (
        ("/fleet/v1/vehicle", "/vehicle"),
        ("/fleet/v1", "/"),
        ("/fleet/v1/", "/"),
        ("", "/"),
        ("/vehicle", "/vehicle"),
        ("/fleet/v10/vehicle", "/fleet/v10/vehicle"),
        ("/fleet/v1/fleet/v1/vehicle", "/fleet/v1/vehicle"),
    ),
)
def test_base_path_is_taken_off(path: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEHICLES_BASE_PATH", "fleet/v1")
    assert request_of(event_of(Request("GET", "/")) | {"rawPath": path}, INVOCATION).path == expected


def test_base_path_follows_stage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEHICLES_BASE_PATH", "fleet")
    event = event_of(Request("GET", "/fleet/vehicle"), stage="dev")
    assert request_of(event, INVOCATION).path == "/vehicle"


def test_headers_of_one_name_are_joined() -> None:
    event = event_of(Request("GET", "/", headers={"If-Match": '"a"', "if-match": '"b"', "ACCEPT": "*/*"}))
    assert request_of(event, INVOCATION).headers == {"if-match": '"a", "b"', "accept": "*/*"}


def test_missing_parts_count_as_empty() -> None:
    event = event_of(Request("GET", "/vehicles"))
    for name in ("rawQueryString", "headers", "cookies", "isBase64Encoded"):
        del event[name]
    assert request_of(event, INVOCATION) == Request("GET", "/vehicles", id=REQUEST_ID)


# --- replies ---

_RESPONSES: Final = st.builds(
    Response,
    st.integers(200, 599),
    st.dictionaries(st.sampled_from(("ETag", "Link", "Allow")), _TEXT),
    st.binary(max_size=200) | st.text().map(str.encode),
)


@given(_RESPONSES)
def test_reply_holds_its_response(response: Response) -> None:
    reply = json.loads(json.dumps(reply_of(response)))
    body = b64decode(reply["body"]) if reply["isBase64Encoded"] else reply["body"].encode()
    assert Response(reply["statusCode"], reply["headers"], body) == response


@pytest.mark.parametrize("path", ("/fleet/v1", "/fleet/v1/"))
def test_root_leads_below_base_path(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEHICLES_BASE_PATH", "fleet/v1")
    reply = lambdas.answer(Client().api, event_of(Request("GET", path)), INVOCATION)
    assert urljoin(path, reply["headers"]["Location"]) == "/fleet/v1/console/index.html"


@pytest.mark.parametrize("method", ("GET", "HEAD"))
def test_reply_tells_no_length(method: str) -> None:
    reply = lambdas.answer(Client().api, event_of(Request(method, "/vehicles")), INVOCATION)
    assert "content-length" not in {name.lower() for name in reply["headers"]}


# --- limits ---


@pytest.mark.parametrize(("excess", "status"), ((0, 200), (1, 431)))
def test_head_has_its_limit(excess: int, status: int) -> None:
    room = MAX_HEAD_BYTES - len("/health") - len("x-any")
    event = event_of(Request("GET", "/health", headers={"x-any": "x" * (room + excess)}))
    assert lambdas.answer(Client().api, event, INVOCATION)["statusCode"] == status


@pytest.mark.parametrize(("size", "status"), ((16 * 1024, 422), (16 * 1024 + 1, 413)))
def test_body_has_its_limit(size: int, status: int) -> None:
    body = b"{" + b" " * (size - 2) + b"}"
    event = event_of(Request("POST", "/vehicle", headers=JSON_HEADERS, body=body))
    assert lambdas.answer(Client().api, event, INVOCATION)["statusCode"] == status


@pytest.mark.parametrize(("excess", "status"), ((0, 422), (1, 413)))
def test_file_has_its_limit(excess: int, status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Client, "way", staticmethod(through_lambda))
    headers = {"content-type": "application/octet-stream"}
    file = b"\xff".ljust(lambdas.FILE_LIMITS.upload + excess)
    event = event_of(Request("POST", "/vehicles/import", headers=headers, body=file))
    reply = lambdas.answer(Client().api, event, INVOCATION)
    assert (reply["statusCode"], len(json.dumps(event)) < 6 * 1024 * 1024) == (status, True)


def export_of(limits: FileLimits, file_format: str, seconds: int = 0) -> lambdas.Reply:
    """Export three vehicles within these limits, with a clock that goes on by so many seconds."""
    client, ticks = Client(), count()
    for number in range(3):
        client.register(f"WDB{number:014d}")
    registry = replace(client.registry, clock=lambda: NOW + timedelta(seconds=seconds * next(ticks)))
    services = Services(lambda: registry, lambda: client.summaries, render_report, lambda: registry)
    event = event_of(Request("GET", "/vehicles/export", f"format={file_format}"))
    return lambdas.answer(Api(services, files=limits), event, INVOCATION)


@pytest.mark.parametrize(("excess", "status"), ((0, 200), (1, 413)))
@pytest.mark.parametrize("file_format", ("csv", "jsonl", "xlsx"))
def test_export_has_its_limit(file_format: str, excess: int, status: int) -> None:
    reply = export_of(lambdas.FILE_LIMITS, file_format)
    size = len(b64decode(reply["body"]) if reply["isBase64Encoded"] else reply["body"])
    is_text = file_format != "xlsx"
    limits = FileLimits(text=size - excess if is_text else 0, binary=0 if is_text else size - excess)
    reply = export_of(limits, file_format)
    assert (reply["statusCode"], "export-too-large" in reply["body"]) == (status, status == 413)


def test_export_has_its_time() -> None:
    assert export_of(lambdas.FILE_LIMITS, "csv", seconds=21)["statusCode"] == 413


@pytest.mark.parametrize("file_format", ("csv", "jsonl", "xlsx"))
def test_largest_export_fits_reply(file_format: str) -> None:
    row = {
        "csv": f"{TRUCK},3,electric,2026-11-18T08:15:30.123456Z\n",
        "jsonl": json.dumps(truck(timestamp="2026-11-18T08:15:30.123456Z")) + "\n",
        "xlsx": "\xff",
    }[file_format].encode("latin-1")
    size = lambdas.FILE_LIMITS.binary if file_format == "xlsx" else lambdas.FILE_LIMITS.text
    reply = reply_of(Response(200, {"Content-Type": "x"}, row * ((size or 0) // len(row))))
    assert len(json.dumps(reply)) < 6 * 1024 * 1024


# --- the functions ---


@pytest.mark.usefixtures("functions")
def test_api_keeps_its_container() -> None:
    sent = json.dumps(truck()).encode()
    registered = lambdas.api(event_of(Request("POST", "/vehicle", headers=JSON_HEADERS, body=sent)), INVOCATION)
    found = lambdas.api(event_of(Request("GET", "/vehicle", f"vin={TRUCK}")), INVOCATION)
    body = json.loads(registered["body"])
    del body["warnings"]
    assert (registered["statusCode"], json.loads(found["body"])) == (201, body)
    assert body["vin"] == TRUCK


@pytest.mark.usefixtures("functions")
def test_api_requires_the_token_that_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEHICLES_TOKEN", "a-long-enough-token")
    assert lambdas.api(event_of(Request("GET", "/vehicles")), INVOCATION)["statusCode"] == 401


def add_vehicle() -> None:
    """Register one vehicle that was always there."""
    vehicle = Vehicle(Vin.of(TRUCK), 2, FuelType.DIESEL, datetime(2020, 1, 1, tzinfo=UTC))
    container_of(batch=True).registry().register_many([vehicle])


@contextmanager
def mails() -> Iterator[list[tuple[str, str]]]:
    """Collect the mails instead of sending them."""
    sent: list[tuple[str, str]] = []
    with container_of(batch=True).mail.override(Object(lambda *mail: sent.append(mail))):
        yield sent


def at(now: str) -> AbstractContextManager[object]:
    """Let the functions take this for the present time."""
    return container_of(batch=True).clock.override(Object(lambda: datetime.fromisoformat(now)))


@pytest.mark.usefixtures("functions")
def test_summary_is_of_the_week_just_ended() -> None:
    add_vehicle()
    with at("2026-11-23T03:00:00Z"):
        assert lambdas.summary({}, INVOCATION) == {
            "week": "2026-W47",
            "outcome": "saved",
            "key": "summaries/year=2026/week=47/summary.json",
            "complete": True,
            "total": 1,
            "registered": 0,
        }


@pytest.mark.usefixtures("functions")
def test_every_report_saved_is_logged_and_mailed(capsys: pytest.CaptureFixture[str]) -> None:
    add_vehicle()
    with at("2026-11-24T03:00:00Z"), mails() as sent:
        newest = lambdas.summary({}, INVOCATION)
    assert [line["week"] for line in logged(capsys) if line["message"] == "summary written"] == ["2026-W47", "2026-W48"]
    assert [subject for subject, _ in sent] == ["Vehicles in 2026-W47: 1", "Vehicles in 2026-W48: 1"]
    assert (newest["week"], newest["complete"]) == ("2026-W48", False)


@pytest.mark.usefixtures("functions")
def test_always_empty_fleet_is_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    with mails() as sent:
        written = lambdas.summary({"week": "2026-W01"}, INVOCATION)
    assert (written["outcome"], written["complete"], weeks(), sent) == ("always empty", False, [], [])
    assert logged(capsys)[-1]["message"] == "summary not written: always empty"


@pytest.mark.usefixtures("functions")
def test_damaged_report_is_named_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    add_vehicle()
    lambdas.summary({"week": "2026-W01"}, INVOCATION)
    reports = container_of(batch=True).reports()
    assert isinstance(reports, InMemoryReportStore)
    overwrite(reports, "summaries/year=2026/week=01/summary.json", b"{")
    lambdas.summary({"week": "2026-W02"}, INVOCATION)
    assert "the report of 2026-W01 is damaged and counts as missing" in [line["message"] for line in logged(capsys)]


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize("week", ("", "next", "2026-W54", "9998-W01"))
def test_wrong_week_is_raised(week: str) -> None:
    with pytest.raises(InvalidWeek):
        lambdas.summary({"week": week}, INVOCATION)


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize(
    ("event", "named"),
    (
        ({"week": None}, "week must be current, last, due or a week such as 2026-W47"),
        ({"week": 47}, "week must be current, last, due or a week such as 2026-W47"),
        ({"again": "yes"}, "again must be true or false"),
        ({"check": "ages"}, "check must be age"),
        ({"weeks": "last"}, "it may only have week, again, check"),
        ([], "the event must be a JSON object"),
        (None, "the event must be a JSON object"),
    ),
)
def test_wrong_event_names_the_fault(event: Any, named: str) -> None:  # noqa: ANN401 — what is no event
    with pytest.raises(InvalidInput, match=named):
        lambdas.summary(event, INVOCATION)


@pytest.mark.usefixtures("functions")
def test_foreign_failure_is_raised_without_its_words(capsys: pytest.CaptureFixture[str]) -> None:
    with (
        container_of(batch=True).repository.override(FailingRepository(KeyError(TRUCK))),
        pytest.raises(lambdas.SummaryFailed) as caught,
    ):
        lambdas.summary({}, INVOCATION)
    assert str(caught.value) == f"KeyError; see the log of the request {REQUEST_ID}"
    [line] = logged(capsys)
    assert (line["level"], line["requestId"]) == ("ERROR", REQUEST_ID)


# --- the mail ---


@pytest.mark.usefixtures("functions")
def test_summary_is_mailed() -> None:
    add_vehicle()
    with mails() as sent:
        lambdas.summary({"week": "2026-W01"}, INVOCATION)
    [(subject, text)] = sent
    assert subject == "Vehicles in 2026-W01: 1"
    assert "summaries/year=2026/week=01/summary.json" in text
    assert "http" not in text


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize("failure", (StorageUnavailable(AWAY), KeyError(AWAY)))
@pytest.mark.parametrize("when", (Callable, Object), ids=("made", "used"))
def test_mail_that_fails_fails_no_summary(
    when: type[Callable | Object[object]], failure: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    add_vehicle()

    def fail(*_: str) -> None:
        raise failure

    with container_of(batch=True).mail.override(when(fail)):
        written = lambdas.summary({"week": "2026-W01"}, INVOCATION)
    assert written["week"] == "2026-W01"
    line = logged(capsys)[-1]
    assert (line["level"], line["message"], line["requestId"]) == ("WARNING", f"mail failed: {failure}", REQUEST_ID)


# --- the age of the latest summary ---


def age_at(now: str) -> float:
    """Return the age that is reported at a time."""
    with at(now):
        return cast("float", lambdas.summary({"check": "age"}, INVOCATION)["ageDays"])


@pytest.mark.usefixtures("functions")
def test_age_counts_from_end_of_week() -> None:
    add_vehicle()
    lambdas.summary({"week": "2026-W01"}, INVOCATION)  # it ends on January 5
    assert age_at("2026-01-13T12:00:00Z") == 8.5


@pytest.mark.usefixtures("functions")
def test_week_not_over_hides_no_missing_summary() -> None:
    add_vehicle()
    with at("2026-01-03T00:00:00Z"):
        lambdas.summary({"week": "2026-W01"}, INVOCATION)
    assert age_at("2026-01-06T12:00:00Z") == 8.5


def weeks() -> list[str]:
    """Return the weeks that have a summary."""
    return [str(week) for week in container_of(batch=True).summaries().weeks()]


@pytest.mark.usefixtures("functions")
def test_always_empty_registry_misses_no_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert (age_at("2026-01-06T12:00:00Z"), weeks()) == (0.0, [])
    assert [line["ageDays"] for line in logged(capsys) if line["message"] == "summary age"] == [0.0]


@pytest.mark.usefixtures("functions")
def test_later_looks_write_nothing() -> None:
    add_vehicle()
    age_at("2026-01-06T12:00:00Z")
    assert (age_at("2026-01-14T12:00:00Z"), weeks()) == (9.5, ["2026-W01"])


@pytest.mark.usefixtures("functions")
def test_first_look_is_logged_as_a_number(capsys: pytest.CaptureFixture[str]) -> None:
    add_vehicle()
    age_at("2026-01-06T12:00:00Z")
    assert [(line["message"], line.get("ageDays")) for line in logged(capsys)] == [
        ("summary written", None),
        ("summary age", 1.5),
    ]


# --- the start of a function ---


@pytest.mark.parametrize(
    ("handler", "setting", "is_prepared"),
    (
        ("vehicles.entrypoints.lambdas.api", "VEHICLES_BUCKET", "True False"),
        ("vehicles.entrypoints.lambdas.summary", "VEHICLES_BUCKET", "True True"),
        ("vehicles.entrypoints.lambdas.api", "VEHICLES_TIME_ZONE", "False False"),  # which "summaries" is not
        ("", "VEHICLES_BUCKET", "False False"),  # not on Lambda
    ),
)
def test_clients_are_made_at_the_start(handler: str, setting: str, is_prepared: str) -> None:
    assert started(handler, **{setting: "summaries"}) == f"{is_prepared}\n"


def started(handler: str, **settings: str) -> str:
    """Import the module as Lambda does, and print whether the SDK came with it, and the adapter to S3."""
    code = (
        "import sys, vehicles.entrypoints.lambdas; "
        "print(*(name in sys.modules for name in ('botocore', 'vehicles.adapters.aws.s3')))"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VEHICLES_", "AWS_", "COV"))}
    environment = kept | {"_HANDLER": handler, "VEHICLES_BACKEND": "aws", "AWS_REGION": "eu-central-1", **settings}
    return run(sys.executable, "-c", code, env=environment).stdout


# --- logs ---


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """Return the lines of the log, each as the JSON that it is."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.usefixtures("functions")
def test_request_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    lambdas.api(event_of(Request("GET", "/vehicle", f"vin={TRUCK}", id=REQUEST_ID)), INVOCATION)
    [line] = logged(capsys)
    assert {name: value for name, value in line.items() if name not in {"timestamp", "durationMs"}} == {
        "level": "INFO",
        "logger": "vehicles.entrypoints.lambdas",
        "message": "request",
        "requestId": REQUEST_ID,
        "gatewayRequestId": "JKJaXmPLvHcESHA=",
        "operation": "GET /vehicle",
        "status": 404,
    }


@pytest.mark.usefixtures("functions")
def test_duration_is_in_milliseconds(capsys: pytest.CaptureFixture[str]) -> None:
    with container_of(batch=False).registry.override(Callable(time.sleep, 0.05)):
        lambdas.api(event_of(Request("GET", "/vehicles")), INVOCATION)
    assert 50 <= logged(capsys)[-1]["durationMs"] < 10_000


@pytest.mark.usefixtures("functions")
def test_failure_is_logged_with_its_request(capsys: pytest.CaptureFixture[str]) -> None:
    with container_of(batch=False).repository.override(FailingRepository(KeyError("inside"))):
        lambdas.api(event_of(Request("GET", "/vehicles")), INVOCATION)
    failure, _ = logged(capsys)
    assert (failure["level"], failure["requestId"], failure["operation"]) == ("ERROR", REQUEST_ID, "GET /vehicles")
    assert "Traceback" in failure["message"]
    assert "KeyError: 'inside'" in failure["message"]
