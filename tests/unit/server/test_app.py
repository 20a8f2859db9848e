"""The application by itself, with the messages that a server of ASGI would send."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from threading import Event
from typing import Any, Final

import pytest
from dependency_injector.providers import Object

from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.container import Container, open_container
from vehicles.domain.vehicle import EVERY_VEHICLE
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.server.app import Application, Limits, Message
from vehicles.ports.vehicle_repository import StoredVehicle
from vehicles.settings import Backend, ConfigurationError, Settings

FIRST: Final = "WDB00000000000001"
SECOND: Final = "WDB00000000000002"
LIMITS: Final = Limits()


class SlowRepository:
    """Vehicles in memory; what it is asked for the first one waits until it may go on."""

    def __init__(self) -> None:
        self.vehicles = InMemoryVehicleRepository()
        self.began = Event()
        self.go_on = Event()

    def add(self, stored: StoredVehicle) -> None:
        self._wait(stored.vehicle.vin)
        self.vehicles.add(stored)

    def get(self, vin: Vin) -> StoredVehicle:
        self._wait(vin)
        return self.vehicles.get(vin)

    def _wait(self, vin: Vin) -> None:
        if str(vin) == FIRST:
            self.began.set()
            assert self.go_on.wait(30)


class Exchange:
    """A request, and what the application sent."""

    def __init__(self, method: str, target: str, content: object = None, **scope: object) -> None:
        path, _, query = target.partition("?")
        self.body = b"" if content is None else json.dumps(content).encode()
        headers = [(b"host", b"localhost"), (b"content-type", b"application/json")]
        headers += [(b"content-length", str(len(self.body)).encode())] if self.body else []
        self.scope: Message = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": headers,
            "client": ("127.0.0.1", 1234),
            **scope,
        }
        self.gone = asyncio.Event()
        self.sent: list[Message] = []
        self.has_body_come = False

    async def receive(self) -> Message:
        if not self.has_body_come:
            self.has_body_come = True
            return {"type": "http.request", "body": self.body, "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def headers(self) -> dict[bytes, bytes]:
        return dict(self.sent[0]["headers"])

    @property
    def problem(self) -> str:
        return str(json.loads(self.sent[1]["body"])["type"]).removeprefix("/problems/")


def registering(vin: str) -> Exchange:
    return Exchange("POST", "/vehicle", {"vin": vin, "noOfAxles": 2, "fuelType": "diesel"})


class Server:
    """An application with the vehicles behind it."""

    def __init__(self, app: Application, repository: SlowRepository) -> None:
        self.app = app
        self.repository = repository

    async def ask(self, exchange: Exchange) -> Exchange:
        await self.app(exchange.scope, exchange.receive, exchange.send)
        return exchange

    async def start(self, exchange: Exchange) -> "asyncio.Task[Exchange]":
        task = asyncio.create_task(self.ask(exchange))
        await asyncio.sleep(0)
        return task

    async def start_slow(self, exchange: Exchange) -> "asyncio.Task[Exchange]":
        """Start an exchange that waits in the repository."""
        task = await self.start(exchange)
        assert await asyncio.to_thread(self.repository.began.wait, 30)
        return task

    def vins(self) -> set[str]:
        """Return what is registered when everything that began has ended."""
        self.app.close()
        return {str(vehicle.vin) for vehicle in self.repository.vehicles.page(EVERY_VEHICLE, limit=9).vehicles}


def served(
    limits: Limits = LIMITS, backend: Backend = Backend.MEMORY
) -> Callable[[Callable[[Server], Coroutine[Any, Any, None]]], Callable[[], None]]:
    """Make a test of what happens to a server with these limits."""

    def test_of(story: Callable[[Server], Coroutine[Any, Any, None]]) -> Callable[[], None]:
        async def play() -> None:
            repository = SlowRepository()
            with open_container(Settings(backend=backend)) as container:
                container.repository.override(Object(repository))
                app = Application(lambda: nullcontext(container), limits)
                await asyncio.wait_for(story(Server(app, repository)), 60)
                app.close()

        return lambda: asyncio.run(play())

    return test_of


# --- changes that nobody waits for


@served(Limits(threads=1, wait_seconds=0.05))
async def test_change_without_free_thread_is_not_carried_out(server: Server) -> None:
    first, second = registering(FIRST), registering(SECOND)
    one = await server.start_slow(first)
    await server.ask(second)
    server.repository.go_on.set()
    await one
    assert (second.status, second.headers[b"retry-after"]) == (503, b"2")
    assert (first.status, server.vins()) == (201, {FIRST})


@served(Limits(threads=1))
async def test_change_is_not_carried_out_for_client_that_has_gone(server: Server) -> None:
    second = registering(SECOND)
    one = await server.start_slow(registering(FIRST))
    two = await server.start(second)
    second.gone.set()
    await two
    server.repository.go_on.set()
    await one
    assert server.vins() == {FIRST}


@served(Limits(threads=1, wait_seconds=0.05))
async def test_change_that_has_begun_is_finished(server: Server) -> None:
    first = registering(FIRST)
    one = await server.start_slow(first)
    first.gone.set()
    await asyncio.sleep(0.1)
    server.repository.go_on.set()
    await one
    assert first.status == 201


@served()
async def test_torn_body_changes_nothing(server: Server) -> None:
    torn = registering(FIRST)
    torn.has_body_come = True
    torn.gone.set()
    await server.ask(torn)
    assert (torn.problem, server.vins()) == ("malformed-request", set())


# --- limits, and who is accepted


@served(Limits(requests=1))
async def test_requests_beyond_the_limit_are_rejected(server: Server) -> None:
    one = await server.start_slow(registering(FIRST))
    health = await server.ask(Exchange("GET", "/health"))
    server.repository.go_on.set()
    await one
    assert (health.status, health.headers[b"retry-after"]) == (503, b"2")
    assert (await server.ask(Exchange("GET", "/health"))).status == 200


@served(Limits(body_seconds=0.05))
async def test_body_has_a_time_limit(server: Server) -> None:
    late = registering(FIRST)
    late.has_body_come = True  # and nothing else comes
    await server.ask(late)
    assert (late.status, late.headers[b"connection"]) == (408, b"close")


@served()
async def test_other_machines_need_a_token(server: Server) -> None:
    clients = (("127.0.0.1", 1), ("::1", 1), None, ("192.0.2.1", 1))
    answers = [await server.ask(Exchange("GET", "/health", client=client)) for client in clients]
    assert [answer.status for answer in answers] == [200, 200, 200, 421]


@served()
async def test_browser_gets_a_page_from_the_server_itself(server: Server) -> None:
    headers = [(b"host", b"fleet.example"), (b"accept", b"text/html,application/xhtml+xml,*/*;q=0.8")]
    refused = await server.ask(Exchange("GET", "/a/b", headers=headers))
    assert (refused.status, refused.headers[b"content-type"]) == (421, b"text/html; charset=utf-8")
    assert b'href="../problems/misdirected-request"' in refused.sent[1]["body"]


@served(backend=Backend.AWS)
async def test_slow_storage_on_aws_stops_nobody(server: Server) -> None:
    one = await server.start_slow(Exchange("GET", f"/vehicle?vin={FIRST}"))
    assert (await server.ask(Exchange("GET", "/vin?vin=x"))).status == 200
    server.repository.go_on.set()
    await one


@served()
async def test_path_prefix_is_left_out(server: Server) -> None:
    assert (await server.ask(Exchange("GET", "/fleet/health", root_path="/fleet"))).status == 200


@served()
async def test_websockets_are_unknown(server: Server) -> None:
    with pytest.raises(NotImplementedError):
        await server.ask(Exchange("GET", "/", type="websocket"))


def test_failed_exchange_is_logged_without_vin(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_message: Message) -> None:
        raise RuntimeError(FIRST)

    @served()
    async def story(server: Server) -> None:
        exchange = Exchange("GET", "/health")
        with pytest.raises(RuntimeError):
            await server.app(exchange.scope, exchange.receive, fail)

    story()
    assert ("RuntimeError" in caplog.text, FIRST in caplog.text) == (True, False)


# --- the lifespan


async def follow(app: Callable[..., Awaitable[None]]) -> list[Message]:
    """Start and stop an application as a server does, and return what it sends."""
    events = iter(({"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}))
    sent: list[Message] = []

    async def receive() -> Message:
        return next(events)

    async def send(message: Message) -> None:
        sent.append(message)

    await app({"type": "lifespan"}, receive, send)
    return sent


def test_container_lives_as_long_as_the_server() -> None:
    closed = False

    @contextmanager
    def opened() -> Iterator[Container]:
        nonlocal closed
        with open_container(Settings(backend=Backend.MEMORY)) as container:
            yield container
        closed = True

    sent = asyncio.run(follow(Application(opened)))
    assert ([message["type"] for message in sent], closed) == (
        ["lifespan.startup.complete", "lifespan.shutdown.complete"],
        True,
    )


def test_wrong_settings_stop_the_start() -> None:
    message = "VEHICLES_BACKEND is wrong"
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "lifespan.startup"}

    async def send(event: Message) -> None:
        sent.append(event)

    def fail() -> AbstractContextManager[Container]:
        raise ConfigurationError(message)

    with pytest.raises(ConfigurationError):
        asyncio.run(Application(fail)({"type": "lifespan"}, receive, send))
    assert sent == [{"type": "lifespan.startup.failed", "message": message}]
