"""Check a deployed stage like its users and operators, without changing it: `make verify STAGE=dev`.

The smoke test calls the API with signed requests. It only reads, and tries one invalid registration.
The monitoring check reads the alarms, the retention of logs, and the schedule of the summary.
"""

import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from stage import DeploymentError, Stage, run

SETTLING_SECONDS: Final = 60.0
"""How long a new deployment may take to reach every edge location of API Gateway."""
FIRST_DATA: Final = timedelta(days=1)
"""During this time after the creation of a stack, an alarm on missing data may still wait for its first data."""
AGE_SCHEDULE: Final = "SummaryLambdaAge"
"""The schedule that is off if monitoring is off."""
_CALL_SECONDS: Final = 30.0
_PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response of the API; status 0 if it could not be reached."""

    status: int
    media_type: str
    body: bytes

    def __str__(self) -> str:
        """Return the response for an operator, shortened."""
        return f"{self.status} {self.body[:300].decode(errors='replace')}".strip()


class _NoRedirects(HTTPRedirectHandler):
    """Treats a redirect as a normal response: a signature is valid for one address only."""

    def redirect_request(self, *_: object) -> None:
        """Do not follow the redirect."""


class Caller:
    """Calls the API of a stage: with a signature, or with the token of API_TOKEN."""

    def __init__(self, stage: Stage, address: str) -> None:
        """Create a caller for the API at an address, without calling it."""
        self._address = address.rstrip("/")
        self._session = stage.session
        self._token = os.environ.get("API_TOKEN")
        self._opener = build_opener(_NoRedirects)

    def call(self, method: str, target: str, content: object = None, *, authorized: bool = True) -> Answer:
        """Return the response to one request."""
        body = None if content is None else json.dumps(content).encode()
        headers = {} if body is None else {"Content-Type": "application/json"}
        url = self._address + target
        if authorized:
            headers |= self._authorization(method, url, body, headers)
        request = Request(url, body, headers, method=method)  # noqa: S310 — the address is an output of the stack
        try:
            with self._opener.open(request, timeout=_CALL_SECONDS) as answer:
                return Answer(answer.status, answer.headers.get_content_type(), answer.read())
        except HTTPError as error:
            return Answer(error.code, error.headers.get_content_type(), error.read())
        except OSError as error:
            return Answer(0, "", str(error).encode())

    def _authorization(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> dict[str, str]:
        if self._token:
            return {"Authorization": f"Bearer {self._token}"}
        signed = AWSRequest(method, url, data=body, headers=headers)
        credentials = self._session.get_credentials()
        assert credentials is not None  # noqa: S101 — for the type checker; Stage.open has checked them
        SigV4Auth(credentials, "execute-api", self._session.region_name).add_auth(signed)
        return dict(signed.headers)


def verify(stage: Stage) -> None:
    """Print every check and its result. Raises DeploymentError if one of them failed."""
    parameters = stage.parameters()
    if parameters.get("AuthMode") == "JWT" and not os.environ.get("API_TOKEN"):
        message = "The API requires a token (AuthMode is JWT): set API_TOKEN to a token of its issuer."
        raise DeploymentError(message)
    address = os.environ.get("API_URL") or stage.address()
    failed = 0
    for check, fault in [
        *smoke_test(Caller(stage, address), public=parameters.get("AuthMode") == "NONE"),
        *monitoring_check(stage),
    ]:
        sys.stdout.write(f"ok      {check}\n" if fault is None else f"failed  {check}: {fault}\n")
        failed += fault is not None
    if failed:
        message = f"{stage.stack} at {address} failed {failed} of its checks."
        raise DeploymentError(message)


def smoke_test(api: Caller, *, public: bool, settling: float = SETTLING_SECONDS) -> Iterator[tuple[str, str | None]]:
    """Yield the name of each check of the API, and its fault, or None if it passed."""

    def unless(fine: bool, answer: Answer) -> str | None:  # noqa: FBT001 — the result of a check
        return None if fine else f"answered {answer}"

    deadline = time.monotonic() + settling
    while (health := api.call("GET", "/health")).status != HTTPStatus.OK and time.monotonic() < deadline:
        time.sleep(1)
    yield "the API answers", unless(health.status == HTTPStatus.OK, health)

    vehicles = api.call("GET", "/vehicles?limit=1")
    yield "the table can be read", unless(vehicles.status == HTTPStatus.OK and b'"items"' in vehicles.body, vehicles)

    summary = api.call("GET", "/summary")
    none_yet = summary.status == HTTPStatus.NOT_FOUND and summary.media_type == _PROBLEM
    yield "the bucket can be read", unless(summary.status == HTTPStatus.OK or none_yet, summary)

    refused = api.call("POST", "/vehicle", {"vin": ""})
    unfit = refused.status == HTTPStatus.UNPROCESSABLE_ENTITY and refused.media_type == _PROBLEM
    yield "an invalid vehicle is rejected", unless(unfit, refused)

    unknown = api.call("GET", "/no-such-path")
    missing = unknown.status == HTTPStatus.NOT_FOUND and unknown.media_type == _PROBLEM
    yield "an unknown path is rejected", unless(missing, unknown)

    if not public:
        stranger = api.call("GET", "/vehicles?limit=1", authorized=False)
        shut = stranger.status in {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
        yield "unauthorized calls are rejected", None if shut else f"answered {stranger.status}"  # without the data


def monitoring_check(stage: Stage) -> Iterator[tuple[str, str | None]]:
    """Yield the name of each check of the monitoring, and its fault, or None if it passed."""
    resources = list(stage.resources())
    monitored = stage.parameters().get("Monitoring") != "false"

    def named(kind: str) -> list[str]:
        return [resource["PhysicalResourceId"] for resource in resources if resource["ResourceType"] == kind]

    if monitored:
        yield from _alarms(stage, named("AWS::CloudWatch::Alarm"))
    yield from _logs(stage, named("AWS::Logs::LogGroup"))
    for resource in resources:
        if resource["ResourceType"] == "AWS::Scheduler::Schedule" and (
            monitored or resource["LogicalResourceId"] != AGE_SCHEDULE
        ):
            yield _schedule(stage, resource["PhysicalResourceId"])


def _alarms(stage: Stage, names: list[str]) -> Iterator[tuple[str, str | None]]:
    yield "there are alarms", None if names else "the stack has none"
    pages = stage.client("cloudwatch").get_paginator("describe_alarms").paginate(AlarmNames=names)
    found = {alarm["AlarmName"]: alarm for page in pages for alarm in page["MetricAlarms"]}
    for name in sorted(names):
        alarm = found.get(name)
        if alarm is None:
            fault: str | None = "it was deleted"
        elif not alarm["ActionsEnabled"]:
            fault = "its actions are switched off"
        elif alarm["TreatMissingData"] == "breaching" and stage.age() < FIRST_DATA:
            fault = None  # it waits for a metric that is measured only a few times a day
        else:
            fault = alarm["StateReason"] if alarm["StateValue"] == "ALARM" else None
        yield f"alarm {name}", fault


def _logs(stage: Stage, names: list[str]) -> Iterator[tuple[str, str | None]]:
    logs = stage.client("logs")
    for name in sorted(names):
        groups = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        group = next((group for group in groups if group["logGroupName"] == name), None)
        if group is None:
            yield f"log group {name}", "it was deleted"
        else:
            yield (
                f"log group {name}",
                None if "retentionInDays" in group else "keeps its logs forever, which costs money",
            )


def _schedule(stage: Stage, name: str) -> tuple[str, str | None]:
    state = stage.client("scheduler").get_schedule(Name=name)["State"]
    return f"schedule {name}", None if state == "ENABLED" else f"is {state}"


if __name__ == "__main__":
    run(verify, sys.argv[1])
