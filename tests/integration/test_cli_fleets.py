"""Fleets in and out by the command line: true counts, nothing half-way unsaid, the same fleet on the other side."""

import csv
import json
import os
import re
import signal
import sqlite3
import sys
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import xlsxwriter
from hypothesis import given

from tests.support.command_line import ADVISORY_VIN, HEADER, MISREAD_VIN, OTHER_VIN, VIN, CommandLine
from tests.support.processes import finish, read_terminal, run
from tests.support.server_process import UNMEASURED
from vehicles.container import utc_now
from vehicles.domain.vehicle import Vehicle, format_timestamp
from vehicles.entrypoints.cli.sample import sample_vehicles
from vehicles.entrypoints.cli.terminal import Exit
from vehicles.entrypoints.fleet_files.writing import FleetFileFormat, write_fleet
from vehicles.testing.strategies import fleets, timestamps

UNTIL = datetime(2026, 1, 1, tzinfo=UTC)


def fleet_file(directory: Path, *rows: str, header: str = HEADER, name: str = "fleet.csv") -> Path:
    path = directory / name
    path.write_text(header + "".join(f"{row}\n" for row in rows))
    return path


@pytest.fixture
def two(tmp_path: Path) -> Path:
    return fleet_file(tmp_path, f"{VIN},3,diesel", f"{OTHER_VIN},2,electric")


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    """Two and a half batches."""
    path = tmp_path / "sample.csv"
    with path.open("wb") as stream:
        write_fleet(sample_vehicles(2500, seed=5, until=UNTIL), stream, FleetFileFormat.CSV)
    return path


# --- import ----------------------------------------------------------------------------------------------------------


def test_import_counts_what_it_did(cli: CommandLine, two: Path) -> None:
    result = cli.run("import", two)
    assert (result.exit_code, result.stdout, result.stderr) == (
        Exit.DONE,
        "2 added, 0 already there, 0 changed, 0 refused\n",
        "",
    )


def test_content_decides_about_the_format(cli: CommandLine, tmp_path: Path) -> None:
    path = fleet_file(tmp_path, f'{{"vin":"{VIN}","noOfAxles":3,"fuelType":"diesel"}}', header="", name="fleet.csv")
    assert cli.json("import", path)["added"] == 1


def test_refused_rows_come_back_to_be_fixed(cli: CommandLine, tmp_path: Path) -> None:
    path = fleet_file(
        tmp_path, f"{VIN};3;diesel;T 1", f"{OTHER_VIN};6x2;diesel;T 2", f"{MISREAD_VIN};2;gas;T 3", header=""
    )
    path.write_text(f"Fahrgestellnummer;Achsen;Kraftstoff;Kennzeichen\n{path.read_text()}")
    to_fix = tmp_path / "to-fix.csv"
    first = cli.run("import", path, "--refused", to_fix)
    assert (first.exit_code, first.stdout) == (Exit.REFUSED, "1 added, 0 already there, 0 changed, 2 refused\n")
    rows = list(csv.DictReader(to_fix.read_text("utf-8-sig").splitlines(), delimiter=";"))  # as in the file
    assert [(row["Fahrgestellnummer"], row["Kennzeichen"], row["suggestion"]) for row in rows] == [
        (OTHER_VIN, "T 2", ""),
        (MISREAD_VIN, "T 3", "WMAH05ZZ94M012340"),
    ]
    assert 'it is "6x2"; write a whole number from 1 to 99' in rows[0]["error"]
    assert cli.run("import", path, "--refused", to_fix).exit_code == Exit.REFUSED  # the file is there already
    fixed = to_fix.read_text("utf-8-sig").replace("6x2", "3").replace("gas;", "gaseous;")
    to_fix.write_text(fixed.replace(MISREAD_VIN, "WMAH05ZZ94M012340"))
    assert cli.run("import", to_fix).stdout == "2 added, 0 already there, 0 changed, 0 refused\n"


def test_refused_rows_do_not_replace_the_file(cli: CommandLine, two: Path) -> None:
    before = two.read_bytes()
    result = cli.run("import", two, "--refused", two, "--overwrite")
    assert (result.exit_code, two.read_bytes()) == (Exit.USAGE, before)


def test_row_that_ends_an_import_is_named_as_in_the_file(cli: CommandLine, tmp_path: Path) -> None:
    path = fleet_file(tmp_path, json.dumps([{"vin": VIN, "noOfAxles": 3, "fuelType": "diesel"}], indent=1), header="")
    cli.run("import", path)
    assert "item 1, line 2: the VIN is already registered" in cli.run("import", path, "--on-conflict", "fail").stderr


def test_column_is_assigned_once(cli: CommandLine, two: Path) -> None:
    result = cli.run("import", two, "--column", "vin=VIN", "--column", "vin=Fuel")
    assert (result.exit_code, '"vin" is given more than once' in result.stderr) == (Exit.USAGE, True)


def test_template_alone_imports_nothing(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "fleet.xlsx"
    assert cli.run("template", path).exit_code == Exit.DONE
    result = cli.run("import", path)
    assert (result.exit_code, result.stdout) == (Exit.DONE, "0 added, 0 already there, 0 changed, 0 refused\n")
    assert result.stderr == "note: row 2 is the example of the template, and is skipped\n"


def test_dry_run_shows_the_changes_of_a_partial_file(cli: CommandLine, tmp_path: Path, two: Path) -> None:
    cli.run("import", two)
    path = fleet_file(tmp_path, f"{VIN},3", header="vin,noOfAxles\n")
    options = ("import", path, "--on-conflict", "update", "--dry-run")
    assert f"  line 2: {VIN}, 3 axles\n" in cli.run(*options).stdout
    assert cli.json(*options)["understood"]["first"] == [{"vin": VIN, "noOfAxles": 3}]


def test_workbook_is_imported_and_its_refused_rows_too(cli: CommandLine, tmp_path: Path) -> None:
    path, to_fix = tmp_path / "fleet.xlsx", tmp_path / "to-fix.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Cover").write(0, 0, "Fleet 2026")
        sheet = book.add_worksheet("Trucks")
        for number, row in enumerate((("VIN", "Wheels", "Fuel"), (VIN, 3, "Diesel"), (OTHER_VIN, 3, "steam"))):
            sheet.write_row(number, 0, row)
    options = ("--sheet", "Trucks", "--column", "noOfAxles=Wheels")
    result = cli.run("import", path, *options, "--refused", to_fix)
    assert (result.exit_code, result.stdout) == (Exit.REFUSED, "1 added, 0 already there, 0 changed, 1 refused\n")
    assert result.stderr.startswith('row 3: fuelType: vehicle.fuel_type: it is "steam"; choose one of electric, ')
    again = cli.run("import", to_fix, "--column", "noOfAxles=Wheels")
    assert again.stderr.splitlines()[0] == 'note: columns ignored: "error", "suggestion"'


def test_suggestion_is_accepted_when_asked(cli: CommandLine, tmp_path: Path) -> None:
    path = fleet_file(tmp_path, f"*{VIN}*,3,diesel", f"{MISREAD_VIN},3,diesel")
    result = cli.run("import", path, "--accept-suggestions")
    assert (result.exit_code, result.stdout) == (Exit.REFUSED, "1 added, 0 already there, 0 changed, 1 refused\n")
    assert result.stderr.splitlines()[0] == f'line 2: took {VIN} for "*{VIN}*"'


def test_dry_run_shows_how_the_file_is_understood(cli: CommandLine, tmp_path: Path) -> None:
    path = fleet_file(tmp_path, f"{VIN};T 1;3;Diesel", header="VIN;Plate;Axles;Fuel\n")
    shown = cli.run("import", path, "--dry-run").stdout.splitlines()
    assert shown == [
        "understood as CSV, UTF-8, separated by semicolon, headings in line 1",
        '  vin        from "VIN"',
        '  noOfAxles  from "Axles"',
        '  fuelType   from "Fuel"',
        '  ignored    "Plate"',
        f"  line 2: {VIN}, 3 axles, diesel",
        "1 added, 0 already there, 0 changed, 0 refused (dry run, nothing was written)",
    ]
    understood = cli.json("import", path, "--dry-run")["understood"]
    assert (understood["delimiter"], understood["columns"]["vin"], understood["ignored"]) == (";", "VIN", ["Plate"])
    assert understood["first"][0]["vin"] == VIN


@pytest.mark.parametrize(
    ("options", "message"),
    (
        (("--column", "axles=Axles"), '"axles" is not one of vin, noOfAxles, fuelType, timestamp with = and a heading'),
        (("--strict",), '"plate" is no column of a vehicle, which --strict forbids'),
        (("--column", "vin=Chassis"), 'there is no column "Chassis" for vin; the columns are "vin", "noOfAxles"'),
    ),
)
def test_wrong_column_is_named(options: tuple[str, ...], message: str, cli: CommandLine, tmp_path: Path) -> None:
    path = fleet_file(tmp_path, f"{VIN},3,diesel,T 1", header="vin,noOfAxles,fuelType,plate\n")
    assert message in cli.run("import", path, *options).stderr


def test_empty_fuel_of_trailers_is_none(cli: CommandLine, tmp_path: Path) -> None:
    path = fleet_file(tmp_path, "WKESD000000500001,3,", f"{VIN},3,")
    assert cli.json("import", path, "--empty-fuel", "none")["added"] == 2
    assert cli.run("list", "--fuel", "none").stdout.count("none") == 2


def test_import_reads_standard_input(cli: CommandLine) -> None:
    process = cli.start("import", "-")
    ended = finish(process, f'{{"vin":"{VIN}","noOfAxles":3,"fuelType":"diesel"}}'.encode())
    assert (process.returncode, *ended) == (Exit.DONE, b"1 added, 0 already there, 0 changed, 0 refused\n", b"")


def test_refused_row_is_one_line_that_helps(cli: CommandLine, tmp_path: Path) -> None:
    result = cli.run("import", fleet_file(tmp_path, f"{VIN},3,diesel", f"{MISREAD_VIN},3,diesel"))
    assert (result.exit_code, result.stdout) == (Exit.REFUSED, "1 added, 0 already there, 0 changed, 1 refused\n")
    assert result.stderr == (
        "line 3: vin: vin.illegal_character: O at position 17 is never used in a VIN, because it looks like a digit; "
        "probably meant WMAH05ZZ94M012340\n"
    )


def test_import_writes_json(cli: CommandLine, tmp_path: Path) -> None:
    result = cli.run("import", fleet_file(tmp_path, f"{VIN},0,diesel", f"{VIN},3,diesel"), "--json")
    refused, summary = map(json.loads, result.stdout.splitlines())
    assert summary.pop("understood")["format"] == "csv"
    assert (refused["line"], [error["code"] for error in refused["errors"]]) == (2, ["vehicle.axles"])
    assert summary == {
        "added": 1,
        "alreadyThere": 0,
        "repeated": 0,
        "changed": 0,
        "refused": 1,
        "warnings": {},
        "dryRun": False,
        "complete": True,
        "upToLine": 3,
    }


@pytest.mark.parametrize(
    ("mode", "axles", "said"),
    (
        ("skip", 3, "0 added, 2 already there, 0 changed, 0 refused\n"),
        ("update", 9, "0 added, 1 already there, 1 changed, 0 refused\n"),
    ),
)
def test_conflict_is_solved_as_asked(mode: str, axles: int, said: str, filled: CommandLine, tmp_path: Path) -> None:
    before, other = filled.fleet()
    path = fleet_file(tmp_path, f"{VIN},9,diesel", f"{OTHER_VIN},2,electric")
    assert filled.run("import", path, "--on-conflict", mode).stdout == said
    assert filled.fleet() == [replace(before, no_of_axles=axles), other]


@pytest.mark.parametrize("mode", ("skip", "update", "fail"))
def test_first_of_one_vin_wins(mode: str, cli: CommandLine, tmp_path: Path) -> None:
    path = fleet_file(tmp_path, f"{VIN},3,diesel", f"{VIN},2,diesel", f"{VIN.lower()},3,diesel")
    result = cli.run("import", path, "--on-conflict", mode)
    assert (result.exit_code, result.stdout) == (
        Exit.REFUSED,
        "1 added, 0 already there, 0 changed, 1 repeated, 1 refused\n",
    )
    assert "line 3: row.contradiction: contradicts line 2, which has another number of axles: 3\n" in result.stderr
    assert [vehicle.no_of_axles for vehicle in cli.fleet()] == [3]


def test_fail_stops_at_the_row(filled: CommandLine, tmp_path: Path) -> None:
    third, fourth = (str(vehicle.vin) for vehicle in sample_vehicles(2, seed=5, until=UNTIL))
    path = fleet_file(tmp_path, f"{third},2,diesel", f"{VIN},3,diesel", f"{fourth},2,diesel")
    result = filled.run("import", path, "--on-conflict", "fail")
    reason = "vehicles: line 3: the VIN is already registered."
    where = "Every row up to line 2 is in the registry; run it with --on-conflict skip to continue"
    assert (result.exit_code, result.stderr) == (Exit.CONFLICT, f"{reason} {where}\n")
    assert {str(vehicle.vin) for vehicle in filled.fleet()} == {VIN, OTHER_VIN, third}


@pytest.mark.parametrize("dry_run", ((), ("--dry-run",)))
def test_fail_counts_repeats(dry_run: tuple[str, ...], cli: CommandLine, sample: Path) -> None:
    lines = sample.read_text().splitlines(keepends=True)
    sample.write_text("".join([*lines, lines[1]]))
    body = cli.json("import", sample, "--on-conflict", "fail", *dry_run)
    assert (body["added"], body["repeated"], body["complete"]) == (2500, 1, True)


@pytest.mark.parametrize("mode", ("skip", "update"))
def test_dry_run_says_the_same_and_writes_nothing(mode: str, filled: CommandLine, tmp_path: Path) -> None:
    before = filled.fleet()
    new = str(next(sample_vehicles(1, seed=5, until=UNTIL)).vin)
    rows = (f"{new},2,diesel", f"{VIN},9,hybrid", f"{new},3,diesel", f"{OTHER_VIN},2,electric", "x,3,diesel")
    path = fleet_file(tmp_path, *rows)
    dry = filled.run("import", path, "--dry-run", "--on-conflict", mode)
    assert filled.fleet() == before
    wet = filled.run("import", path, "--on-conflict", mode)
    said = dry.stdout.splitlines()[-1]
    assert (said, dry.stderr) == (wet.stdout.replace("\n", " (dry run, nothing was written)"), wet.stderr)


def test_dry_run_that_fails_says_nothing_was_written(filled: CommandLine, two: Path) -> None:
    result = filled.run("import", two, "--dry-run", "--on-conflict", "fail")
    assert result.stderr.endswith("Nothing was written\n")


def test_timestamps_are_ignored_with_a_note(cli: CommandLine, sample: Path) -> None:
    result = cli.run("import", sample)
    assert result.stderr == "note: the timestamps of the file are ignored; --keep-timestamps keeps them\n"


def test_timestamps_are_kept_when_asked(cli: CommandLine, sample: Path) -> None:
    cli.run("import", sample, "--keep-timestamps")
    assert sorted(cli.fleet(), key=str) == sorted(sample_vehicles(2500, seed=5, until=UNTIL), key=str)


def test_file_that_is_no_fleet_is_one_line(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    path.write_bytes(b"\x00\x01\x02\xff")
    result = cli.run("import", path)
    message = "the file is neither text nor a workbook; save the table as CSV or as a workbook"
    assert (result.exit_code, result.stdout, result.stderr) == (Exit.REFUSED, "", f"vehicles: {path}: {message}\n")


@pytest.mark.parametrize("name", ("missing.csv", "."))
def test_file_that_cannot_be_read_is_wrong_usage(name: str, cli: CommandLine, tmp_path: Path) -> None:
    assert cli.run("import", tmp_path / name).exit_code == Exit.USAGE


def test_file_that_breaks_off_is_reported(cli: CommandLine) -> None:
    # The memory of a process can be opened, and not read where nothing is.
    result = cli.run("import", "/proc/self/mem")
    assert (result.exit_code, "Input/output error" in result.stderr) == (Exit.STORAGE, True)


def wait_for(cli: CommandLine, count: int) -> None:
    path, deadline = cli.data / "registry.sqlite3", time.monotonic() + 120
    while not (path.exists() and path.stat().st_size and len(cli.fleet()) >= count):
        assert time.monotonic() < deadline, "the vehicles did not come"
        time.sleep(0.05)


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM, signal.SIGHUP))
def test_interrupted_import_says_where_and_goes_on(cli: CommandLine, sample: Path, number: signal.Signals) -> None:
    process = CommandLine(cli.data, UNMEASURED).start("import", "-")
    assert process.stdin is not None
    process.stdin.write(sample.read_bytes())
    process.stdin.flush()
    wait_for(cli, 2000)
    process.send_signal(number)
    stdout, stderr = finish(process)
    assert process.returncode == Exit.INTERRUPTED
    assert stdout == b"2000 added, 0 already there, 0 changed, 0 refused\n"
    assert stderr.splitlines()[-1] == (
        b"vehicles: interrupted. Every row up to line 2001 is in the registry; run it again to continue"
    )
    assert cli.run("import", sample).stdout == "500 added, 2000 already there, 0 changed, 0 refused\n"


@pytest.mark.slow
def test_lost_storage_says_where_and_goes_on(cli: CommandLine, sample: Path) -> None:
    lines = sample.read_bytes().splitlines(keepends=True)
    process = cli.start("import", "-")
    assert process.stdin is not None
    process.stdin.write(b"".join(lines[:1500]))
    process.stdin.flush()
    wait_for(cli, 1000)
    blocker = sqlite3.connect(cli.data / "registry.sqlite3", isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    _, stderr = finish(process, b"".join(lines[1500:]))
    blocker.close()
    assert process.returncode == Exit.STORAGE
    assert b"Every row up to line 1001 is in the registry; run it again to continue\n" in stderr
    assert cli.run("import", sample).stdout == "1500 added, 1000 already there, 0 changed, 0 refused\n"


def run_on_terminal(cli: CommandLine, *arguments: str | Path) -> bytes:
    ours, theirs = os.openpty()
    process = cli.start(*arguments, stderr=theirs)
    os.close(theirs)
    seen = read_terminal(ours)
    finish(process)
    return seen


def test_terminal_shows_refused_rows_above_a_bar(cli: CommandLine, tmp_path: Path) -> None:
    seen = run_on_terminal(cli, "import", fleet_file(tmp_path, f"{VIN},0,diesel"))
    assert b'\r\x1b[Kline 2 "WMAH05ZZ04M012345": noOfAxles: vehicle.axles: ' in seen
    assert re.search(b"Importing.*100%", seen, re.DOTALL)


def test_empty_file_needs_no_progress_bar(cli: CommandLine, tmp_path: Path) -> None:
    assert b"Importing" not in run_on_terminal(cli, "import", fleet_file(tmp_path, header="", name="fleet.jsonl"))


# --- the advisory policy ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "accepted"), (((), "accepted"), (("--json",), "accepted"), (("--dry-run",), "would be accepted"))
)
def test_accepted_check_digits_are_warned_of(
    options: tuple[str, ...], accepted: str, cli: CommandLine, tmp_path: Path
) -> None:
    path = fleet_file(tmp_path, f"{ADVISORY_VIN},2,diesel", f"{VIN},3,diesel")
    result = cli.run("import", path, "--vin-policy", "advisory", *options)
    last = result.stderr.splitlines()[-1]
    assert (result.exit_code, last) == (Exit.DONE, f"warning: 1 VIN {accepted} although doubtful: vin.check_digit")


def test_advisory_import_of_strict_vins_warns_of_nothing(cli: CommandLine, two: Path) -> None:
    assert cli.run("import", two, "--vin-policy", "advisory").stderr == ""


def test_accepted_vehicle_is_found_by_the_strict(cli: CommandLine, tmp_path: Path) -> None:
    cli.run("import", fleet_file(tmp_path, f"{ADVISORY_VIN},2,diesel"), "--vin-policy", "advisory")
    assert cli.json("get", ADVISORY_VIN)["noOfAxles"] == 2


# --- export and sample -----------------------------------------------------------------------------------------------


def test_future_timestamps_are_refused(cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "fleet.csv"
    days = {VIN: 2, OTHER_VIN: 0.5}
    rows = [f"{vin},3,diesel,{format_timestamp(utc_now() + timedelta(days=ahead))}\n" for vin, ahead in days.items()]
    path.write_text(f"{HEADER.strip()},timestamp\n{''.join(rows)}")
    result = cli.run("import", path, "--keep-timestamps")
    assert (result.stdout, result.stderr.endswith("; it is in the future\n")) == (
        "1 added, 0 already there, 0 changed, 1 refused\n",
        True,
    )


@given(fleets(registered_at=timestamps(last=datetime(2025, 12, 31, tzinfo=UTC))))
def test_export_and_import_give_the_same_registry_on_sqlite(fleet: list[Vehicle]) -> None:
    with TemporaryDirectory() as name:
        there, back = CommandLine(Path(name, "there")), CommandLine(Path(name, "back"))
        path = Path(name, "given.jsonl")
        with path.open("wb") as stream:
            write_fleet(fleet, stream, FleetFileFormat.JSONL)
        there.run("import", path, "--keep-timestamps")
        for exported in (Path(name, "out.csv"), Path(name, "out.jsonl")):
            there.run("export", exported)
            back.run("import", exported, "--keep-timestamps")
            assert back.fleet() == sorted(fleet, key=lambda vehicle: vehicle.vin)
            (back.data / "registry.sqlite3").unlink()


def test_export_writes_csv_or_json_lines(filled: CommandLine) -> None:
    lines = filled.run("export").stdout.splitlines()
    assert (lines[0], [line[:17] for line in lines[1:]]) == ("vin,noOfAxles,fuelType,timestamp", [VIN, OTHER_VIN])
    lines = filled.run("export", "--json").stdout.splitlines()
    assert [json.loads(line)["vin"] for line in lines] == [VIN, OTHER_VIN]


@pytest.mark.parametrize("command", (("export",), ("sample", "1")))
def test_json_and_csv_contradict(command: tuple[str, ...], cli: CommandLine) -> None:
    result = cli.run(*command, "--json", "--format", "csv")
    assert (result.exit_code, result.stdout, json.loads(result.stderr)["error"]["code"]) == (Exit.USAGE, "", "usage")


def test_export_to_a_file_says_how_many(filled: CommandLine, tmp_path: Path) -> None:
    target = tmp_path / "out.jsonl"
    result = filled.run("export", target)
    assert (result.stdout, result.stderr) == ("", f"2 vehicles written to {target}\n")


def test_export_leaves_a_file_alone(cli: CommandLine, two: Path) -> None:
    before = two.read_bytes()
    result = cli.run("export", two)
    assert (result.exit_code, result.stderr, two.read_bytes()) == (
        Exit.REFUSED,
        f"vehicles: {two} already exists; use --overwrite to replace it\n",
        before,
    )


def test_forced_export_takes_the_place_of_a_file(cli: CommandLine, two: Path) -> None:
    cli.run("export", two, "--overwrite")
    assert two.read_text() == "vin,noOfAxles,fuelType,timestamp\n"


def test_forced_export_goes_through_a_link(cli: CommandLine, two: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.csv"
    link.symlink_to(two)
    cli.run("export", link, "--overwrite")
    assert (link.is_symlink(), two.read_text()) == (True, "vin,noOfAxles,fuelType,timestamp\n")


def test_forced_export_spares_a_device(cli: CommandLine) -> None:
    result = cli.run("export", "/dev/null", "--overwrite")
    assert (result.exit_code, result.stderr) == (
        Exit.REFUSED,
        "vehicles: /dev/null already exists; it is not a regular file\n",
    )


def test_failed_export_leaves_nothing(filled: CommandLine, tmp_path: Path) -> None:
    with sqlite3.connect(filled.data / "registry.sqlite3") as connection:
        connection.execute("UPDATE vehicle SET fuel_type = 'coal'")
    connection.close()
    target = tmp_path / "out" / "fleet.csv"
    target.parent.mkdir()
    assert (filled.run("export", target).exit_code, list(target.parent.iterdir())) == (Exit.STORAGE, [])


def test_export_into_a_missing_directory_is_one_line(cli: CommandLine, tmp_path: Path) -> None:
    target = tmp_path / "missing" / "fleet.csv"
    result = cli.run("export", target)
    assert (result.exit_code, result.stderr) == (Exit.STORAGE, f"vehicles: {target}: No such file or directory\n")


def test_one_of_many_exports_makes_the_file(filled: CommandLine, tmp_path: Path) -> None:
    processes = [filled.start("export", tmp_path / "out.csv") for _ in range(3)]
    for process in processes:
        finish(process)
    codes = Counter(process.returncode for process in processes)
    assert (codes[Exit.DONE], (tmp_path / "out.csv").read_text().count("\n")) == (1, 3)


@pytest.mark.parametrize("option", ((), ("--timestamps",)))
def test_sample_is_a_fleet_to_import(option: tuple[str, ...], cli: CommandLine, tmp_path: Path) -> None:
    path = tmp_path / "sample.csv"
    path.write_text(cli.run("sample", "300", "--seed", "9", *option).stdout)
    assert cli.json("import", path, "--keep-timestamps" if option else "--dry-run")["added"] == 300


@pytest.mark.parametrize("option", ("--json", "--format=jsonl"))
def test_sample_writes_json_lines(option: str, cli: CommandLine) -> None:
    assert set(json.loads(cli.run("sample", "1", option).stdout)) == {"vin", "noOfAxles", "fuelType"}


@pytest.mark.slow
def test_memory_of_import_does_not_grow(tmp_path: Path) -> None:
    def kilobytes(count: int) -> int:
        path = tmp_path / f"{count}.csv"
        with path.open("wb") as stream:
            write_fleet(sample_vehicles(count, seed=1, until=UNTIL), stream, FleetFileFormat.CSV)
        code = (
            "import resource\nfrom vehicles.entrypoints.cli.main import vehicles\n"
            f"vehicles(['--data', {str(tmp_path / str(count))!r}, 'import', {str(path)!r}], standalone_mode=False)\n"
            "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
        )
        return int(run(sys.executable, "-c", code, env=os.environ | UNMEASURED).stdout.splitlines()[-1])

    assert kilobytes(100_000) < 1.1 * kilobytes(20_000)
