"""The API on AWS, a request for each of its operations, and what no answer may tell."""

import json
from datetime import timedelta
from itertools import count
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from botocore.config import Config

from tests.support.emulator import HOST
from tests.support.failing_service import (
    INSIDE,
)
from tests.support.http_client import JSON, NOW, REQUEST_ID, TRUCK, truck
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client
from vehicles.adapters.report_formats.render import render_report
from vehicles.domain.registry import Registry
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.entrypoints.http.api import Api
from vehicles.entrypoints.http.handlers import Services
from vehicles.entrypoints.http.messages import Request, Response

TABLE_REQUESTS: Final = tuple(
    Request(method, path, query, JSON if body else {}, body, REQUEST_ID)
    for method, path, query, body in (
        ("POST", "/vehicle", "", json.dumps(truck()).encode()),
        ("GET", "/vehicle", f"vin={TRUCK}", b""),
        ("PATCH", "/vehicle", f"vin={TRUCK}", b'{"noOfAxles": 2}'),
        ("PUT", "/vehicle", f"vin={TRUCK}", b'{"noOfAxles": 2, "fuelType": "diesel"}'),
        ("DELETE", "/vehicle", f"vin={TRUCK}", b""),
        ("GET", "/vehicles", "", b""),
        ("GET", "/vehicles", "vinEndsWith=012345", b""),
    )
)
"""What reads and writes the table; all others read the bucket."""

REQUESTS: Final = (
    *TABLE_REQUESTS,
    *(Request("GET", path, "", {}, b"", REQUEST_ID) for path in ("/summary", "/summaries")),
)


LONG: Final = timedelta(minutes=1)
"""Time for an emulator on a busy machine."""


def make_api(table: str = "vehicle-inside", *, timeout: timedelta = LONG, time_limit: timedelta = LONG) -> Api:
    """Return the API on AWS as AWS's settings say, with a time for each answer of AWS and one for a call of several."""
    config = Config(read_timeout=timeout.total_seconds())
    client = make_dynamodb_client(config=config)
    repository = DynamoDBVehicleRepository(client, table, sleep=lambda _: None, time_limit=time_limit)
    reports = S3ReportStore(make_s3_client(config=config), "summary-inside")
    versions = count()
    registry = Registry(repository, lambda: NOW, lambda: str(next(versions)))
    summaries = WeeklySummaries(repository, reports, lambda: NOW, ZoneInfo("UTC"))
    return Api(Services(lambda: registry, lambda: summaries, render_report, lambda: registry))


def check_secrecy(response: Response, caplog: pytest.LogCaptureFixture) -> None:
    """See that the answer tells nothing of the inside, and the log no VIN and nothing that AWS has said."""
    told = response.body.decode() + repr(response.headers)
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("vehicles"))
    for secret in (INSIDE, "inside", "DynamoDB", "S3", "boto", HOST, TRUCK):
        assert secret not in told
    for secret in (INSIDE, TRUCK):
        assert secret not in logged
    assert "Traceback" not in logged, "an error that is none of ours"
    assert "failed: " in logged, "nobody would learn what it was"
