"""The floor: `json` and botocore's client, no validation, no framework."""

import json
from datetime import UTC, datetime

from botocore.session import get_session
from vehicle_table import VehicleTable

TABLE = VehicleTable(get_session().create_client("dynamodb"))


def handler(event, context):  # noqa: ARG001 — Lambda gives both
    """Register or delete a vehicle, or list some."""
    method = event["requestContext"]["http"]["method"]
    if method == "POST":
        vehicle = json.loads(event["body"])
        vehicle["timestamp"] = datetime.now(UTC).isoformat()
        return reply(201, vehicle) if TABLE.add(vehicle) else reply(409, {"detail": "already registered"})
    query = event["queryStringParameters"]
    if method == "DELETE":
        return reply(204, None) if TABLE.remove(query["vin"]) else reply(404, {"detail": "not found"})
    return reply(200, {"items": TABLE.page(int(query["limit"]))})


def reply(status, body):
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": json.dumps(body)}
