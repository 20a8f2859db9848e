"""The weekly summary: its function, its object in the bucket, its schedule, and what happens where it fails."""

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.deployment import PARAMETERS, Deployment, allow
from tests.support.signed_api import SignedApi
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.domain.summary.report import ReportFormat
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.report_store import key_of
from vehicles.testing.vehicle_repository import numbered_vin, stored

SCHEDULE_SECONDS = 180.0
"""A minute, the emulator's look at its schedules every ten seconds, the start of the function, and patience."""


@pytest.fixture(scope="module", autouse=True)
def _old_vehicle(deployment: Deployment) -> Iterator[None]:
    """Have a vehicle of 2000, since a week that is over has a summary only if there were vehicles by its end."""
    repository = DynamoDBVehicleRepository(deployment.account.client("dynamodb"), deployment.outputs["TableName"])
    old = stored(31, registered_at=datetime(2000, 6, 1, tzinfo=UTC))
    repository.add(old)
    yield
    repository.remove(old.vehicle.vin)


def _object(deployment: Deployment, key: str) -> bytes | None:
    s3 = deployment.account.client("s3")
    try:
        answer = s3.get_object(Bucket=deployment.outputs["BucketName"], Key=key)
    except s3.exceptions.NoSuchKey:
        return None
    return bytes(answer["Body"].read())


def test_summary_is_kept_in_bucket(deployment: Deployment, api: SignedApi) -> None:
    api.register(str(numbered_vin(30)))
    written = deployment.invoke("SummaryLambda", {"week": "current"})
    week = IsoWeek.parse(written["week"])
    kept = {each: _object(deployment, key_of(week, each)) for each in ReportFormat}
    assert written["key"] == key_of(week)
    assert json.loads(kept[ReportFormat.JSON] or b"")["total"] == written["total"] > 0
    shown = {each: api.send("GET", f"/summary?week={week}", accept=each.media_type) for each in ReportFormat}
    # The links of the page in the bucket lead to other files of the bucket.
    pages = [
        re.sub(rb' href="[^"]+"', b"", each)
        for each in (kept.pop(ReportFormat.HTML) or b"", shown.pop(ReportFormat.HTML).content)
    ]
    assert pages[0] == pages[1]
    assert kept == {each: answer.content for each, answer in shown.items()}


def test_finished_week_gets_its_copies_back(deployment: Deployment) -> None:
    first = deployment.invoke("SummaryLambda", {"week": "2001-W39"})
    copy = key_of(IsoWeek.parse("2001-W39"), ReportFormat.CSV)
    content = _object(deployment, copy)
    deployment.account.client("s3").delete_object(Bucket=deployment.outputs["BucketName"], Key=copy)
    again = deployment.invoke("SummaryLambda", {"week": "2001-W39"})
    assert (first["outcome"], again["outcome"]) == ("saved", "already complete")
    assert _object(deployment, copy) == content is not None


def test_bucket_refuses_plain_http(deployment: Deployment) -> None:
    deployment.invoke("SummaryLambda", {"week": "2001-W40"})
    wanted = {"Bucket": deployment.outputs["BucketName"], "Key": key_of(IsoWeek.parse("2001-W40"))}
    reader = deployment.account.make_user("reader", allow(f"arn:aws:s3:::{wanted['Bucket']}/*", "s3:GetObject"))
    s3 = deployment.account.client("s3", reader)
    assert s3.get_object(**wanted)["Body"].read()
    plainly = {"X-Forwarded-Proto": "http"}  # what ends TLS tells how a request came, and the emulator believes it
    s3.meta.events.register("before-send.s3", lambda request, **_: request.headers.update(plainly))
    with pytest.raises(ClientError) as refused:
        s3.get_object(**wanted)
    assert refused.value.response["Error"]["Code"] == "AccessDenied"


def test_schedule_is_as_asked_for(deployment: Deployment) -> None:
    name = deployment.resources["SummaryLambdaWeekly"]
    schedule = deployment.account.client("scheduler").get_schedule(Name=name)
    assert schedule["ScheduleExpression"] == PARAMETERS["SummarySchedule"]
    assert schedule["Target"]["Arn"].endswith(deployment.outputs["SummaryLambdaName"])


def test_schedule_fires_by_itself(deployment: Deployment) -> None:
    key = key_of(IsoWeek.containing(datetime.now(UTC), UTC).shifted(-1))  # which no other test asks for
    deadline = time.monotonic() + SCHEDULE_SECONDS
    while _object(deployment, key) is None:
        assert time.monotonic() < deadline, "the schedule has not written the summary of the last week"
        time.sleep(1)


def test_failed_summary_is_kept(deployment: Deployment) -> None:
    event = {"week": "2999-W01"}
    deployment.account.client("lambda").invoke(
        FunctionName=deployment.resources["SummaryLambda"], InvocationType="Event", Payload=json.dumps(event).encode()
    )
    message = _message(deployment, deployment.resources["SummaryFailures"])
    assert (message["requestPayload"], message["requestContext"]["condition"]) == (event, "RetriesExhausted")


def _message(deployment: Deployment, queue: str) -> Any:  # noqa: ANN401 — as JSON has it
    sqs = deployment.account.client("sqs")
    for _ in range(6):
        for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10).get("Messages", []):
            return json.loads(message["Body"])
    pytest.fail("no message came")
