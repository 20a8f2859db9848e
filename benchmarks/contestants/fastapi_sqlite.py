"""FastAPI on uvicorn and sqlite3: `uvicorn fastapi_sqlite:app`, on the file that DATABASE names, with its table."""

import os
import sqlite3
import threading
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from fastapi import FastAPI, HTTPException, Query
from pydantic import BaseModel, Field

app = FastAPI()
local = threading.local()
writing = threading.Lock()  # threads that wait for SQLite's own lock sleep, and look again: slower


class FuelType(StrEnum):
    """What drives a vehicle."""

    ELECTRIC = "electric"
    GASEOUS = "gaseous"
    DIESEL = "diesel"
    PETROL = "petrol"
    HYDROGEN = "hydrogen"
    HYBRID = "hybrid"


Vin = Annotated[str, Field(pattern=r"^[A-HJ-NPR-Z0-9]{14}[0-9]{3}$")]


class Registration(BaseModel):
    """A vehicle to register."""

    vin: Vin
    noOfAxles: Annotated[int, Field(ge=1, le=99)]
    fuelType: FuelType


class Vehicle(Registration):
    """A registered vehicle."""

    timestamp: str


class Page(BaseModel):
    """A page of vehicles."""

    items: list[Vehicle]
    nextCursor: str | None


def database():
    """Return the thread's connection, whose commits are on the disk when they return."""
    if not hasattr(local, "database"):
        local.database = sqlite3.connect(os.environ["DATABASE"], autocommit=True)
        local.database.row_factory = sqlite3.Row
        local.database.execute("PRAGMA journal_mode = WAL")
        local.database.execute("PRAGMA synchronous = FULL")
    return local.database


@app.get("/vehicle")
def get(vin: Vin) -> Vehicle:
    """Read a vehicle."""
    row = database().execute("SELECT * FROM vehicle WHERE vin = ?", (vin,)).fetchone()
    if row is None:
        raise HTTPException(404, "not found")
    return Vehicle(**row)


@app.get("/vehicles")
def list_vehicles(limit: Annotated[int, Query(ge=1, le=1000)] = 100, cursor: str = "") -> Page:
    """List some vehicles."""
    statement = "SELECT * FROM vehicle WHERE vin > ? ORDER BY vin LIMIT ?"
    rows = database().execute(statement, (cursor, limit + 1)).fetchall()
    items = [Vehicle(**row) for row in rows[:limit]]
    return Page(items=items, nextCursor=items[-1].vin if len(rows) > limit else None)


@app.post("/vehicle", status_code=201)
def register(vehicle: Registration) -> Vehicle:
    """Register a vehicle."""
    stored = Vehicle(**vehicle.model_dump(), timestamp=datetime.now(UTC).isoformat())
    try:
        with writing:
            database().execute("INSERT INTO vehicle VALUES (:vin, :noOfAxles, :fuelType, :timestamp)", dict(stored))
    except sqlite3.IntegrityError:
        raise HTTPException(409, "already registered") from None
    return stored
