"""AWS Lambda Powertools as its manual shows it: the HTTP API resolver with validation, logger and metrics."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.openapi.params import Query
from aws_lambda_powertools.metrics import MetricUnit
from pydantic import BaseModel, Field
from vehicle_table import table


def make_client():
    """Return boto3's client."""
    import boto3

    return boto3.client("dynamodb")


TABLE = table(make_client)
logger = Logger(service="vehicles")
metrics = Metrics(namespace="vehicles", service="vehicles")
app = APIGatewayHttpResolver(enable_validation=True)


class FuelType(StrEnum):
    """What drives a vehicle."""

    ELECTRIC = "electric"
    GASEOUS = "gaseous"
    DIESEL = "diesel"
    PETROL = "petrol"
    HYDROGEN = "hydrogen"
    HYBRID = "hybrid"


class Registration(BaseModel):
    """A vehicle to register."""

    vin: Annotated[str, Field(pattern=r"^[A-HJ-NPR-Z0-9]{14}[0-9]{3}$")]
    noOfAxles: Annotated[int, Field(ge=1, le=99)]
    fuelType: FuelType


class Vehicle(Registration):
    """A registered vehicle."""

    timestamp: str


class Page(BaseModel):
    """A page of vehicles."""

    items: list[Vehicle]


@app.post("/vehicle")
def register(vehicle: Registration) -> Response[Vehicle]:
    """Register a vehicle."""
    stored = Vehicle(**vehicle.model_dump(), timestamp=datetime.now(UTC).isoformat())
    if not TABLE.add(stored.model_dump()):
        return Response(409, "application/json", {"detail": "already registered"})
    metrics.add_metric(name="registered", unit=MetricUnit.Count, value=1)
    return Response(201, "application/json", stored)


@app.get("/vehicles")
def list_vehicles(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Page:
    """List some vehicles."""
    return Page(items=TABLE.page(limit))


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event, context):
    """Answer a request."""
    answer = app.resolve(event, context)
    logger.info("request", status=answer["statusCode"])
    return answer
