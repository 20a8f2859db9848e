"""Twenty thousand vehicles, moved by the command line with `--stack`, listed by the API, counted by the function."""

import json
import time
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Final

import pytest

from tests.support.command_line import CommandLine
from tests.support.deployment import Deployment
from tests.support.signed_api import SignedApi
from vehicles.adapters.aws.dynamodb_items import item_of
from vehicles.ports.vehicle_repository import StoredVehicle
from vehicles.testing.racing import racing
from vehicles.testing.vehicle_repository import stored

VEHICLES: Final = 20_000
IMPORTED: Final = 1_000
_BATCH: Final = 25  # of one BatchWriteItem


@pytest.fixture(scope="module")
def imported(operator: CommandLine, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Return the VINs of a fleet that was imported."""
    file = tmp_path_factory.mktemp("fleet") / "fleet.jsonl"
    file.write_text(operator.run("sample", str(IMPORTED), "--seed", "20", "--format", "jsonl").stdout)
    ended = operator.run("import", file)
    assert (ended.exit_code, ended.stderr) == (0, ""), ended.stderr
    return [json.loads(line)["vin"] for line in file.read_text().splitlines()]


@pytest.fixture(scope="module")
def fleet(deployment: Deployment, imported: list[str]) -> list[str]:
    """Return the VINs of a fleet of which the rest was written into the table as it were there for years."""
    dynamodb = deployment.account.client("dynamodb")
    rest = [stored(number) for number in range(100_000, 100_000 + VEHICLES - IMPORTED)]

    def write(share: list[StoredVehicle]) -> None:
        for batch in batched(share, _BATCH, strict=False):
            puts = {deployment.outputs["TableName"]: [{"PutRequest": {"Item": item_of(each)}} for each in batch]}
            assert not dynamodb.batch_write_item(RequestItems=puts)["UnprocessedItems"]

    racing((partial(write, rest[first::4]) for first in range(4)), seconds=600)
    return [*imported, *(str(each.vehicle.vin) for each in rest)]


def _listed(api: SignedApi, wanted: str = "") -> list[str]:
    """Return the VINs of all pages; `wanted` is a filter."""
    vins: list[str] = []
    first = target = f"/vehicles?limit=1000{wanted}"
    while target:
        page = api.send("GET", target)
        if page.status == 503:  # as its Retry-After asks for: the emulator shares two processors with other tests
            time.sleep(int(page.headers["retry-after"]))
            page = api.send("GET", target)
        assert page.status == 200, page
        vins += [vehicle["vin"] for vehicle in page.json["items"]]
        target = f"{first}&cursor={page.json['nextCursor']}" if page.json["nextCursor"] else ""
    return vins


def test_list_shows_each_vehicle_once(api: SignedApi, fleet: list[str]) -> None:
    listed = _listed(api)
    assert len(listed) == len({*listed})
    assert {*fleet} <= {*listed}


def test_filtered_list_misses_none(api: SignedApi, fleet: list[str]) -> None:
    wmi = fleet[0][:3]
    listed = _listed(api, f"&wmi={wmi}")
    assert len(listed) == len({*listed})
    assert {vin for vin in fleet if vin.startswith(wmi)} <= {*listed}


def test_function_counts_them_all(deployment: Deployment, api: SignedApi, fleet: list[str]) -> None:
    written = deployment.invoke("SummaryLambda", {"week": "current"})
    assert written["total"] == len(_listed(api)) >= len(fleet)


def test_command_line_finds_what_fits(operator: CommandLine, fleet: list[str]) -> None:
    lines = operator.run("list", "--vin-ends-with", fleet[0][-6:], "--json").stdout.splitlines()
    assert fleet[0] in [json.loads(line)["vin"] for line in lines]


def test_command_line_summarizes_as_the_function(deployment: Deployment, operator: CommandLine) -> None:
    written = deployment.invoke("SummaryLambda", {"week": "current"})
    assert operator.json("summarize")["total"] == written["total"]


def test_export_holds_the_whole_table(operator: CommandLine, api: SignedApi, fleet: list[str], tmp_path: Path) -> None:
    file = tmp_path / "all.jsonl"
    operator.run("export", file)
    exported = [json.loads(line)["vin"] for line in file.read_text().splitlines()]
    assert sorted(exported) == sorted(_listed(api))
    assert len(exported) >= len(fleet)
