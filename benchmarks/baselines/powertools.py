"""AWS Lambda Powertools as its manual shows it: the HTTP API resolver with validation, logger and metrics."""

from datetime import UTC, datetime
from typing import Annotated

import boto3
from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.metrics import MetricUnit
from shapes import VIN, Page, Registration, Vehicle
from vehicle_table import VehicleTable

TABLE = VehicleTable(boto3.client("dynamodb"))
logger = Logger(service="vehicles")
metrics = Metrics(namespace="vehicles", service="vehicles")
app = APIGatewayHttpResolver(enable_validation=True)


@app.post("/vehicle")
def register(vehicle: Registration) -> Response[Vehicle]:
    stored = Vehicle(**vehicle.model_dump(), timestamp=datetime.now(UTC).isoformat())
    if not TABLE.add(stored.model_dump()):
        return Response(409, "application/json", {"detail": "already registered"})
    metrics.add_metric(name="registered", unit=MetricUnit.Count, value=1)
    return Response(201, "application/json", stored)


@app.delete("/vehicle")
def delete(vin: Annotated[str, Query(pattern=VIN)]) -> Response[None]:
    if not TABLE.remove(vin):
        raise NotFoundError
    return Response(204)


@app.get("/vehicles")
def list_vehicles(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Page:
    return Page(items=TABLE.page(limit))


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event, context):
    answer = app.resolve(event, context)
    logger.info("request", status=answer["statusCode"])
    return answer
