"""The way of many tutorials: `json` and a table of boto3's resource, no validation, no framework."""

import json
import os
from datetime import UTC, datetime
from decimal import Decimal

import boto3
from botocore.exceptions import ClientError

TABLE = boto3.resource("dynamodb").Table(os.environ["VEHICLES_TABLE"])


def handler(event, context):  # noqa: ARG001 — Lambda gives both
    """Register a vehicle, or list some."""
    if event["requestContext"]["http"]["method"] == "POST":
        vehicle = json.loads(event["body"])
        vehicle["timestamp"] = datetime.now(UTC).isoformat()
        try:
            TABLE.put_item(Item=vehicle, ConditionExpression="attribute_not_exists(vin)")
        except ClientError as error:
            if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
                raise
            return reply(409, {"detail": "already registered"})
        return reply(201, vehicle)
    answer = TABLE.scan(Limit=int(event["queryStringParameters"]["limit"]))
    return reply(200, {"items": answer["Items"]})


def reply(status, body):
    """Return what API Gateway takes."""
    text = json.dumps(body, default=lambda number: int(number) if isinstance(number, Decimal) else str(number))
    return {"statusCode": status, "headers": {"Content-Type": "application/json"}, "body": text}
