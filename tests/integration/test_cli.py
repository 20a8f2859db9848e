"""The command line: what it writes where, how it ends, and that no mistake of a user shows its inside."""

import json
import os
import re
import signal
import socket
import sqlite3
import sys
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.support.command_line import MISREAD_VIN, OTHER_VIN, VIN, CommandLine
from tests.support.processes import finish, read_line, read_terminal, run
from tests.support.server_process import UNMEASURED
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.cli.main import vehicles
from vehicles.entrypoints.cli.terminal import Exit

# --- the whole -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", Exit)
def test_help_documents_exit_code(code: Exit, cli: CommandLine) -> None:
    assert f"{code:>5}  {code.meaning}" in cli.run("--help").stdout


@pytest.mark.parametrize("name", vehicles.commands)
def test_every_command_has_json(name: str, cli: CommandLine) -> None:
    assert "--json" in cli.run(name, "--help").stdout


def test_version_is_that_of_the_package(cli: CommandLine) -> None:
    assert cli.run("--version").stdout == f"vehicles, version {version('vehicle-registry')}\n"


@pytest.mark.parametrize("place", ("before", "behind"))
def test_global_option_may_stand_anywhere(place: str, cli: CommandLine) -> None:
    option = ("--backend", "memory")
    arguments = (*option, "list") if place == "before" else ("list", *option)
    assert (cli.run(*arguments).exit_code, cli.data.exists()) == (Exit.DONE, False)


@pytest.mark.parametrize(
    ("arguments", "line"),
    (
        (
            ("--backend", "aws", "--bucket", "B", "list"),
            "vehicles: --bucket is 'B'; it must be the name of an S3 ",
        ),
        (("list", "--backend", "x"), "vehicles: --backend is 'x'; it must be sqlite, memory or aws"),
        (("serve", "--port", "x"), "vehicles: --port is 'x'; it must be a whole number from 0 to 65535"),
        (("serve", "--host", "0.0.0.0"), "vehicles: 0.0.0.0 can be reached from other machines: "),  # noqa: S104 — refused is the point
    ),
)
def test_wrong_setting_is_one_line(arguments: tuple[str, ...], line: str, cli: CommandLine) -> None:
    result = cli.run(*arguments)
    assert (result.exit_code, result.stderr.count("\n"), result.stderr[: len(line)]) == (Exit.USAGE, 1, line)


@pytest.mark.parametrize(
    "arguments",
    (
        ("fly",),
        ("list", "--wings", "2"),
        ("register", VIN, "--axles", "3"),
        ("register", VIN, "--axles", "0", "--fuel", "diesel"),
        ("register", VIN, "--axles", "3", "--fuel", "coal"),
        ("change", VIN),
        ("list", "--wmi", "W"),
        ("list", "--vin-ends-with", "IOQ"),
        ("list", "--vin-contains", "12"),
        ("list", "--limit", "-1"),
        ("summarize", "--week", "2026-W54"),
        ("summarize", "--week", "soon"),
        ("summary", "--week", "soon"),
        ("summary", "--open", "--json"),
        ("summary", "--open", "--format", "csv"),
        ("summary", "--output", "summary.pdf"),
        ("serve", "--summarize", "hourly"),
    ),
)
def test_wrong_usage_has_its_exit_code(arguments: tuple[str, ...], cli: CommandLine) -> None:
    assert cli.run(*arguments).exit_code == Exit.USAGE


@pytest.mark.parametrize("variable", ("", "1"))
@pytest.mark.parametrize("arguments", (("list",), ("get", VIN)), ids=("data", "error"))
def test_no_color_is_honoured_on_a_terminal(arguments: tuple[str, ...], variable: str, cli: CommandLine) -> None:
    ours, theirs = os.openpty()
    process = CommandLine(cli.data, {"NO_COLOR": variable}).start(*arguments, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = read_terminal(ours)
    finish(process)
    assert (b"\x1b[" in seen) == (variable == "")


def test_closed_pipe_is_no_error_of_ours(cli: CommandLine) -> None:
    process = cli.start("sample", "100000")
    read_line(process.stdout)
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    _, stderr = finish(process)
    assert (process.returncode, stderr) == (Exit.BROKEN_PIPE, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_full_disk_behind_output_is_one_line(cli: CommandLine) -> None:
    with Path("/dev/full").open("wb") as full:
        process = cli.start("sample", "10", stdout=full)
        _, stderr = finish(process)
    assert (process.returncode, stderr) == (Exit.STORAGE, b"vehicles: No space left on device\n")


def test_interrupted_command_says_so(cli: CommandLine) -> None:
    process = CommandLine(cli.data, UNMEASURED).start("sample", "1000000")
    read_line(process.stdout)
    process.send_signal(signal.SIGINT)
    _, stderr = finish(process)
    assert (process.returncode, stderr) == (Exit.INTERRUPTED, b"vehicles: interrupted\n")


# --- vehicles --------------------------------------------------------------------------------------------------------


def test_registered_vehicle_is_shown(cli: CommandLine) -> None:
    body = cli.json("register", VIN.lower(), "--axles", "3", "--fuel", "diesel")
    assert (body["vin"], body["noOfAxles"], body["fuelType"]) == (VIN, 3, "diesel")


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    (
        (f"register {VIN} --axles 3 --fuel diesel", Exit.CONFLICT, "already registered"),
        (f"register {MISREAD_VIN} --axles 3 --fuel diesel", Exit.REFUSED, "; probably meant WMAH05ZZ94M012340\n"),
        ("get 1M8GDM9AXKP042788", Exit.NOT_FOUND, ""),
        ("delete 1M8GDM9AXKP042788", Exit.NOT_FOUND, ""),
        (f"get {VIN}", Exit.DONE, f"VIN          {VIN}\naxles        3\nfuel         diesel\n"),
        ("list --limit 1", Exit.DONE, "\n1 vehicle\n"),
        ("explain 1M8GDM9AXKP042788", Exit.DONE, "model year   1989 or 2019\n"),
        ("explain WMAH05ZZ94M012345", Exit.DONE, "unusual: "),
        ("explain D1200000000000123", Exit.DONE, "country      not known, region not known\n"),
        ("explain IM8GDM9AXKPO42788", Exit.REFUSED, "meant 1M8GDM9AXKP042788, its check digit matches\n"),
        ("openapi", Exit.DONE, '"openapi": "3.1'),
        ("doctor --backend memory", Exit.DONE, "ok      storage: memory; "),
    ),
)
def test_command_answers(filled: CommandLine, arguments: str, code: Exit, words: str) -> None:
    result = filled.run(*arguments.split())
    assert (result.exit_code, words in result.output) == (code, True), result.output


def test_list_is_a_table_for_people(filled: CommandLine) -> None:
    result = filled.run("list")
    assert re.fullmatch(
        rf"VIN +axles +fuel +registered\n{VIN}      3  diesel    \S+Z\n{OTHER_VIN}      2  electric  \S+Z\n",
        result.stdout,
    )
    assert result.stderr == "2 vehicles\n"


@pytest.mark.parametrize(
    "filters",
    (
        (),
        ("--fuel", "electric"),
        ("--axles", "2"),
        ("--wmi", "ys2"),
        ("--vin-ends-with", "399401"),
        ("--vin-contains", "4x2000"),
        (
            "--fuel",
            "electric",
            "--fuel",
            "hybrid",
            "--registered-since",
            "2026-11-23",
            "--registered-before",
            "9999-01-01",
        ),
        ("--fuel", "electric", "--axles", "2", "--wmi", "YS2", "--vin-ends-with", "399401"),
    ),
)
def test_list_keeps_to_its_filters(filters: tuple[str, ...], filled: CommandLine) -> None:
    lines = filled.run("list", "--json", *filters).stdout.splitlines()
    assert [json.loads(line)["vin"] for line in lines] == ([OTHER_VIN] if filters else [VIN, OTHER_VIN])


@pytest.mark.parametrize(
    "past", ("2020-01-01", "2020-01-01 08:00:00", "2020-01-01t08:00:00.5z", "2020-01-01T08:00:00+01:00")
)
def test_time_bounds_the_list(past: str, filled: CommandLine) -> None:
    since, before = (filled.run("list", "--json", f"--registered-{side}", past) for side in ("since", "before"))
    assert (len(since.stdout.splitlines()), before.output) == (2, "")


@pytest.mark.parametrize("text", ("yesterday", "2020-01-01T08", "2020-02-30"))
def test_wrong_time_is_named(text: str, cli: CommandLine) -> None:
    result = cli.run("list", "--registered-since", text)
    assert (result.exit_code, f"'{text}' is neither a date" in result.stderr) == (Exit.USAGE, True)


def test_list_walks_all_pages(cli: CommandLine, tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.csv"
    fleet.write_text(cli.run("sample", "2500").stdout)
    cli.run("import", fleet)
    assert len(set(cli.run("list", "--json").stdout.splitlines())) == 2500


@pytest.mark.parametrize(
    ("option", "expected"), ((("--axles", "4"), (4, "diesel")), (("--fuel", "hybrid"), (3, "hybrid")))
)
def test_change_keeps_what_is_not_given(
    option: tuple[str, str], expected: tuple[int, str], filled: CommandLine
) -> None:
    body = filled.json("change", VIN, *option)
    assert (body["noOfAxles"], body["fuelType"]) == expected


def test_stale_change_is_a_conflict(filled: CommandLine) -> None:
    seen = filled.json("get", VIN)["version"]
    ended = [filled.run("change", VIN, "--axles", axles, "--if-version", seen).exit_code for axles in ("4", "5")]
    assert ended == [Exit.DONE, Exit.CONFLICT]


def test_deleted_vehicle_is_gone(filled: CommandLine) -> None:
    assert filled.run("delete", VIN).stderr == f"deleted {VIN}\n"
    assert filled.json("delete", OTHER_VIN) == {"deleted": OTHER_VIN}
    assert filled.fleet() == []


def test_explain_writes_json(cli: CommandLine) -> None:
    assert cli.json("explain", VIN)["parts"]["wmi"] == "WMA"


def test_hostile_argument_is_refused(cli: CommandLine) -> None:
    process = cli.start("explain", "\udcff\x1b[2J")
    stdout, stderr = finish(process)
    assert (process.returncode, b"\x1b" in stdout + stderr) == (Exit.REFUSED, False)


# --- the rest --------------------------------------------------------------------------------------------------------


def test_doctor_shows_value_and_origin(cli: CommandLine) -> None:
    rows = {
        row["name"]: (row["value"], row["origin"]) for row in cli.json("doctor", "--vin-policy", "strict")["settings"]
    }
    assert rows["vin_policy"] == ("strict", "flag --vin-policy")
    assert rows["data"] == (str(cli.data), "environment VEHICLES_DATA")
    assert rows["port"] == ("8000", "default")


def test_doctor_finds_a_healthy_registry(filled: CommandLine) -> None:
    filled.run("summarize")
    before = sorted(filled.data.rglob("*"))
    result = filled.run("doctor")
    assert result.exit_code == Exit.DONE
    assert "ok      vehicles: 2\nok      integrity: ok\n" in result.stdout
    assert "ok      reports: 1 summary\n" in result.stdout
    assert sorted(filled.data.rglob("*")) == before


def test_doctor_warns_of_unknown_variable(cli: CommandLine) -> None:
    result = CommandLine(cli.data, {"VEHICLES_DATABASE": "x"}).run("doctor")
    assert (result.exit_code, result.stderr) == (
        Exit.DONE,
        "warning: VEHICLES_DATABASE is not a setting of this version\n",
    )


def test_doctor_finds_a_directory_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CommandLine(tmp_path / "file" / "below").run("doctor")
    assert result.exit_code == Exit.REFUSED
    assert f"data directory: does not exist yet; cannot be created in {tmp_path / 'file'}\n" in result.stdout


def test_doctor_looks_while_others_write(filled: CommandLine) -> None:
    with SQLiteVehicleRepository(filled.data / "registry.sqlite3") as repository:
        repository.remove(Vin.parse(VIN))
        assert "ok      vehicles: 1\n" in filled.run("doctor").stdout


def test_doctor_finds_a_row_that_is_no_vehicle(filled: CommandLine) -> None:
    with closing(sqlite3.connect(filled.data / "registry.sqlite3", isolation_level=None)) as connection:
        connection.execute("UPDATE vehicle SET fuel_type = 'steam' WHERE vin = ?", (VIN,))
    result = filled.run("doctor")
    assert result.exit_code == Exit.REFUSED
    assert "failed  vehicles: 2, of which 1 cannot be read: WMA..........2345\n" in result.stdout


def only_file(cli: CommandLine, suffix: str) -> Path:
    """Return the file of the one summary that is kept."""
    (found,) = cli.data.glob(f"reports/summaries/year=*/week=*/summary.{suffix}")
    return found


def test_doctor_finds_a_damaged_report(filled: CommandLine) -> None:
    filled.run("summarize")
    damaged = only_file(filled, "json")
    damaged.write_text("{")
    result = filled.run("doctor")
    key = damaged.relative_to(filled.data / "reports").as_posix()
    wrong = f"failed  reports: 1 summary; {key} is damaged; `vehicles summarize --week " in result.stdout
    assert (result.exit_code, wrong) == (Exit.REFUSED, True)


def test_doctor_finds_wrong_copies(filled: CommandLine) -> None:
    filled.run("summarize")
    only_file(filled, "csv").unlink()
    only_file(filled, "html").write_text("of another report")
    result = filled.run("doctor")
    assert result.exit_code == Exit.REFUSED
    assert [f"/summary.{suffix} is missing or outdated" in result.stdout for suffix in ("csv", "html")] == [True] * 2


@pytest.mark.parametrize("command", ("list", "summarize", "export", "serve"))
@pytest.mark.parametrize("beyond", ("file", "file/below", "nowhere/at/all"))
def test_wrong_data_directory_is_named(command: str, beyond: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    # In /proc even root can make nothing.
    data = Path("/proc") / beyond if beyond.startswith("nowhere") else tmp_path / beyond
    result = CommandLine(data).run(command)
    assert (result.exit_code, result.stderr.count("\n")) == (Exit.STORAGE, 1)
    assert f"(the data directory is {data}, environment VEHICLES_DATA)\n" in result.stderr


def test_busy_port_is_one_line(cli: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = cli.run("serve", "--port", str(port))
    assert (result.exit_code, result.stderr) == (
        Exit.REFUSED,
        f"vehicles: cannot listen: 127.0.0.1 port {port} is in use; choose another with --port\n",
    )


def test_foreign_address_is_one_line(cli: CommandLine) -> None:
    guarded = CommandLine(cli.data, {"VEHICLES_TOKEN": "correct-horse-battery"})
    result = guarded.run("serve", "--host", "192.0.2.1")
    assert (result.exit_code, result.stderr.count("\n")) == (Exit.REFUSED, 1)


@pytest.mark.parametrize(
    ("arguments", "code"),
    (
        (("get", VIN, "--json"), "not_found"),
        (("get", MISREAD_VIN, "--json"), "refused"),
        (("list", "--nonsense", "--json"), "usage"),
        (("list", "--vin-policy", "nonsense", "--json"), "usage"),
        (("list", "--data", "/proc/nowhere", "--json"), "storage"),
    ),
)
def test_failure_as_json(arguments: tuple[str, ...], code: str, cli: CommandLine) -> None:
    result = cli.run(*arguments)
    error = json.loads(result.stderr)["error"]
    assert (result.exit_code, result.stdout, error["code"]) == (Exit[code.upper()], "", code)
    assert error["message"]


def run_in_shell(cli: CommandLine, command: str) -> tuple[int, str]:
    program = f'exec "$0" -m vehicles.entrypoints.cli.main --data "$1" {command}'
    done = run("/bin/sh", "-c", program, sys.executable, cli.data, check=False)
    return done.returncode, done.stderr


@pytest.mark.parametrize("closed", ("<&-", "2>&-"))
def test_closed_stream_is_no_failure(cli: CommandLine, closed: str) -> None:
    code, stderr = run_in_shell(cli, f"list {closed}")
    assert (code, "Traceback" in stderr) == (Exit.DONE, False)


def test_closed_output_loses_nothing_silently(filled: CommandLine) -> None:
    assert run_in_shell(filled, "list >&-") == (Exit.STORAGE, "vehicles: standard output is closed\n")
