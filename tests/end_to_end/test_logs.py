"""What the deployed functions log: each request by its route, and no VIN."""

import json
from collections.abc import Iterator
from typing import Any

from tests.support.deployment import Deployment
from tests.support.signed_api import SignedApi
from vehicles.testing.vehicle_repository import numbered_vin


def _messages(deployment: Deployment, group: str) -> Iterator[str]:
    logs = deployment.account.client("logs")
    for page in logs.get_paginator("filter_log_events").paginate(logGroupName=deployment.resources[group]):
        yield from (event["message"] for event in page["events"])


def _logged(deployment: Deployment, group: str, request: str) -> list[dict[str, Any]]:
    """Return what was logged of a request, by its id."""
    lines = (line for message in _messages(deployment, group) for line in message.splitlines() if request in line)
    return [json.loads(line) for line in lines if line.startswith("{")]


def test_request_is_logged_by_its_route(deployment: Deployment, api: SignedApi) -> None:
    answer = api.register(str(numbered_vin(60)))
    (line,) = _logged(deployment, "VehicleLogs", answer.headers["x-request-id"])
    assert (line["operation"], line["status"]) == ("POST /vehicle", 201)


def test_no_log_tells_a_vin(deployment: Deployment, api: SignedApi) -> None:
    vin = str(numbered_vin(61))
    for target in (f"/vehicle?vin={vin}", f"/vehicle/{vin}", f"/vin?vin={vin}"):
        api.register(vin)
        api.send("GET", target)
    groups = [name for name in deployment.resources if name.endswith("Logs")]
    messages = [message for group in groups for message in _messages(deployment, group)]
    assert len(messages) > 6
    assert [message for message in messages if vin in message] == []
