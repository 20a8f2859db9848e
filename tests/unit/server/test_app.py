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


@contextmanager
def application(repository: SlowRepository, limits: Limits, backend: Backend = Backend.MEMORY) -> Iterator[Application]:
    with open_container(Settings(backend=backend)) as container:
        container.repository.override(Object(repository))
        made = Application(lambda: nullcontext(container), limits)
        yield made
        made.close()


def has(repository: SlowRepository, vin: str) -> bool:
    return any(str(each.vin) == vin for each in repository.vehicles.page(EVERY_VEHICLE, limit=9).vehicles)


async def start(app: Application, exchange: Exchange) -> "asyncio.Task[None]":
    task = asyncio.create_task(app(exchange.scope, exchange.receive, exchange.send))
    await asyncio.sleep(0)
    return task


async def ask(app: Application, exchange: Exchange) -> Exchange:
    await app(exchange.scope, exchange.receive, exchange.send)
    return exchange


async def began(repository: SlowRepository) -> None:
    assert await asyncio.to_thread(repository.began.wait, 30)


def run(story: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(asyncio.wait_for(story(), 60))


# --- changes that nobody waits for


def test_change_without_free_thread_is_not_carried_out() -> None:
    repository = SlowRepository()

    async def story() -> None:
        with application(repository, Limits(threads=1, wait_seconds=0.05)) as app:
            first, second = registering(FIRST), registering(SECOND)
            one = await start(app, first)
            await began(repository)
            await ask(app, second)
            repository.go_on.set()
            await one
            assert (second.status, second.headers[b"retry-after"]) == (503, b"2")
            assert first.status == 201

    run(story)
    assert not has(repository, SECOND)


def test_change_is_not_carried_out_for_client_that_has_gone() -> None:
    repository = SlowRepository()

    async def story() -> None:
        with application(repository, Limits(threads=1)) as app:
            second = registering(SECOND)
            one = await start(app, registering(FIRST))
            await began(repository)
            two = await start(app, second)
            second.gone.set()
            await two
            repository.go_on.set()
            await one

    run(story)
    assert not has(repository, SECOND)


def test_change_that_has_begun_is_finished() -> None:
    repository = SlowRepository()

    async def story() -> None:
        with application(repository, Limits(threads=1, wait_seconds=0.05)) as app:
            first = registering(FIRST)
            one = await start(app, first)
            await began(repository)
            first.gone.set()
            await asyncio.sleep(0.1)
            repository.go_on.set()
            await one
            assert first.status == 201

    run(story)


def test_torn_body_changes_nothing() -> None:
    async def story() -> None:
        with application(SlowRepository(), Limits()) as app:
            torn = registering(FIRST)
            torn.has_body_come = True
            torn.gone.set()
            await ask(app, torn)
            assert torn.problem == "malformed-request"

    run(story)


# --- limits, and who may come in


def test_requests_beyond_the_limit_are_refused() -> None:
    repository = SlowRepository()

    async def story() -> None:
        with application(repository, Limits(requests=1)) as app:
            one, health = await start(app, registering(FIRST)), Exchange("GET", "/health")
            await began(repository)
            await ask(app, health)
            repository.go_on.set()
            await one
            assert (health.status, health.headers[b"retry-after"]) == (503, b"2")
            assert (await ask(app, Exchange("GET", "/health"))).status == 200

    run(story)


def test_body_has_a_time_limit() -> None:
    async def story() -> None:
        with application(SlowRepository(), Limits(body_seconds=0.05)) as app:
            late = registering(FIRST)
            late.has_body_come = True  # and nothing else comes
            await ask(app, late)
            assert (late.status, late.headers[b"connection"]) == (408, b"close")

    run(story)


@pytest.mark.parametrize(
    ("client", "status"), ((("127.0.0.1", 1), 200), (("::1", 1), 200), (None, 200), (("192.0.2.1", 1), 421))
)
def test_other_machines_are_refused_without_token(client: tuple[str, int] | None, status: int) -> None:
    async def story() -> None:
        with application(SlowRepository(), Limits()) as app:
            assert (await ask(app, Exchange("GET", "/health", client=client))).status == status

    run(story)


def test_slow_storage_on_aws_stops_nobody() -> None:
    repository = SlowRepository()

    async def story() -> None:
        with application(repository, Limits(), Backend.AWS) as app:
            one, health = await start(app, Exchange("GET", f"/vehicle?vin={FIRST}")), Exchange("GET", "/vin?vin=x")
            await began(repository)
            await ask(app, health)
            assert health.status == 200
            repository.go_on.set()
            await one

    run(story)


def test_path_prefix_is_left_out() -> None:
    async def story() -> None:
        with application(SlowRepository(), Limits()) as app:
            assert (await ask(app, Exchange("GET", "/fleet/health", root_path="/fleet"))).status == 200

    run(story)


def test_failed_exchange_is_logged_without_vin(caplog: pytest.LogCaptureFixture) -> None:
    async def fail(_message: Message) -> None:
        raise RuntimeError(FIRST)

    async def story() -> None:
        with application(SlowRepository(), Limits()) as app:
            exchange = Exchange("GET", "/health")
            with pytest.raises(RuntimeError):
                await app(exchange.scope, exchange.receive, fail)

    run(story)
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


def test_websockets_are_unknown() -> None:
    async def story() -> None:
        with application(SlowRepository(), Limits()) as app, pytest.raises(NotImplementedError):
            await ask(app, Exchange("GET", "/", type="websocket"))

    run(story)
