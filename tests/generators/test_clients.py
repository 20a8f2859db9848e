"""Clients that generators make from openapi.json, with their defaults: complete, and good for a day's work."""

import json
import os
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.emulator import require_tool
from tests.support.processes import run
from tests.support.server_process import HOST, UNMEASURED, serving

ROOT: Final = Path(__file__).parents[2]
CONTRACT: Final = ROOT / "openapi.json"
TOOLS: Final = ROOT / ".venv-generators" / "bin"
NODE_TOOLS: Final = ROOT / ".venv-generators" / "node" / "node_modules" / ".bin"
NO_GENERATORS: Final = "no generators of clients here: `make generators` installs them"
ENVIRONMENT: Final = os.environ | {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"}
OPERATIONS: Final = frozenset(
    operation["operationId"]
    for methods in json.loads(CONTRACT.read_text(encoding="utf-8"))["paths"].values()
    for operation in methods.values()
)
VIN: Final = "WMAH05ZZ04M012345"
ABSENT: Final = "YS2R4X20005399401"
EXPECTED: Final = {"registered": VIN, "listed": [VIN], "absent": [404, "/problems/vehicle-not-found"]}

# Each registers a vehicle, lists two fuel types, and looks for a vehicle that is not there.
OPENAPI_GENERATOR: Final = f"""
import json, sys
import openapi_client as api

with api.ApiClient(api.Configuration(host=sys.argv[1])) as client:
    vehicles = api.VehiclesApi(client)
    made = vehicles.register_vehicle(api.Registration(vin="{VIN}", noOfAxles=3, fuelType="diesel"))
    kinds = api.VehiclesApi.list_vehicles.__annotations__["fuel_type"]
    page = vehicles.list_vehicles(fuel_type=["diesel", "petrol"] if "List" in str(kinds) else "diesel")
    try:
        vehicles.get_vehicle("{ABSENT}")
    except api.exceptions.NotFoundException as error:
        absent = [error.status, error.data.type]
print(json.dumps({{"registered": made.vin, "listed": [each.vin for each in page.items], "absent": absent}}))
"""
OPENAPI_PYTHON_CLIENT: Final = f"""
import json, sys
from vehicle_registry_client import Client, models
from vehicle_registry_client.api.vehicles import get_vehicle, list_vehicles, register_vehicle

client = Client(base_url=sys.argv[1])
body = models.Registration(vin="{VIN}", no_of_axles=3, fuel_type=models.FuelType.DIESEL)
made = register_vehicle.sync(client=client, body=body)
kinds = getattr(models, "ListVehiclesFuelTypeItem", None)
wanted = [kinds.DIESEL, kinds.PETROL] if kinds else models.ListVehiclesFuelType.DIESEL
page = list_vehicles.sync(client=client, fuel_type=wanted)
absent = get_vehicle.sync_detailed(client=client, vin="{ABSENT}")
found = {{
    "registered": made.vin,
    "listed": [each.vin for each in page.items],
    "absent": [absent.status_code, absent.parsed.type_],
}}
print(json.dumps(found))
"""
TYPESCRIPT: Final = """
import type { operations, paths } from "./api";

type Page = operations["listVehicles"]["responses"]["200"]["content"]["application/json"];
const page: Page = { items: [{ vin: "x", noOfAxles: 3, fuelType: "diesel", timestamp: "x" }], nextCursor: null };
export const first: string = page.items[0].vin;
// @ts-expect-error  a registration needs more
export const body: paths["/vehicle"]["post"]["requestBody"]["content"]["application/json"] = { vin: "x" };
"""


@pytest.fixture(autouse=True)
def generators() -> None:
    require_tool(NODE_TOOLS, NO_GENERATORS)


def names_in(folder: Path, pattern: str) -> set[str]:
    """Return what the pattern finds in the files of a folder, without underscores and in lower case."""
    texts = (path.read_text(encoding="utf-8") for path in folder.rglob("*.py"))
    return {name.replace("_", "").lower() for text in texts for name in re.findall(pattern, text)}


def used(client: Path, script: str, data: Path) -> Any:  # noqa: ANN401 — JSON
    """Run a script that uses a generated client with a server, and return what it prints."""
    with serving(data, environment=UNMEASURED) as server:
        address = f"http://{HOST}:{server.port}"
        environment = ENVIRONMENT | {"PYTHONPATH": str(client)}
        return json.loads(run(TOOLS / "python", "-c", script, address, env=environment).stdout)


def test_openapi_generator_makes_client(tmp_path: Path) -> None:
    client = tmp_path / "client"
    run(TOOLS / "openapi-generator-cli", "generate", "-i", CONTRACT, "-g", "python", "-o", client, env=ENVIRONMENT)
    methods = names_in(client / "openapi_client" / "api", r"    def ([a-z_]+)\(")
    assert {name.lower() for name in OPERATIONS} - methods == set()
    assert used(client, OPENAPI_GENERATOR, tmp_path / "data") == EXPECTED


def test_openapi_python_client_makes_client(tmp_path: Path) -> None:
    client = tmp_path / "client"
    command = (TOOLS / "openapi-python-client", "generate", "--path", CONTRACT, "--output-path", client)
    assert "Warning" not in run(*command, env=ENVIRONMENT, cwd=tmp_path).stdout  # it leaves out what it warns about
    modules = {path.stem.replace("_", "") for path in (client / "vehicle_registry_client" / "api").glob("*/*.py")}
    assert {name.lower() for name in OPERATIONS} - modules == set()
    assert used(client, OPENAPI_PYTHON_CLIENT, tmp_path / "data") == EXPECTED


def test_openapi_typescript_makes_types(tmp_path: Path) -> None:
    run(NODE_TOOLS / "openapi-typescript", CONTRACT, "--output", tmp_path / "api.ts", env=ENVIRONMENT)
    (tmp_path / "use.ts").write_text(TYPESCRIPT)
    run(NODE_TOOLS / "tsc", "--noEmit", "--strict", tmp_path / "use.ts", env=ENVIRONMENT)
    types = (tmp_path / "api.ts").read_text(encoding="utf-8")
    assert {name for name in OPERATIONS if f"\n    {name}: {{" not in types} == set()
