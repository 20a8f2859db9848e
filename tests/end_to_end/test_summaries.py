"""The weekly summary: its function, its object in the bucket, its schedule, and what happens where it fails."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from hashlib import sha1
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.support.deployment import PARAMETERS, Deployment, FunctionError, allow
from tests.support.signed_api import SignedApi
from tests.support.slow_road import slow_road
from tests.support.vehicle_repository_contract import numbered_vin
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.domain.errors import VehicleNotFound
from vehicles.domain.summary.checkpoint import checkpoint_key
from vehicles.domain.summary.report_manifest import Manifest, ReportForm, manifest_key
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, Version

SCHEDULE_SECONDS = 180.0
"""A minute, the emulator's look at its schedules every ten seconds, the start of the function, and patience."""


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
    manifest = _object(deployment, written["key"])
    assert manifest is not None
    kept = {form: _object(deployment, each.key) for form, each in Manifest.read(manifest).forms.items()}
    assert json.loads(kept[ReportForm.JSON] or b"")["total"] == written["total"] > 0
    shown = {form: api.send("GET", f"/summary?week={written['week']}", accept=form.media_type) for form in ReportForm}
    assert kept == {form: answer.content for form, answer in shown.items()}


def test_bucket_refuses_plain_http(deployment: Deployment) -> None:
    deployment.invoke("SummaryLambda", {"week": "2001-W40"})
    wanted = {"Bucket": deployment.outputs["BucketName"], "Key": manifest_key(IsoWeek.parse("2001-W40"))}
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
    key = manifest_key(IsoWeek.containing(datetime.now(UTC), UTC).shifted(-1))  # which no other test asks for
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


def _segment(vin: Vin, count: int) -> int:
    """Return which of so many segments of a table the emulator keeps a vehicle in."""
    return int.from_bytes(sha1(str(vin).encode(), usedforsecurity=False).digest()[:4]) % count


@pytest.fixture
def large_fleet(deployment: Deployment) -> Iterator[dict[Vin, Vehicle]]:
    """Have vehicles of 2011 that look like a million, since the size is estimated from one in 4096 segments."""
    sampled = (vin for vin in map(numbered_vin, range(1_000_000)) if _segment(vin, 4096) == 0)
    fleet = {vin: Vehicle(vin, 2, FuelType.DIESEL, datetime(2011, 1, 5, tzinfo=UTC)) for vin in sampled}
    repository = _repository(deployment)
    repository.add_many([StoredVehicle(vehicle, Version("1")) for vehicle in fleet.values()])
    yield fleet
    for vin in fleet:
        with suppress(VehicleNotFound):
            repository.remove(vin)


def _repository(deployment: Deployment) -> DynamoDBVehicleRepository:
    return DynamoDBVehicleRepository(deployment.account.client("dynamodb"), deployment.outputs["TableName"])


# The last one, for with its time-out the schedule's own runs may fail, and leave messages.
def test_function_goes_on_from_checkpoint(deployment: Deployment, large_fleet: dict[Vin, Vehicle]) -> None:
    """It has eight seconds, two of which it keeps for its end, and a table that answers after half a one."""
    event = {"week": "2011-W01"}
    with (
        slow_road(deployment.account.emulator, 0.5) as road,
        deployment.configured("SummaryLambda", timeout=8, AWS_ENDPOINT_URL_DYNAMODB=road.address),
        pytest.raises(FunctionError, match="run it again to go on"),
    ):
        deployment.invoke("SummaryLambda", event)
    checkpoint = json.loads(_object(deployment, checkpoint_key(IsoWeek(2011, 1))) or b"")["state"]
    assert 0 < len(checkpoint["done"]) < checkpoint["parts"]
    # If it counted anew it would miss the vehicle that goes away now.
    counted = next(vin for vin in large_fleet if _segment(vin, checkpoint["parts"]) in checkpoint["done"])
    _repository(deployment).remove(counted)
    assert deployment.invoke("SummaryLambda", event)["total"] == len(large_fleet)


def _message(deployment: Deployment, queue: str) -> Any:  # noqa: ANN401 — as JSON has it
    sqs = deployment.account.client("sqs")
    for _ in range(6):
        for message in sqs.receive_message(QueueUrl=queue, WaitTimeSeconds=10).get("Messages", []):
            return json.loads(message["Body"])
    pytest.fail("no message came")
