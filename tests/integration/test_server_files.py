"""Fleet files through the running server: forms of a real client, slow and large ones, and what memory they take."""

import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest
import requests

from tests.support.server_process import HOST, UNMEASURED, Client, ServerProcess, connected, serving, vin_of

HEAD: Final = "vin,noOfAxles,fuelType\n"
SECONDS: Final = 120
MIB: Final = 2**20
RAW: Final = {"Content-Type": "application/octet-stream"}

# A fleet without end.
ENDLESS: Final = """
import sys
from datetime import UTC, datetime
from dependency_injector.providers import Object
from vehicles import FuelType, Vehicle, Vin
from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.container import open_container
from vehicles.entrypoints.server.run import serve
from vehicles.ports.vehicle_repository import Page
from vehicles.settings import Settings

class Endless(InMemoryVehicleRepository):
    def page(self, wanted, *, limit, after=None):
        print("a page", file=sys.stderr, flush=True)
        return Page((truck,) * limit, truck.vin)

truck = Vehicle(Vin.parse("WMAH05ZZ04M012345"), 3, FuelType.DIESEL, datetime(2026, 1, 1, tzinfo=UTC))
settings = Settings.read({}, {"backend": "memory", "port": "0"})
with open_container(settings) as container:
    container.repository.override(Object(Endless()))
    serve(container, settings)
"""


def table(count: int, first: int = 0) -> bytes:
    return (HEAD + "".join(f"{vin_of(number)},2,diesel\n" for number in range(first, first + count))).encode()


def posted(server: ServerProcess, query: str = "", **sent: Any) -> Any:  # noqa: ANN401 — as requests takes and gives it
    response = requests.post(f"http://{HOST}:{server.port}/vehicles/import{query}", timeout=SECONDS, **sent)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("pieces", (1, 2))
def test_form_of_client_imported(server: ServerProcess, pieces: int) -> None:
    body = posted(server, files={"file": ("fleet.csv", table(pieces, 900_000), "text/csv")}, data={"comment": "x"})
    assert body["tally"]["added"] + body["tally"]["alreadyThere"] == pieces


def test_chunked_upload_imported(server: ServerProcess) -> None:
    parts = (table(2, 910_000)[at : at + 10] for at in range(0, 1000, 10))
    assert posted(server, "?dryRun=true", data=parts, headers=RAW)["tally"]["added"] == 2


def test_too_large_file_refused(client: Client) -> None:
    answer = client.send("POST", "/vehicles/import", b" " * (64 * MIB + 1), RAW)
    assert (answer.status, answer.json()["type"]) == (413, "/problems/body-too-large")
    assert client.send("GET", "/health").status == 200


def test_torn_upload_imports_nothing(server: ServerProcess, client: Client) -> None:
    with connected(server) as connection:
        file = table(1, 920_000)
        head = f"POST /vehicles/import HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {RAW['Content-Type']}\r\n"
        connection.sendall(f"{head}Content-Length: {len(file) + 1}\r\n\r\n".encode() + file)
    assert client.send("GET", f"/vehicle?vin={vin_of(920_000)}").status == 404


def test_vins_are_not_logged(tmp_path: Path) -> None:
    with serving(tmp_path, environment=UNMEASURED) as server:
        posted(server, files={"file": (f"{vin_of(7)}.csv", table(1, 7) + b"WDB0000000000000I,2,diesel\n")})
        requests.get(f"http://{HOST}:{server.port}/vehicles/export", timeout=SECONDS)
        assert "WDB" not in server.stop()


def followed(server: ServerProcess, file: bytes, query: str = "") -> Counter[str]:
    """Import a file to its end, however long it takes, and return the sums of the tallies."""
    sums: Counter[str] = Counter()
    line: int | None = 1
    while line is not None:
        body = posted(server, f"?fromLine={line}{query}", data=file, headers=RAW)
        sums.update({name: count for name, count in body["tally"].items() if name != "warnings"})
        line = body["nextLine"]
    return sums


@pytest.mark.slow
def test_large_fleet_there_and_back(tmp_path: Path) -> None:
    count = 50_000
    with serving(tmp_path, environment=UNMEASURED) as server:
        followed(server, table(count))
        before = server.peak_memory()
        for file_format in ("csv", "jsonl", "xlsx"):
            url = f"http://{HOST}:{server.port}/vehicles/export?format={file_format}"
            exported = requests.get(url, timeout=SECONDS).content
            tally = followed(server, exported, "&dryRun=true&keepTimestamps=true")
            assert (tally["alreadyThere"], tally["added"], tally["refused"]) == (count, 0, 0)
        assert server.peak_memory() - before < 64 * MIB


def pages(server: ServerProcess) -> int:
    """Return how many pages were read when no more are."""
    count, before = server.log().count("a page"), -1
    while count != before:
        time.sleep(0.5)
        count, before = server.log().count("a page"), count
    return count


def test_export_waits_for_slow_client(tmp_path: Path) -> None:
    request = f"GET /vehicles/export HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    with serving(tmp_path, arguments=("-c", ENDLESS), environment=UNMEASURED) as server:
        with connected(server) as connection:
            connection.sendall(request)
            kept = pages(server)
            received = 0
            while received < 20 * MIB:
                received += len(connection.recv(MIB))
            read = pages(server)
        assert (kept < 200, read > kept, pages(server) <= read + 2) == (True, True, True)
