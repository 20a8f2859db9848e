"""Backups of a registry on one machine: consistent while it is used, verified, and brought back whole."""

import os
import shutil
import signal
import sqlite3
import sys
import time
import zipfile
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from threading import Event
from typing import Literal

import pytest

from tests.support.command_line import HEADER, OTHER_VIN, VIN, CommandLine
from tests.support.processes import finish, run, running
from tests.support.scheduled import cron_line, run_as_scheduled, service_line
from tests.support.server_process import Client, registration, serving, vin_of
from vehicles.entrypoints.cli.terminal import Exit
from vehicles.testing.racing import started

BACKUPS = 20


@pytest.fixture
def command_line(tmp_path: Path) -> CommandLine:
    """The command line on a registry with one vehicle and one summary."""
    made = CommandLine(tmp_path / "data")
    made.run("register", VIN, "--axles", "2", "--fuel", "diesel")
    made.run("summarize")
    return made


@pytest.fixture
def file(command_line: CommandLine, tmp_path: Path) -> Path:
    """A backup of it."""
    assert command_line.run("backup", tmp_path / "backup.zip").exit_code == Exit.DONE
    return tmp_path / "backup.zip"


def vins(command_line: CommandLine) -> set[str]:
    return {str(vehicle.vin) for vehicle in command_line.fleet()}


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith("lock")
    }


def test_backup_says_what_it_holds(command_line: CommandLine, tmp_path: Path) -> None:
    target = tmp_path / "backup.zip"
    assert command_line.json("backup", target) == {"file": str(target), "vehicles": 1, "summaries": 1, "faults": []}
    assert target.stat().st_mode & 0o777 == 0o600


def test_backup_overwrites_only_when_asked(command_line: CommandLine, file: Path) -> None:
    before = file.read_bytes()
    command_line.run("delete", VIN)
    refused = command_line.run("backup", file)
    assert (refused.exit_code, "--overwrite" in refused.output, file.read_bytes()) == (Exit.STORAGE, True, before)
    assert command_line.json("backup", file, "--overwrite")["vehicles"] == 0


def test_backup_without_registry_is_refused(tmp_path: Path) -> None:
    ran = CommandLine(tmp_path / "none").run("backup", tmp_path / "backup.zip")
    assert (ran.exit_code, "There is no registry to back up" in ran.output) == (Exit.STORAGE, True)
    assert list(tmp_path.iterdir()) == []


def test_faults_are_copied_and_reported(command_line: CommandLine, tmp_path: Path) -> None:
    with closing(sqlite3.connect(command_line.data / "registry.sqlite3", autocommit=True)) as connection:
        connection.execute("UPDATE vehicle SET fuel_type = 'steam'")
    (damaged,) = command_line.data.rglob("summary.json")
    damaged.write_text("{}")
    faults = command_line.json("backup", tmp_path / "backup.zip")["faults"]
    assert len(faults) == 2


@pytest.mark.parametrize("backend", ("memory", "aws"))
@pytest.mark.parametrize("name", ("backup", "restore"))
def test_other_backends_say_what_to_use(command_line: CommandLine, file: Path, name: str, backend: str) -> None:
    ran = command_line.run(name, file, "--backend", backend)
    said = "point-in-time recovery" if backend == "aws" else "keeps nothing"
    assert (ran.exit_code, said in ran.output) == (Exit.USAGE, True)


@pytest.mark.parametrize("name", ("registry.sqlite3", "registry.sqlite3-wal", "registry.sqlite3-lock", "reports/x.zip"))
def test_backup_replaces_no_part_of_the_registry(command_line: CommandLine, name: str) -> None:
    before = files(command_line.data)
    ran = command_line.run("backup", command_line.data / name, "--overwrite")
    assert (ran.exit_code, "choose another file" in ran.output) == (Exit.STORAGE, True)
    assert files(command_line.data) == before


def test_restore_leaves_no_journal(command_line: CommandLine, file: Path) -> None:
    (command_line.data / "registry.sqlite3-journal").write_bytes(b"of another time")
    replaced = command_line.json("restore", file)["replaced"]
    assert Path(replaced, "registry.sqlite3-journal").exists()
    assert not (command_line.data / "registry.sqlite3-journal").exists()


# --- restore ---


def test_restore_brings_all_back(command_line: CommandLine, file: Path) -> None:
    before = files(command_line.data)
    command_line.run("delete", VIN)
    command_line.run("register", OTHER_VIN, "--axles", "3", "--fuel", "petrol")
    ran = command_line.run("restore", file)
    assert (ran.exit_code, vins(command_line)) == (Exit.DONE, {VIN})
    assert {name: content for name, content in before.items() if name.startswith("reports")}.items() <= files(
        command_line.data
    ).items()
    assert command_line.run("doctor").exit_code == Exit.DONE


def test_restore_keeps_what_it_replaces(command_line: CommandLine, file: Path) -> None:
    command_line.run("register", OTHER_VIN, "--axles", "3", "--fuel", "petrol")
    replaced = command_line.json("restore", file)["replaced"]
    assert vins(CommandLine(Path(replaced))) == {VIN, OTHER_VIN}


def test_restore_makes_a_private_registry(command_line: CommandLine, file: Path, tmp_path: Path) -> None:
    other = CommandLine(tmp_path / "a" / "new")
    mask = os.umask(0)
    try:
        ran = other.run("restore", file)
    finally:
        os.umask(mask)
    assert (ran.exit_code, "previous" in ran.output) == (Exit.DONE, False)
    assert {path.stat().st_mode & 0o077 for path in other.data.rglob("*")} == {0}
    assert vins(other) == vins(command_line)


def test_restore_replaces_spoilt_file(command_line: CommandLine, file: Path) -> None:
    os.truncate(command_line.data / "registry.sqlite3", 0)
    command_line.run("restore", file)
    assert vins(command_line) == {VIN}


def test_restore_is_refused_while_serving(command_line: CommandLine, file: Path) -> None:
    before = files(command_line.data)
    with serving(command_line.data):
        ran = command_line.run("restore", file)
    assert (ran.exit_code, "registry.sqlite3-lock" in ran.output) == (Exit.STORAGE, True)
    assert files(command_line.data) == before


def truncated(file: Path) -> None:
    os.truncate(file, file.stat().st_size // 2)


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 3] ^= 0xFF
    file.write_bytes(content)


def no_archive(file: Path) -> None:
    file.write_text("vin,noOfAxles,fuelType\n")


def written(file: Path, mode: Literal["w", "a"], name: str, content: str) -> None:
    with zipfile.ZipFile(file, mode) as archive:
        archive.writestr(name, content)


other_archive = partial(written, mode="w", name="readme.txt", content="hello")
outside = partial(written, mode="a", name="reports/../../outside", content="hello")
foreign_database = partial(written, mode="w", name="registry.sqlite3", content="What one writes in files. " * 1000)


@pytest.mark.parametrize("spoil", (truncated, flipped, no_archive, other_archive, outside, foreign_database))
def test_other_file_is_refused_and_nothing_changes(
    command_line: CommandLine, file: Path, spoil: Callable[[Path], None]
) -> None:
    before = files(command_line.data)
    spoil(file)
    ran = command_line.run("restore", file)
    assert (ran.exit_code, "Use another backup" in ran.output) == (Exit.STORAGE, True)
    assert files(command_line.data) == before


RESTORE_IN_STEPS = """
import os, pathlib, sys
import vehicles.adapters.backup, vehicles.container
from vehicles.entrypoints.cli.main import vehicles
file, *folders = sys.argv[1:]
replace = pathlib.Path.replace
for number, folder in enumerate(folders):
    def stop(path, target):
        global number
        number -= 1
        if number < 0:
            os._exit(9)
        return replace(path, target)
    pathlib.Path.replace = stop
    child = os.fork()
    if not child:
        vehicles(["--data", folder, "restore", file])
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), file=sys.stderr)
"""


def test_interrupted_restore_loses_nothing(command_line: CommandLine, file: Path, tmp_path: Path) -> None:
    command_line.run("register", OTHER_VIN, "--axles", "3", "--fuel", "petrol")
    copies = [CommandLine(shutil.copytree(command_line.data, tmp_path / f"{steps} steps")) for steps in range(8)]
    ran = run(sys.executable, "-c", RESTORE_IN_STEPS, file, *(copy.data for copy in copies))
    codes = [int(code) for code in ran.stderr.split()]
    steps = codes.index(0)
    assert (codes, steps > 5) == ([9] * steps + [0] * (8 - steps), True)
    for copy in copies[:steps]:
        has_begun = (copy.data / ".restoring").exists()
        assert ("Run `vehicles restore` again" in copy.run("list").output) == has_begun
        assert copy.run("restore", file).exit_code == Exit.DONE
        (kept,) = copy.data.glob("replaced-*")
        assert (vins(CommandLine(kept)), (kept / "reports").is_dir()) == ({VIN, OTHER_VIN}, True)
        assert vins(copy) == {VIN}


# --- while it is used ---


@pytest.mark.slow
def test_backup_under_registrations_holds_all_acknowledged(tmp_path: Path) -> None:
    data, done, acknowledged = tmp_path / "data", Event(), []

    def register(port: int, first: int) -> None:
        with Client(port) as client:
            for number in range(first, 10**9, 4):
                if done.is_set():
                    return
                assert client.send("POST", "/vehicle", registration(vin_of(number))).status == 201
                acknowledged.append(vin_of(number))
                time.sleep(0.02)  # 200 a second, of four clients

    promised: list[set[str]] = []
    with serving(data) as server:
        try:
            clients = [started(partial(register, server.port, first)) for first in range(4)]
            for number in range(BACKUPS):
                time.sleep(0.1)
                promised.append(set(acknowledged))
                CommandLine(data).run("backup", tmp_path / f"{number}.zip")
        finally:
            done.set()
        for client in clients:
            client.result(60)
    for number, promise in enumerate(promised):
        restored = CommandLine(tmp_path / f"restored-{number}")
        assert restored.run("restore", tmp_path / f"{number}.zip").exit_code == Exit.DONE
        assert restored.run("doctor").exit_code == Exit.DONE
        assert promise - vins(restored) == set()
        assert vins(restored) - set(acknowledged) == set()
    assert len(promised[-1]) > 100


def test_interrupted_backup_leaves_no_file(command_line: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "fleet.csv").write_text(HEADER + "".join(f"{vin_of(each)},2,diesel\n" for each in range(20_000)))
    command_line.run("import", tmp_path / "fleet.csv")
    for number in (signal.SIGKILL, signal.SIGINT):
        folder = tmp_path / number.name
        folder.mkdir()
        with running(command_line.start("backup", folder / "backup.zip")) as process:
            deadline = time.monotonic() + 60
            while not list(folder.iterdir()):
                assert time.monotonic() < deadline
                time.sleep(0.005)
            process.send_signal(number)
            finish(process)
        assert not (folder / "backup.zip").exists()


# --- every night ---


@pytest.mark.parametrize("command", (cron_line("backup.md")[1], service_line("backup.md")), ids=("cron", "systemd"))
def test_documented_schedule_backs_up(command_line: CommandLine, tmp_path: Path, command: str) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    began = datetime.now().astimezone()
    run_as_scheduled(command, {"/var/lib/vehicles": command_line.data, "/var/backups/vehicles": folder}, tmp_path)
    (made,) = folder.glob("*.zip")
    assert made.stem in (f"{began:%a}", f"{datetime.now().astimezone():%a}")
    restored = CommandLine(tmp_path / "new").json("restore", made)
    assert (restored["vehicles"], restored["replaced"]) == (1, None)
