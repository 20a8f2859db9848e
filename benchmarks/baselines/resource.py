"""The way of many tutorials: `json` and a table of boto3's resource, no validation, no framework."""

import json
import os
from datetime import UTC, datetime

import boto3
from botocore.exceptions import ClientError

TABLE = boto3.resource("dynamodb").Table(os.environ["VEHICLES_TABLE"])


def handler(event, context):  # noqa: ARG001 — Lambda gives both
    """Register or delete a vehicle, or list some."""
    method, query = event["requestContext"]["http"]["method"], event["queryStringParameters"]
    try:
        if method == "POST":
            vehicle = json.loads(event["body"])
            vehicle["timestamp"] = datetime.now(UTC).isoformat()
            TABLE.put_item(Item=vehicle, ConditionExpression="attribute_not_exists(vin)")
            return reply(201, vehicle)
        if method == "DELETE":
            TABLE.delete_item(Key={"vin": query["vin"]}, ConditionExpression="attribute_exists(vin)")
            return reply(204, None)
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise
        return reply(409, {"detail": "already registered"}) if method == "POST" else reply(404, {"detail": "not found"})
    return reply(200, {"items": TABLE.scan(Limit=int(query["limit"]))["Items"]})


def reply(status, body):
    headers = {"Content-Type": "application/json"}
    return {"statusCode": status, "headers": headers, "body": json.dumps(body, default=int)}
