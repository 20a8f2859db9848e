"""FastAPI behind Mangum."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from mangum import Mangum
from pydantic import BaseModel, Field
from vehicle_table import table


def make_client():
    """Return boto3's client."""
    import boto3

    return boto3.client("dynamodb")


TABLE = table(make_client)
app = FastAPI()


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


@app.post("/vehicle", status_code=201)
async def register(vehicle: Registration) -> Vehicle:
    """Register a vehicle."""
    stored = Vehicle(**vehicle.model_dump(), timestamp=datetime.now(UTC).isoformat())
    if not TABLE.add(stored.model_dump()):
        raise HTTPException(409, "already registered")
    return stored


@app.get("/vehicles")
async def list_vehicles(limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> Page:
    """List some vehicles."""
    return Page(items=TABLE.page(limit))


handler = Mangum(app, lifespan="off")
