"""The commands about the weekly summary, and the ways to have it made every week."""

import json
import os
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.command_line import VIN, CommandLine
from tests.support.processes import finish, run
from tests.support.scheduled import INSTALLED, PROGRAM, block, cron_line, run_as_scheduled, service_line
from tests.support.server_process import Client, serving
from vehicles.domain.summary.service import SETTLE_TIME
from vehicles.domain.summary.week import IsoWeek
from vehicles.entrypoints.cli.terminal import Exit

SYSTEMD = shutil.which("systemd-analyze") or ""
OLD_VIN = "WMAH05ZZ94M054321"
OLD_FLEET = f"vin,noOfAxles,fuelType,timestamp\n{OLD_VIN},3,diesel,2020-01-06T08:00:00Z\n"


def import_old(line: CommandLine, folder: Path) -> None:
    """Have a vehicle that was there before the weeks that are over, which otherwise have no complete summary."""
    file = folder / "old.csv"
    file.write_text(OLD_FLEET)
    line.run("import", file, "--keep-timestamps")


@pytest.fixture
def aged(filled: CommandLine, tmp_path: Path) -> CommandLine:
    import_old(filled, tmp_path)
    return filled


@pytest.fixture
def summarized(filled: CommandLine) -> CommandLine:
    filled.run("summarize")
    return filled


# --- summarize


def test_summary_of_last_week_is_complete(aged: CommandLine) -> None:
    made = aged.json("summarize", "--week", "last")
    aged.run("summarize")
    shown = aged.json("summary", "--week", "last")
    assert (made["complete"], IsoWeek.parse(made["week"]).end(UTC) <= datetime.now(UTC)) == (True, True)
    assert shown["week"] == made["week"]


def test_summary_is_a_text_for_people(aged: CommandLine) -> None:
    aged.run("summarize", "--week", "last")
    lines = aged.run("summarize").stdout.splitlines()
    assert lines[1] == "        3  vehicles, 2 of them registered in the week"
    assert re.fullmatch(r" +\+2  since \d{4}-W\d\d, with 0 deleted", lines[2])


def test_summary_names_the_week(aged: CommandLine) -> None:
    assert aged.run("summarize", "--week", "2026-W01").stdout.startswith("Week 2026-W01\n")


def test_complete_summary_stays(aged: CommandLine) -> None:
    first = aged.run("summarize", "--week", "last")
    aged.run("delete", OLD_VIN)
    again = aged.run("summarize", "--week", "last")
    assert (again.stdout, "already has a complete summary" in again.stderr) == (first.stdout, True)


def test_complete_summary_is_counted_again(aged: CommandLine) -> None:
    aged.run("summarize", "--week", "last")
    aged.run("delete", OLD_VIN)
    assert aged.json("summarize", "--week", "last", "--again")["total"] == 0


def test_week_before_all_vehicles_is_not_kept(filled: CommandLine) -> None:
    made = filled.run("summarize", "--week", "last")
    shown = filled.run("summary", "--week", "last")
    assert (
        made.exit_code,
        "is saved: no vehicle is known to have been registered by its end" in made.stderr,
        shown.exit_code,
    ) == (Exit.DONE, True, Exit.NOT_FOUND)


def test_summary_of_a_week_to_come_is_refused(cli: CommandLine) -> None:
    assert cli.run("summarize", "--week", "9000-W01").exit_code == Exit.REFUSED


def test_week_is_that_of_the_zone(tmp_path: Path) -> None:
    there = CommandLine(tmp_path / "data", {"VEHICLES_TIME_ZONE": "Pacific/Kiritimati"})
    assert there.json("summarize")["timeZone"] == "Pacific/Kiritimati"


# --- fleet


def test_fleet_is_counted_for_people(filled: CommandLine) -> None:
    before = filled.run("fleet")
    assert (before.stdout, "`vehicles summarize` makes one" in before.stderr) == ("        2  vehicles\n", True)
    filled.run("summarize")
    filled.run("delete", VIN)
    lines = filled.run("fleet").stdout.splitlines()
    assert lines[0] == "        1  vehicles"
    assert re.fullmatch(r"By fuel type, Week \d{4}-W\d\d, provisional", lines[1])
    assert {"        1  diesel", "By manufacturer", "        1  Scania"} <= {*lines}


def test_fleet_is_that_of_the_api(summarized: CommandLine) -> None:
    body = summarized.json("fleet")
    assert (body["total"], body["about"], body["fuelTypes"]["electric"]) == (2, False, 1)


# --- summary


def test_kept_summary_is_shown(filled: CommandLine) -> None:
    made = filled.run("summarize").stdout
    filled.run("delete", VIN)
    assert filled.run("summary").stdout == made


@pytest.mark.parametrize("week", ((), ("--week", "2020-W53")))
def test_missing_summary_is_not_found(cli: CommandLine, week: tuple[str, ...]) -> None:
    result = cli.run("summary", *week)
    assert (result.exit_code, "`vehicles summarize` makes one" in result.stderr) == (Exit.NOT_FOUND, True)


@pytest.mark.parametrize(
    ("report_format", "begin"),
    (("json", b'{\n  "schema"'), ("csv", b"\xef\xbb\xbfweek,"), ("html", b"<!DOCTYPE html>")),
)
def test_format_is_written_as_kept(summarized: CommandLine, report_format: str, begin: bytes) -> None:
    written = summarized.run("summary", "--format", report_format).stdout_bytes
    (kept,) = summarized.data.glob(f"reports/summaries/*/*/summary.{report_format}")
    without_links = re.sub(rb"<nav>.*?</nav>\n|</?a\b[^>]*>", b"", kept.read_bytes(), flags=re.DOTALL)
    assert (written[: len(begin)], written) == (begin, without_links)


@pytest.mark.parametrize("report_format", ("csv", "html"))
def test_copies_are_not_read_back(summarized: CommandLine, report_format: str) -> None:
    (kept,) = summarized.data.glob(f"reports/summaries/*/*/summary.{report_format}")
    content = summarized.run("summary", "--format", report_format).stdout_bytes
    kept.write_bytes(b"somebody else's")
    assert summarized.run("summary", "--format", report_format).stdout_bytes == content


def test_damaged_summary_is_not_found(summarized: CommandLine) -> None:
    (kept,) = summarized.data.glob("reports/summaries/*/*/summary.json")
    kept.write_bytes(kept.read_bytes()[:-1])
    assert summarized.run("summary").exit_code == Exit.NOT_FOUND


@pytest.mark.parametrize(("name", "options"), (("s.csv", ()), ("S.CSV", ()), ("table", ("--format", "csv"))))
def test_format_is_written_to_file(
    summarized: CommandLine, tmp_path: Path, name: str, options: tuple[str, ...]
) -> None:
    summarized.run("summary", "--output", tmp_path / name, *options)
    assert (tmp_path / name).read_bytes() == summarized.run("summary", "--format", "csv").stdout_bytes


def test_page_is_shown_in_a_browser(summarized: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\ncp "${{1#file://}}" {tmp_path}/shown.html\n')
    browser.chmod(0o700)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    shown = CommandLine(summarized.data, {"BROWSER": f"{browser} %s"}).start("summary", "--open")
    _, said = finish(shown)
    assert (shown.returncode, (tmp_path / "shown.html").read_bytes()) == (
        Exit.DONE,
        summarized.run("summary", "--format", "html").stdout_bytes,
    ), said


def test_page_without_browser_is_named(
    summarized: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("DISPLAY", raising=False)
    ended = CommandLine(summarized.data, {"BROWSER": "/no/such/browser"}).start("summary", "--open")
    _, said = finish(ended)
    (page,) = re.findall(rb"the page is ([^\x1b\s]+)", said)
    assert (ended.returncode, Path(page.decode()).stat().st_mode & 0o777) == (Exit.REFUSED, 0o600)


# --- every week


def due_daily() -> set[IsoWeek]:
    """Return the weeks due now by the daily schedule: last week and that of yesterday, on Mondays one and the same."""
    now = datetime.now(UTC) - SETTLE_TIME
    return {IsoWeek.containing(now, UTC).shifted(-1), IsoWeek.containing(now - timedelta(days=1), UTC)}


def test_server_makes_up_for_the_last_week(aged: CommandLine) -> None:
    with (
        serving(aged.data, environment={"VEHICLES_SUMMARIZE": "daily"}) as server,
        Client(server.port) as client,
    ):
        deadline = time.monotonic() + 120
        made: dict[str, bool] = {}
        while not made.keys() >= {str(week) for week in due_daily()}:
            assert time.monotonic() < deadline, server.log()
            time.sleep(0.05)
            made = {
                each["week"]: client.send("GET", f"/summary?week={each['week']}").json()["complete"]
                for each in client.send("GET", "/summaries").json()["items"]
            }
        assert made[str(min(due_daily()))] is True


def test_server_makes_none_unasked(filled: CommandLine) -> None:
    with serving(filled.data) as server, Client(server.port) as client:
        assert client.send("GET", "/summaries").json() == {"items": []}


@pytest.mark.parametrize("command", (cron_line("summary.md")[1], service_line("summary.md")), ids=("cron", "systemd"))
def test_documented_schedule_keeps_a_summary(tmp_path: Path, command: str) -> None:
    data = tmp_path / "data"
    import_old(CommandLine(data), tmp_path)
    run_as_scheduled(command, {"/var/lib/vehicles": data}, tmp_path)
    (kept,) = data.glob("reports/summaries/*/*/summary.json")
    found = json.loads(kept.read_bytes())
    assert (found["complete"], found["timeZone"]) == (True, "Europe/Berlin")


def test_cron_makes_summaries_daily() -> None:
    assert cron_line("summary.md")[0] == ["5", "0", "*", "*", "*"]


@pytest.mark.skipif(not SYSTEMD, reason="no systemd here to ask whether it takes the units")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for place, name in enumerate(("vehicles-summary.service", "vehicles-summary.timer")):
        unit = block("summary.md", "ini", place).replace(INSTALLED, PROGRAM).replace("User=vehicles", "User=root")
        (tmp_path / name).write_text(unit)
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{tmp_path}:"}
    done = run(SYSTEMD, "verify", "--man=no", tmp_path / "vehicles-summary.timer", env=environment, check=False)
    ours = [line for line in (done.stdout + done.stderr).splitlines() if "vehicles-summary" in line]
    assert (done.returncode, ours) == (0, [])


@pytest.mark.skipif(not SYSTEMD, reason="as above")
def test_timer_elapses_on_monday(tmp_path: Path) -> None:
    (calendar,) = re.findall(r"^OnCalendar=(.*)$", block("summary.md", "ini", 1), re.MULTILINE)
    done = run(SYSTEMD, "calendar", "--base-time=2026-11-25 12:00 UTC", calendar, cwd=tmp_path)
    assert "Sun 2026-11-29 23:05:00 UTC" in done.stdout
