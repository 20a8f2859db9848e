"""What the command line writes to files: formats, filters, templates. The fleet that comes back: test_cli_fleets."""

import csv
import os
import sys
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import pytest
from python_calamine import CalamineWorkbook

from tests.support.command_line import OTHER_VIN, VIN, CommandLine
from tests.support.processes import finish, read_terminal, run
from vehicles.domain.vehicle import vehicle_record
from vehicles.entrypoints.cli.terminal import Exit

NUMBER: Final = "00045E78901234567"
"""A VIN that spreadsheets read as a number."""


def workbook(content: bytes) -> list[list[Any]]:
    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    for vin, axles, fuel in ((VIN, "3", "diesel"), (OTHER_VIN, "2", "electric"), (NUMBER, "2", "diesel")):
        cli.run("register", vin, "--axles", axles, "--fuel", fuel)
    return cli


def exported(cli: CommandLine, *arguments: str) -> list[str]:
    """Return the VINs of an export as CSV."""
    _, *rows = csv.reader(cli.run("export", *arguments).stdout.splitlines())
    return [row[0].removeprefix('="').removesuffix('"') for row in rows]


@pytest.mark.parametrize("name", ("fleet.xlsx", "FLEET.XLSX"))
def test_name_chooses_a_workbook(name: str, filled: CommandLine, tmp_path: Path) -> None:
    result = filled.run("export", tmp_path / name)
    fleet = [[*vehicle_record(vehicle).values()] for vehicle in filled.fleet()]
    assert result.stderr == f"3 vehicles written to {tmp_path / name}\n"
    assert workbook((tmp_path / name).read_bytes()) == [["vin", "noOfAxles", "fuelType", "timestamp"], *fleet]


def test_workbook_goes_through_a_pipe(filled: CommandLine) -> None:
    process = filled.start("export", "--format", "xlsx")
    content, _ = finish(process)
    assert len(workbook(content)) == 1 + 3


def test_workbook_is_not_shown_on_a_terminal(filled: CommandLine) -> None:
    ours, theirs = os.openpty()
    process = filled.start("export", "--format", "xlsx", stdout=theirs)
    os.close(theirs)
    seen = read_terminal(ours)
    _, stderr = finish(process)
    assert (process.returncode, seen) == (Exit.USAGE, b"")
    assert b"A terminal cannot show a workbook; give the name of a file." in stderr


def test_closed_pipe_ends_a_workbook_quietly(filled: CommandLine) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = filled.start("export", "--format", "xlsx", stdout=writer)
    os.close(writer)
    _, stderr = finish(process)
    assert (process.returncode, stderr) == (Exit.BROKEN_PIPE, b"")


@pytest.mark.parametrize(
    "arguments",
    (
        ("fleet.csv", "--format", "xlsx"),
        ("fleet.xlsx", "--format", "csv"),
        ("fleet.ndjson", "--format", "csv"),
        ("fleet.csv", "--json"),
        ("fleet.xlsx", "--excel", "de"),
        ("fleet.jsonl", "--delimiter", ";"),
        ("-", "--delimiter", ";", "--excel", "de"),
        ("fleet.xls",),
        ("fleet.ods",),
        ("fleet.json",),
        ("--wmi", "IOQ"),
    ),
    ids=" ".join,
)
def test_contradiction_is_wrong_usage(arguments: tuple[str, ...], cli: CommandLine) -> None:
    result = cli.run("export", *arguments)
    assert (result.exit_code, result.stdout) == (Exit.USAGE, "")


@pytest.mark.parametrize(
    ("name", "options", "beginning"),
    (
        ("fleet.csv", (), b"vin,noOfAxles,"),
        ("fleet", (), b"vin,noOfAxles,"),
        ("fleet.tsv", (), b"vin\tnoOfAxles\t"),
        ("fleet.csv", ("--delimiter", ";"), b"vin;noOfAxles;"),
        ("fleet.csv", ("--delimiter", "tab"), b"vin\tnoOfAxles\t"),
        ("fleet.csv", ("--excel", "de"), b"\xef\xbb\xbfvin;noOfAxles;"),
        ("fleet.csv", ("--excel", "us"), b"\xef\xbb\xbfvin,noOfAxles,"),
        ("fleet.txt", ("--format", "jsonl"), b'{"vin": '),
    ),
)
def test_options_choose_the_dialect(
    name: str, options: tuple[str, ...], beginning: bytes, filled: CommandLine, tmp_path: Path
) -> None:
    filled.run("export", tmp_path / name, *options)
    assert (tmp_path / name).read_bytes().startswith(beginning)


@pytest.mark.parametrize(
    ("options", "vins"),
    (
        ((), [NUMBER, VIN, OTHER_VIN]),
        (("--fuel", "diesel"), [NUMBER, VIN]),
        (("--axles", "2"), [NUMBER, OTHER_VIN]),
        (("--wmi", "wma"), [VIN]),
        (("--vin-ends-with", OTHER_VIN[-6:]), [OTHER_VIN]),
        (("--fuel", "diesel", "--axles", "2"), [NUMBER]),
        (("--fuel", "hydrogen"), []),
    ),
)
def test_filters_are_those_of_list(options: tuple[str, ...], vins: list[str], filled: CommandLine) -> None:
    listed = [line.split()[0] for line in filled.run("list", *options).stdout.splitlines()[1:]]
    assert (exported(filled, *options), listed) == (vins, vins)


def test_filtered_export_has_every_page(cli: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_text(cli.run("sample", "2500").stdout)
    cli.run("import", tmp_path / "fleet.csv")
    diesel = [str(vehicle.vin) for vehicle in cli.fleet() if vehicle.fuel_type == "diesel"]
    assert (exported(cli, "--fuel", "diesel"), len(diesel) > 1000) == (diesel, True)


@pytest.mark.parametrize("options", ((), ("--excel", "de"), ("--excel", "us"), ("--delimiter", ";")))
def test_vin_like_a_number_comes_back(options: tuple[str, ...], filled: CommandLine, tmp_path: Path) -> None:
    filled.run("export", tmp_path / "fleet.csv", *options)
    back = CommandLine(tmp_path / "back")
    assert f'"=""{NUMBER}"""' in (tmp_path / "fleet.csv").read_text()
    back.run("import", tmp_path / "fleet.csv", "--keep-timestamps")
    assert back.fleet() == filled.fleet()


def test_template_is_written_once(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"
    first, second, third = (cli.run("template", path, *options) for options in ((), (), ("--overwrite",)))
    assert (first.exit_code, first.stderr) == (Exit.DONE, f"template written to {path}\n")
    assert (second.exit_code, third.exit_code) == (Exit.REFUSED, Exit.DONE)
    assert workbook(path.read_bytes())[0] == ["vin", "noOfAxles", "fuelType"]


def test_template_is_a_workbook(cli: CommandLine) -> None:
    assert cli.run("template", "template.csv").exit_code == Exit.USAGE


@pytest.mark.parametrize("arguments", (("export", "fleet.xlsx"), ("template", "template.xlsx")))
def test_missing_library_is_one_line(arguments: tuple[str, ...], tmp_path: Path) -> None:
    program = (
        "import os, sys; sys.modules['xlsxwriter'] = None; os.chdir(sys.argv.pop(1)); "
        "from vehicles.entrypoints.cli.main import main; main()"
    )
    environment = os.environ | {"VEHICLES_DATA": str(tmp_path / "data")}
    done = run(sys.executable, "-c", program, tmp_path, *arguments, env=environment, check=False)
    needed = "vehicles: a workbook needs the extra excel, which is not installed: pip install 'vehicle-registry[excel]'"
    assert (done.returncode, done.stderr) == (Exit.USAGE, f"{needed}\n")
    assert not (tmp_path / arguments[1]).exists()
