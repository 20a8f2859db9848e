"""The package of each function: all it needs and no more, for its processor, the same bytes each time."""

import hashlib
import re
import shutil
import ssl
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.processes import run

ROOT: Final = Path(__file__).parents[2]
AARCH64: Final = 183
X86_64: Final = 62
"""The processors, as the header of an ELF file names them in its bytes 18 and 19."""

FUNCTIONS: Final = ("VehicleLambda", "SummaryLambda")
MEBIBYTE: Final = 2**20
MOST: Final = {"VehicleLambda": (9, 27), "SummaryLambda": (8, 20)}
"""Mebibytes, zipped and unzipped: a tenth of what Lambda takes. VehicleLambda also has pages and fleet files."""

FILE_PACKAGES: Final = {"python_calamine", "python_multipart", "xlsxwriter"}


def build(function: str, folder: Path, architecture: str) -> Path:
    folder.mkdir()
    script = ROOT / "scripts" / "lambda_package.py"
    run(sys.executable, script, function, folder, architecture, timeout=300)
    return folder


def run_isolated(program: str, *arguments: str | Path, **environment: str) -> str:
    """Return what a program writes where nothing is installed."""
    return run(sys.executable, "-I", "-S", "-c", program, *arguments, env=environment).stdout


def digest(folder: Path) -> dict[str, tuple[str, int, float]]:
    """Return content, permissions and time of every file."""
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mode,
            path.stat().st_mtime,
        )
        for path in folder.rglob("*.*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    folder = tmp_path_factory.mktemp("packages")
    return {function: build(function, folder / function, "x86_64") for function in FUNCTIONS}


@pytest.fixture(scope="module")
def package(packages: Mapping[str, Path]) -> Path:
    """The one that lacks least."""
    return packages["SummaryLambda"]


@pytest.fixture(scope="module")
def package_for_arm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("SummaryLambda", tmp_path_factory.mktemp("package") / "arm64", "arm64")


def test_same_sources_give_same_bytes(package: Path, tmp_path: Path) -> None:
    assert digest(package) == digest(build("SummaryLambda", tmp_path / "again", "x86_64"))


@pytest.mark.parametrize(("built", "processor"), (("package", X86_64), ("package_for_arm", AARCH64)))
def test_libraries_are_for_processor(built: str, processor: int, request: pytest.FixtureRequest) -> None:
    folder: Path = request.getfixturevalue(built)
    libraries = list(folder.rglob("*.so"))
    assert libraries
    assert {int.from_bytes(library.read_bytes()[18:20], "little") for library in libraries} == {processor}


def test_bytecode_is_taken_unchecked(package: Path) -> None:
    sources, compiled = list(package.rglob("*.py")), list(package.rglob("*.pyc"))
    assert len(sources) == len(compiled)
    assert {int.from_bytes(path.read_bytes()[4:8], "little") for path in compiled} == {0b01}  # PEP 552: hash, unchecked


@pytest.mark.parametrize("function", FUNCTIONS)
def test_package_holds_what_function_imports(function: str, packages: Mapping[str, Path]) -> None:
    # Isolated, without site-packages: whatever is missing from the package is missing.
    program = """if True:
        import importlib, pkgutil, sys
        sys.path.insert(0, sys.argv[1])
        import vehicles
        for module in pkgutil.walk_packages(vehicles.__path__, "vehicles."):
            importlib.import_module(module.name)
        vehicles.adapters.aws.dynamodb.make_dynamodb_client(), vehicles.adapters.aws.s3.make_s3_client()
        unwanted = {"click", "filelock", "granian", "sqlite3"}
        print(*sorted(unwanted & {module.split(".")[0] for module in sys.modules}))
    """
    assert run_isolated(program, packages[function], AWS_DEFAULT_REGION="eu-west-1") == "\n"


@pytest.mark.parametrize("service", ("dynamodb", "s3"))
def test_sdk_knows_what_adapters_call(service: str, package: Path) -> None:
    adapter = (ROOT / "src" / "vehicles" / "adapters" / "aws" / f"{service}.py").read_text()
    calls = re.findall(r"self\._?client\.(?!get_paginator|meta)(\w+)\(", adapter)
    calls += re.findall(r'get_paginator\("(\w+)"\)', adapter)
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from vehicles.adapters.aws.client import make_client; "
        "print(*sorted(make_client(sys.argv[2]).meta.method_to_api_mapping))"
    )
    assert run_isolated(program, package, service, AWS_REGION="eu-west-1").split() == sorted(set(calls))


def test_certificates_are_those_of_amazon(package: Path) -> None:
    context = ssl.create_default_context(cafile=package / "botocore" / "cacert.pem")
    subjects: list[Any] = [root["subject"] for root in context.get_ca_certs()]
    holders = {part[0][1] for subject in subjects for part in subject if part[0][0] == "commonName"}
    assert holders == {
        *(f"Amazon Root CA {number}" for number in (1, 2, 3, 4)),
        "Starfield Services Root Certificate Authority - G2",
    }


@pytest.mark.parametrize("function", FUNCTIONS)
def test_package_makes_the_page_anywhere(function: str, packages: Mapping[str, Path]) -> None:
    # Also where the machine has no time zones of its own.
    program = """if True:
        import sys
        sys.path.insert(0, sys.argv[1])
        from datetime import datetime
        from zoneinfo import ZoneInfo
        from vehicles.adapters.report_formats.page import render_page
        from vehicles.domain.summary.counts import Summary
        from vehicles.domain.summary.week import IsoWeek
        from vehicles.domain.summary.report import WeeklyReport
        summary = Summary.of(IsoWeek.parse("2026-W47"), ZoneInfo("Europe/Berlin"), [])
        sys.stdout.write(render_page(WeeklyReport.of(summary, complete=True, earlier=None)).decode())
    """
    assert "time zone Europe/Berlin" in run_isolated(program, packages[function], PYTHONTZPATH="")


def test_package_reads_and_writes_workbooks(packages: Mapping[str, Path]) -> None:
    program = """if True:
        import sys
        sys.path.insert(0, sys.argv[1])
        from datetime import UTC, datetime
        from io import BytesIO
        from vehicles import FuelType, Vehicle, Vin, VinPolicy
        from vehicles.entrypoints.fleet_files.reader import ReadOptions, read_fleet
        from vehicles.entrypoints.fleet_files.writing import FleetFileFormat, fleet_in_chunks
        truck = Vehicle(Vin.parse("WMAH05ZZ04M012345"), 3, FuelType.DIESEL, datetime(2026, 1, 1, tzinfo=UTC))
        book = BytesIO(b"".join(fleet_in_chunks([[truck]], FleetFileFormat.XLSX)))
        print(*(row.vehicle == truck for row in read_fleet(book, VinPolicy.STRICT.check, ReadOptions()).rows))
    """
    assert run_isolated(program, packages["VehicleLambda"]) == "True\n"


@pytest.mark.parametrize("name", ("http/docs_page/swagger-ui-bundle.js", "console/vendor/preact.js"))
def test_package_serves_its_pages(packages: Mapping[str, Path], name: str) -> None:
    page = Path("vehicles") / "entrypoints" / name
    assert [function for function in FUNCTIONS if (packages[function] / page).exists()] == ["VehicleLambda"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_package_holds_no_more(function: str, packages: Mapping[str, Path]) -> None:
    package = packages[function]
    files = [path.relative_to(package) for path in package.rglob("*") if path.is_file()]
    assert not [path for path in files if path.suffix in {".c", ".pyi", ".pyx", ".pxd"} or "tests" in path.parts]
    assert not [path for path in files if path.stem in {"cli", "server", "sqlite"} and path.parts[0] == "vehicles"]
    expected = FILE_PACKAGES if function == "VehicleLambda" else set()
    assert {"click", "granian", *FILE_PACKAGES} & {path.parts[0] for path in files} == expected
    assert not [path for path in files if path.parts[:2] in {("boto3", "data"), ("boto3", "examples")}]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_package_is_small(function: str, packages: Mapping[str, Path], tmp_path: Path) -> None:
    package = packages[function]
    most_zipped, most_unzipped = MOST[function]
    zipped = Path(shutil.make_archive(str(tmp_path / function), "zip", package)).stat().st_size
    unzipped = sum(path.stat().st_size for path in package.rglob("*") if path.is_file())
    assert zipped <= most_zipped * MEBIBYTE
    assert unzipped <= most_unzipped * MEBIBYTE
