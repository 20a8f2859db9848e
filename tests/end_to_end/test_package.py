"""The package of each function holds all that it imports, and needs to write nothing beside it."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.deployment import ADMINISTRATOR, BUILT, Deployment
from tests.support.emulator import require_tool
from tests.support.http_client import event_of
from tests.support.runtime_api import NO_RUNTIME, PYTHON, Outcome, run_package
from vehicles.entrypoints.http.messages import Request

FUNCTIONS: Final = ("VehicleLambda", "SummaryLambda")


@pytest.fixture(autouse=True)
def _runtime() -> None:
    require_tool(PYTHON, NO_RUNTIME)


@dataclass(frozen=True, slots=True)
class Package:
    """The package of a function, in a folder of its own."""

    function: str
    folder: Path


@pytest.fixture
def package(request: pytest.FixtureRequest, tmp_path: Path) -> Package:
    """The package of the function that the test names, where nobody may write."""
    folder = tmp_path / "package"
    shutil.copytree(BUILT / request.param, folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)
    return Package(request.param, folder)


def run(deployment: Deployment, package: Package, event: Mapping[str, object]) -> Outcome:
    """Run a function from the package, otherwise as it was deployed."""
    functions = deployment.account.client("lambda")
    deployed = functions.get_function_configuration(FunctionName=deployment.resources[package.function])
    environment = deployment.account.settings(ADMINISTRATOR) | deployed["Environment"]["Variables"]
    return run_package(package.folder, deployed["Handler"], event, environment)


def asking(path: str, query: str = "") -> dict[str, Any]:
    return event_of(Request("GET", path, query, {"host": "example.org"}, b"", "unused"))


def test_every_function_is_run(deployment: Deployment) -> None:
    functions = {name for name in deployment.resources if name.endswith("Lambda")}
    assert functions == {*FUNCTIONS}


@pytest.mark.parametrize(
    ("path", "status"),
    (
        ("/vehicles", 200),
        ("/vehicles/export", 200),
        ("/summary", 404),
        ("/summaries", 200),
        ("/health", 200),
        ("/openapi.json", 200),
        ("/docs", 200),
        ("/nowhere", 404),
    ),
)
@pytest.mark.parametrize("package", ("VehicleLambda",), indirect=True)
def test_request_is_answered(deployment: Deployment, package: Package, path: str, status: int) -> None:
    query = "week=2001-W01" if path == "/summary" else ""
    outcome = run(deployment, package, asking(path, query))
    assert (outcome.kind, outcome.reply["statusCode"]) == ("response", status)


@pytest.mark.parametrize("package", ("SummaryLambda",), indirect=True)
def test_summary_is_written(deployment: Deployment, package: Package) -> None:
    outcome = run(deployment, package, {"week": "2001-W02"})
    assert (outcome.kind, outcome.reply["week"]) == ("response", "2001-W02")


@pytest.mark.parametrize("package", ("VehicleLambda",), indirect=True)
def test_package_cannot_be_written_to(deployment: Deployment, package: Package) -> None:
    source = package.folder / "vehicles" / "entrypoints" / "lambdas.py"
    source.chmod(0o644)
    source.write_text("import pathlib\n\n\ndef api(*_):\n    pathlib.Path('x').touch()\n")
    for compiled in source.parent.glob("__pycache__/lambdas.*"):
        compiled.unlink()
    outcome = run(deployment, package, asking("/vehicles"))
    assert (outcome.kind, outcome.reply["errorType"]) == ("error", "PermissionError")


@pytest.mark.parametrize(
    ("missing", "kind", "reported"),
    (
        ("botocore", "response", {"statusCode": 500}),
        ("pydantic", "init/error", {"errorType": "Runtime.ImportModuleError"}),
    ),
)
@pytest.mark.parametrize("package", ("VehicleLambda",), indirect=True)
def test_missing_dependency_is_reported(
    deployment: Deployment, package: Package, missing: str, kind: str, reported: Mapping[str, object]
) -> None:
    gone = package.folder / missing
    for folder in (package.folder, gone, *gone.rglob("*/")):
        folder.chmod(0o755)
    shutil.rmtree(gone)
    outcome = run(deployment, package, asking("/vehicles"))
    assert (outcome.kind, {name: outcome.reply[name] for name in reported}) == (kind, reported)
