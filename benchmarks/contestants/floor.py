"""The floor: `json` and botocore's client, no validation, no framework."""

import json
from datetime import UTC, datetime

from vehicle_table import table


def make_client():
    """Return botocore's client."""
    from botocore.session import get_session

    return get_session().create_client("dynamodb")


TABLE = table(make_client)


def handler(event, context):  # noqa: ARG001 — Lambda gives both
    """Register a vehicle, or list some."""
    if event["requestContext"]["http"]["method"] == "POST":
        vehicle = json.loads(event["body"])
        vehicle["timestamp"] = datetime.now(UTC).isoformat()
        if not TABLE.add(vehicle):
            return reply(409, {"detail": "already registered"})
        return reply(201, vehicle)
    return reply(200, {"items": TABLE.page(int(event["queryStringParameters"]["limit"]))})


def reply(status, body):
    """Return what API Gateway takes."""
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
