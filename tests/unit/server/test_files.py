"""Fleet files through the application by itself: what is kept in memory, what is waited for, what ends early."""

import asyncio
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from threading import Event
from typing import Any, Final

from tests.unit.server.test_app import Exchange, Server, served
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.http.fleets.imports import BATCH_SIZE
from vehicles.entrypoints.server.app import Limits, Message
from vehicles.ports.vehicle_repository import StoredVehicle, Version

HEAD: Final = "vin,noOfAxles,fuelType\n"
PARTS: Final = 40
PART: Final = Limits(file_part=1, body_seconds=0.2)


def rows(count: int) -> str:
    return "".join(f"WDB{number:014d},2,diesel\n" for number in range(1, count + 1))


class Upload(Exchange):
    """A file that arrives in parts, each after a pause. After the last one the client waits, or has gone."""

    def __init__(self, *parts: str, pause: float = 0, path: str = "/vehicles/import") -> None:
        super().__init__("POST", path)
        headers = [(b"host", b"localhost"), (b"content-type", b"application/octet-stream")]
        self.scope["headers"] = [*headers, (b"transfer-encoding", b"chunked")]
        self.parts = [part.encode() for part in parts]
        self.pause = pause
        self.arrives = asyncio.Event()

    async def receive(self) -> Message:
        self.arrives.set()
        if self.parts:
            await asyncio.sleep(self.pause)
            part = self.parts.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(self.parts)}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    @property
    def tally(self) -> Any:  # noqa: ANN401 — JSON
        return json.loads(self.sent[1]["body"])["tally"]


class Batches:
    """Vehicles in memory, of which each batch but the first waits until it may go on."""

    def __init__(self, server: Server) -> None:
        self.add_many_at_once = server.repository.vehicles.add_many
        self.began, self.go_on = Event(), Event()
        self.count = 0
        server.repository.add_many = self.add_many  # type: ignore[attr-defined]  # a fake of its own

    def add_many(self, batch: Sequence[StoredVehicle]) -> tuple[bool, ...]:
        self.count += 1
        if self.count > 1:
            self.began.set()
            assert self.go_on.wait(30)
        return self.add_many_at_once(batch)


@served(PART)
async def test_slow_upload_is_read(server: Server) -> None:
    upload = Upload(HEAD, *(f"{row}\n" for row in rows(PARTS).splitlines()), pause=0.02)  # four times the limit
    Batches(server)
    await server.ask(upload)
    assert (upload.status, upload.tally["added"]) == (200, PARTS)


@served(Limits(file_part=1, body_seconds=0.05))
async def test_stalled_upload_ends(server: Server) -> None:
    upload = Upload(HEAD, rows(1), pause=30)
    await server.ask(upload)
    assert (upload.status, upload.headers[b"connection"]) == (408, b"close")


@served(Limits(file_part=1, body_seconds=0.2))
async def test_slow_body_elsewhere_ends(server: Server) -> None:
    upload = Upload(*"x" * 1000, pause=0.02, path="/vehicle")
    upload.scope["headers"][1] = (b"content-type", b"application/json")
    await server.ask(upload)
    assert upload.status == 408


@served(Limits(imports=1))
async def test_imports_beyond_limit_refused(server: Server) -> None:
    slow = Upload(HEAD, pause=60)
    task = await server.start(slow)
    await slow.arrives.wait()
    second = Upload(HEAD, rows(1))
    await server.ask(second)
    assert (second.status, second.problem, second.headers[b"retry-after"]) == (503, "too-many-connections", b"2")
    task.cancel()
    await asyncio.wait((task,), timeout=30)
    Batches(server)
    third = await server.ask(Upload(HEAD, rows(1)))
    assert third.status == 200


@served(Limits(wait_seconds=0.05))
async def test_long_import_is_finished(server: Server) -> None:
    batches, upload = Batches(server), Upload(HEAD, rows(2 * BATCH_SIZE))
    task = await server.start(upload)
    assert await asyncio.to_thread(batches.began.wait, 30)
    await asyncio.sleep(0.2)
    batches.go_on.set()
    await task
    assert (upload.status, len(server.vins())) == (200, 9)  # a page of nine


@served()
async def test_import_of_client_that_left_stops(server: Server) -> None:
    batches, upload = Batches(server), Upload(HEAD, rows(5 * BATCH_SIZE))
    task = await server.start(upload)
    assert await asyncio.to_thread(batches.began.wait, 30)
    upload.gone.set()
    await asyncio.sleep(0.1)
    batches.go_on.set()
    await task
    assert batches.count == 2


@served(Limits(threads=1, wait_seconds=0.05))
async def test_import_without_thread_is_not_begun(server: Server) -> None:
    slow = Exchange("POST", "/vehicle", {"vin": "WDB00000000000001", "noOfAxles": 2, "fuelType": "diesel"})
    one = await server.start_slow(slow)
    batches, upload = Batches(server), Upload(HEAD, rows(1))
    await server.ask(upload)
    server.repository.go_on.set()
    await one
    assert (upload.status, batches.count) == (503, 0)


def fleet(count: int) -> Iterable[StoredVehicle]:
    for number in range(1, count + 1):
        vehicle = Vehicle(Vin.of(f"WDB{number:014d}"), 2, FuelType.DIESEL, datetime(2026, 1, 1, tzinfo=UTC))
        yield StoredVehicle(vehicle, Version("1"))


class Pages:
    """Counts the pages that are read."""

    def __init__(self, server: Server, vehicles: int) -> None:
        server.repository.vehicles.add_many(list(fleet(vehicles)))
        self.read = server.repository.vehicles.page
        self.count = 0
        server.repository.page = self.page  # type: ignore[attr-defined]  # a fake of its own

    def page(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 — handed on
        self.count += 1
        return self.read(*arguments, **named)


@served()
async def test_export_is_sent_in_chunks(server: Server) -> None:
    Pages(server, 2500)
    export = await server.ask(Exchange("GET", "/vehicles/export"))
    chunks = [message["body"] for message in export.sent[1:]]
    assert ([chunk.count(b"\n") for chunk in chunks], b"content-length" in export.headers) == (
        [1001, 1000, 500, 0],
        False,
    )
    assert [message.get("more_body", False) for message in export.sent[1:]] == [True, True, True, False]


@served()
async def test_export_ends_with_its_client(server: Server) -> None:
    pages, export = Pages(server, 5000), Exchange("GET", "/vehicles/export")

    async def send(message: Message) -> None:
        export.sent.append(message)
        if len(export.sent) == 3:
            export.gone.set()
            await asyncio.sleep(0.05)

    await server.app(export.scope, export.receive, send)
    assert pages.count <= 3


@served()
async def test_head_of_export_reads_nothing(server: Server) -> None:
    pages = Pages(server, 10)
    head = await server.ask(Exchange("HEAD", "/vehicles/export"))
    assert (head.status, pages.count, head.sent[1]["body"]) == (200, 0, b"")
