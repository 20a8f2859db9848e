"""FastAPI on uvicorn and sqlite3: `uvicorn fastapi_sqlite:app`, on the file that DATABASE names."""

import os
import sqlite3
import threading
from datetime import UTC, datetime

from fastapi import FastAPI, HTTPException
from shapes import Limit, Page, Registration, Vehicle, Vin

app = FastAPI()
local = threading.local()
writing = threading.Lock()  # threads that wait for SQLite's own lock sleep, and look again: slower


def database():
    if not hasattr(local, "database"):
        local.database = sqlite3.connect(os.environ["DATABASE"], autocommit=True)
        local.database.row_factory = sqlite3.Row
        local.database.execute("PRAGMA journal_mode = WAL")
        local.database.execute("PRAGMA synchronous = FULL")
    return local.database


columns = "vin TEXT PRIMARY KEY, noOfAxles INTEGER, fuelType TEXT, timestamp TEXT"
database().execute(f"CREATE TABLE IF NOT EXISTS vehicle ({columns}) WITHOUT ROWID")


@app.get("/vehicle")
def get(vin: Vin) -> Vehicle:
    row = database().execute("SELECT * FROM vehicle WHERE vin = ?", (vin,)).fetchone()
    if row is None:
        raise HTTPException(404, "not found")
    return Vehicle(**row)


@app.get("/vehicles")
def list_vehicles(limit: Limit = 100, cursor: str = "") -> Page:
    statement = "SELECT * FROM vehicle WHERE vin > ? ORDER BY vin LIMIT ?"
    rows = database().execute(statement, (cursor, limit + 1)).fetchall()
    items = [Vehicle(**row) for row in rows[:limit]]
    return Page(items=items, nextCursor=items[-1].vin if rows[limit:] else None)


@app.post("/vehicle", status_code=201)
def register(vehicle: Registration) -> Vehicle:
    stored = Vehicle(**vehicle.model_dump(), timestamp=datetime.now(UTC).isoformat())
    try:
        with writing:
            database().execute("INSERT INTO vehicle VALUES (:vin, :noOfAxles, :fuelType, :timestamp)", dict(stored))
    except sqlite3.IntegrityError:
        raise HTTPException(409, "already registered") from None
    return stored
