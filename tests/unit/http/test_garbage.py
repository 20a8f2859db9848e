"""Requests leave nothing that only the garbage collector frees: it would keep files in memory, and connections open."""

import gc
from collections.abc import Iterator, Mapping
from typing import Final

import pytest

from tests.support.http_client import TRUCK, Client, FailingRepository, truck, whole
from vehicles.domain.errors import StorageUnavailable

FILE: Final = {"content-type": "application/octet-stream"}
IMPORT: Final = "/vehicles/import"
ROWS: Final = f"vin,noOfAxles,fuelType\n{TRUCK},3,diesel\n".encode()
REQUESTS: Final[tuple[tuple[str, str, object, Mapping[str, str]], ...]] = (
    ("GET", f"/vehicle?vin={TRUCK}", None, {}),
    ("GET", "/vehicle?vin=WMA", None, {}),
    ("GET", "/vehicles", None, {}),
    ("GET", "/vehicles?pageSize=0", None, {}),
    ("GET", "/vehicles/export", None, {}),
    ("GET", "/nowhere", None, {}),
    ("GET", "/nowhere", None, {"accept": "text/html"}),
    ("GET", "/summary?week=2026-W01", None, {}),
    ("PATCH", "/vehicles", None, {"content-length": "9"}),
    ("POST", "/vehicle", truck(), {}),
    ("POST", "/vehicle", truck(vin="WMA"), {}),
    ("POST", "/vehicle", None, {"content-length": "17000"}),
    ("POST", "/vehicle", None, {"content-length": "9", "content-type": "text/csv"}),
    ("PUT", f"/vehicle?vin={TRUCK}", {"noOfAxles": 3, "fuelType": "diesel"}, {"if-match": '"other"'}),
    ("PATCH", f"/vehicle?vin={TRUCK}", {"noOfAxles": 3}, {"if-match": '"other"'}),
    ("DELETE", f"/vehicle?vin={TRUCK}", None, {"if-match": '"other"'}),
    ("POST", IMPORT, ROWS, FILE),
    ("POST", f"{IMPORT}?onConflict=fail", ROWS, FILE),
    ("POST", IMPORT, b"nothing of a fleet", FILE),
    ("POST", IMPORT, b"PK\x03\x04 is no workbook", FILE),
)


@pytest.fixture
def _only_new_garbage() -> Iterator[None]:
    """Let the collector look at nothing that is there before the test: it would take long."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.mark.parametrize("kind", ("full", "empty", "away"))
@pytest.mark.usefixtures("_only_new_garbage")
def test_request_leaves_no_cycle(kind: str) -> None:
    error = StorageUnavailable("away")
    found = {}
    for method, target, body, headers in REQUESTS:
        client = Client(FailingRepository(error) if kind == "away" else None)
        if kind == "full":
            client.register()
        for _ in range(2):  # first with what is imported now
            gc.collect()
            raw = body if isinstance(body, bytes) else None
            whole(client.send(method, target, None if raw else body, headers, raw=raw))
            error.with_traceback(None)  # the test itself keeps the error
        found[method, target] = gc.collect()
    assert {request: count for request, count in found.items() if count} == {}
