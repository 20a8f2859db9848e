"""FastAPI behind Mangum."""

from datetime import UTC, datetime

import boto3
from fastapi import FastAPI, HTTPException
from mangum import Mangum
from shapes import Limit, Page, Registration, Vehicle, Vin
from vehicle_table import VehicleTable

TABLE = VehicleTable(boto3.client("dynamodb"))
app = FastAPI()


@app.post("/vehicle", status_code=201)
async def register(vehicle: Registration) -> Vehicle:
    stored = Vehicle(**vehicle.model_dump(), timestamp=datetime.now(UTC).isoformat())
    if not TABLE.add(stored.model_dump()):
        raise HTTPException(409, "already registered")
    return stored


@app.delete("/vehicle", status_code=204)
async def delete(vin: Vin) -> None:
    if not TABLE.remove(vin):
        raise HTTPException(404, "not found")


@app.get("/vehicles")
async def list_vehicles(limit: Limit = 100) -> Page:
    return Page(items=TABLE.page(limit))


handler = Mangum(app, lifespan="off")
