"""What the baselines with pydantic take and return."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

FuelType = Literal["electric", "gaseous", "diesel", "petrol", "hydrogen", "hybrid"]
VIN = r"^[A-HJ-NPR-Z0-9]{14}[0-9]{3}$"
Vin = Annotated[str, Field(pattern=VIN)]
Limit = Annotated[int, Field(ge=1, le=1000)]


class Registration(BaseModel):
    vin: Vin
    noOfAxles: Annotated[int, Field(ge=1, le=99)]
    fuelType: FuelType


class Vehicle(Registration):
    timestamp: str


class Page(BaseModel):
    items: list[Vehicle]
    nextCursor: str | None = None
