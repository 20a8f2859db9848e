"""The permissions of the functions in the template are those that they use: none is missing, and none is unused.

What they ask of AWS is recorded while every route that needs data, and the summary, run on the emulator through the
functions; the permissions that these calls need are compared with the roles of the translated template.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Final

import boto3
import pytest
from boto3 import Session
from botocore.model import OperationModel

from tests.support.emulator import Emulator, aws_settings, fill_pages, make_bucket, make_table
from tests.support.functions_anew import functions_anew
from tests.support.http_client import REQUEST_ID, TRUCK, Invocation, event_of, truck
from tests.support.stack_template import Change, Stack, allow, put, translation
from vehicles.adapters.aws import client as aws
from vehicles.adapters.aws.credentials import make_session
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.entrypoints import lambdas
from vehicles.entrypoints.http.messages import Request
from vehicles.entrypoints.http.routes import ROUTES
from vehicles.testing.vehicle_repository import stored

TABLE: Final = "VehicleTable.Arn"
BUCKET: Final = "SummaryBucket.Arn"
OBJECTS: Final = "SummaryBucket.Arn/summaries/*"
WRITES: Final = {"Put": "dynamodb:PutItem", "Delete": "dynamodb:DeleteItem"}
"""TransactWriteItems is no permission: each write in it has its own (Amazon DynamoDB, Using IAM with transactions)."""

OBJECT_CALLS: Final = {"GetObject": "s3:GetObject", "HeadObject": "s3:GetObject", "PutObject": "s3:PutObject"}
LAMBDAS_OWN: Final = ("logs:", "sqs:")
"""What Lambda does in the name of a function: write its log, keep what failed for good."""

type Permission = tuple[str, str]


def permissions_of(operation: str, parameters: Mapping[str, Any]) -> Iterator[Permission]:
    """Yield the permissions that AWS asks for when a call is made."""
    if operation == "TransactWriteItems":
        for item in parameters["TransactItems"]:
            yield from ((WRITES[kind], TABLE) for kind in item)
    elif operation == "ListObjectsV2":
        yield "s3:ListBucket", BUCKET
    elif operation in OBJECT_CALLS:
        assert parameters["Key"].startswith("summaries/")
        yield OBJECT_CALLS[operation], OBJECTS
        if operation != "PutObject":
            yield "s3:ListBucket", BUCKET  # or S3 answers 403 for a key that is not there (Amazon S3, GetObject)
    elif operation == "Publish":
        yield "sns:Publish", "SummaryTopic"
    elif "IndexName" in parameters:
        yield f"dynamodb:{operation}", f"{TABLE}/index/{parameters['IndexName']}"
    else:
        yield f"dynamodb:{operation}", TABLE


FILE: Final = f"vin,noOfAxles,fuelType\n{TRUCK},4,diesel\nYS2R4X20005399401,2,diesel\n".encode()


@contextmanager
def recording(emulator: Emulator, topic: str = "") -> Iterator[set[Permission]]:
    """Let the functions run on a table and a bucket of their own; collect the permissions that they need."""
    needed: set[Permission] = set()

    def note(params: Mapping[str, Any], model: OperationModel, **_: object) -> None:
        needed.update(permissions_of(model.name, params))

    names = {"VEHICLES_TABLE": make_table(emulator.dynamodb()), "VEHICLES_BUCKET": make_bucket(emulator.s3())}
    # A week that is over has a summary only if there were vehicles by its end.
    old = stored(1, registered_at=datetime(2020, 1, 6, tzinfo=UTC))
    DynamoDBVehicleRepository(emulator.dynamodb(), names["VEHICLES_TABLE"]).add(old)
    names["VEHICLES_TOPIC"] = topic
    with (
        aws_settings(emulator.address),
        functions_anew(VEHICLES_BACKEND="aws", **names),
        pytest.MonkeyPatch.context() as p,
    ):

        def make_noting_session(region: str | None) -> Session:
            session = make_session(region)
            session.events.register("provide-client-params", note)
            return session

        p.setattr(aws, "make_session", make_noting_session)
        yield needed


@pytest.fixture
def needed(emulator: Emulator) -> Iterator[set[Permission]]:
    with recording(emulator) as needed:
        yield needed


def ask(method: str, path: str, query: str = "", body: object = None) -> int:
    """Return the status of the answer to a request, through the function of the API."""
    content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    media_type = "application/octet-stream" if isinstance(body, bytes) else "application/json"
    head = {"content-type": media_type} if content else {}
    request = Request(method, path, query, head, content, REQUEST_ID)
    return lambdas.api(event_of(request), Invocation())["statusCode"]


def granted(role: str, *changes: Change, **parameters: str) -> set[Permission]:
    """Return what a role allows, without what Lambda itself needs, in the template or in a changed one."""
    template = translation()
    for change in changes:
        change(template)
    return {each for each in Stack(template, **parameters).statements(role) if not each[0].startswith(LAMBDAS_OWN)}


def test_api_has_permissions_it_uses(emulator: Emulator, needed: set[Permission]) -> None:
    lambdas.summary({"week": "current"}, Invocation())
    needed.clear()  # those were the summary's
    answers = {
        "POST /vehicle": ask("POST", "/vehicle", body=truck()),
        "GET /vehicle": ask("GET", "/vehicle", f"vin={TRUCK}"),
        "PATCH /vehicle": ask("PATCH", "/vehicle", f"vin={TRUCK}", {"noOfAxles": 5}),
        "PUT /vehicle": ask("PUT", "/vehicle", f"vin={TRUCK}", {"noOfAxles": 5, "fuelType": "none"}),
        "GET /vehicles": ask("GET", "/vehicles", "fuelType=diesel"),
        "GET /fleet": ask("GET", "/fleet"),
        "POST /vehicles/import": ask("POST", "/vehicles/import", "onConflict=update", FILE),
        "GET /vehicles/export": ask("GET", "/vehicles/export"),
        "DELETE /vehicle": ask("DELETE", "/vehicle", f"vin={TRUCK}"),
        "GET /summary": ask("GET", "/summary"),
        "GET /summaries": ask("GET", "/summaries"),
    }
    assert ask("POST", "/summaries") == 405  # the API may not write to the bucket
    needing_data = {f"{route.method} {route.path}" for route in ROUTES if "storage-unavailable" in route.problems}
    assert answers.keys() | {"POST /summaries"} == needing_data
    assert set(answers.values()) == {200, 201, 204}
    ask("POST", "/vehicle", body=truck())
    ask("GET", "/vehicles", f"vinEndsWith={TRUCK[-6:]}")  # by the index, where there is something to find
    assert needed == granted("VehicleRole") - {("dynamodb:DescribeTable", TABLE)}
    fill_pages(emulator.dynamodb(), os.environ["VEHICLES_TABLE"])
    assert ask("GET", "/fleet") == 200
    assert needed == granted("VehicleRole")
    assert needed < granted("VehicleRole", allow("VehicleRole", "dynamodb:UpdateItem", "VehicleTable.Arn"))
    assert needed > granted("VehicleRole", put("VehicleRole.Policies.0.PolicyDocument.Statement.0.Action", []))


def test_summary_has_permissions_it_uses(needed: set[Permission]) -> None:
    lambdas.summary({"week": "2026-W01"}, Invocation())
    lambdas.summary({"week": "last"}, Invocation())  # which has an earlier one to be set beside
    lambdas.summary({"week": "last"}, Invocation())  # which is complete
    lambdas.summary({"check": "age"}, Invocation())
    assert needed == granted("SummaryRole")
    assert needed < granted("SummaryRole", allow("SummaryRole", "s3:DeleteObject", "SummaryBucket.Arn/summaries/*"))
    assert needed > granted("SummaryRole", put("SummaryRole.Policies.0.PolicyDocument.Statement.0.Action", []))


def test_mailed_summary_has_permissions_it_uses(emulator: Emulator) -> None:
    with aws_settings(emulator.address):
        topic = boto3.client("sns").create_topic(Name="summaries")["TopicArn"]
    with recording(emulator, topic) as needed:
        lambdas.summary({"week": "2026-W01"}, Invocation())
        lambdas.summary({"week": "last"}, Invocation())
    assert needed == granted("SummaryRole", SummaryEmail="manager@example.org")
    assert needed - granted("SummaryRole") == {("sns:Publish", "SummaryTopic")}
