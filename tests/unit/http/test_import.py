"""POST /vehicles/import: what becomes of a file, and what the answer says about it."""

import csv
import gzip
import json
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from itertools import count
from typing import Any, Final, cast
from urllib.parse import quote

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.http_client import NOW, OTHER, TIMESTAMP, TRUCK, Client, FailingRepository, content, rejection
from tests.unit.fleet_files.test_cases import ONE, workbook
from vehicles.domain.errors import StorageUnavailable
from vehicles.domain.vehicle import EVERY_VEHICLE, Vehicle
from vehicles.domain.vin.number import VinPolicy
from vehicles.entrypoints.http.fleets.imports import BATCH_SIZE, MAX_REFUSED_BYTES, MAX_ROWS
from vehicles.entrypoints.http.messages import Response
from vehicles.entrypoints.http.openapi import openapi_document
from vehicles.testing.strategies import fleets

pytestmark = pytest.mark.usefixtures("way")

RAW: Final = {"content-type": "application/octet-stream"}
HEAD: Final = "vin,noOfAxles,fuelType\n"
ROW: Final = f"{TRUCK},3,diesel\n"
SCHEMAS: Final = {"components": openapi_document()["components"]}
NOTHING: Final = {"added": 0, "alreadyThere": 0, "changed": 0, "repeated": 0, "refused": 0, "warnings": {}}


def sent(client: Client, file: str | bytes, query: str = "", headers: dict[str, str] = RAW) -> Response:
    raw = file.encode() if isinstance(file, str) else file
    return client.send("POST", f"/vehicles/import?{query}", headers=headers, raw=raw)


def imported(client: Client, file: str | bytes, query: str = "") -> dict[str, Any]:
    """Import a file, and return the answer, which fits its schema."""
    response = sent(client, file, query)
    name = "ImportBody" if response.status == 200 else "ImportProblemBody"
    schema = {"$ref": f"#/components/schemas/{name}", **SCHEMAS}
    body: dict[str, Any] = content(response)
    assert [error.message for error in jsonschema_rs.Draft202012Validator(schema).iter_errors(body)] == []
    return body


def fleet_of(client: Client) -> list[Vehicle]:
    return list(client.repository.page(EVERY_VEHICLE, limit=10_000).vehicles)


def form(*files: tuple[str, bytes], boundary: str = "xyz") -> tuple[bytes, dict[str, str]]:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="{{}}"; filename="fleet"\r\n\r\n'
    parts = [head.format(name).encode() + file + b"\r\n" for name, file in files]
    body = b"".join(parts) + f"--{boundary}--\r\n".encode()
    return body, {"content-type": f"multipart/form-data; boundary={boundary}"}


# --- files that are right


@pytest.mark.parametrize("name", ONE)
def test_any_file_imported(name: str) -> None:
    client = Client()
    body = imported(client, cast("str | bytes", ONE[name]))
    assert (body["tally"], [str(each.vin) for each in fleet_of(client)]) == (NOTHING | {"added": 1}, [TRUCK])


@pytest.mark.parametrize("pack", (bytes, gzip.compress))
def test_understanding_shown(pack: Any) -> None:  # noqa: ANN401 — a function of bytes
    file = f"Fleet report\nFahrgestellnummer;Achsen;Kraftstoff;Kennzeichen\n{TRUCK};3;Diesel;TEST 1\n"
    body = imported(Client(), pack(file.encode()))
    assert (body["understood"], body["notes"]) == (
        {
            "format": "csv",
            "encoding": "utf-8",
            "delimiter": ";",
            "sheet": None,
            "packed": pack is not bytes,
            "headingLine": 2,
            "headings": ["Fahrgestellnummer", "Achsen", "Kraftstoff", "Kennzeichen"],
            "columns": {"vin": "Fahrgestellnummer", "noOfAxles": "Achsen", "fuelType": "Kraftstoff"},
            "ignored": ["Kennzeichen"],
            "first": [{"vin": TRUCK, "noOfAxles": 3, "fuelType": "diesel", "timestamp": TIMESTAMP}],
        },
        ["line 1 above the headings skipped", 'columns ignored: "Kennzeichen"'],
    )


@pytest.mark.parametrize("name", ("file", "any name"))
def test_file_of_form_imported(name: str) -> None:
    client = Client()
    file = workbook(("VIN", "Axles", "Fuel"), (TRUCK, 3, "diesel"))
    body, headers = form((name, file))
    assert (content(sent(client, body, headers=headers))["tally"]["added"], len(fleet_of(client))) == (1, 1)


def test_dry_run_writes_nothing() -> None:
    client = Client()
    body = imported(client, HEAD + ROW, "dryRun=true")
    assert (body["tally"]["added"], body["dryRun"], fleet_of(client)) == (1, True, [])


@pytest.mark.parametrize(
    ("query", "file", "added"),
    (
        (f"column={quote('noOfAxles:Wheels: pairs')}&column=fuelType:C", f"vin,Wheels: pairs,C\n{TRUCK},3,diesel\n", 1),
        ("emptyFuel=none", f"{HEAD}{TRUCK},3,\n", 1),
        ("acceptSuggestions=true", f"{HEAD}{TRUCK[:8]}-{TRUCK[8:]}*,3,diesel\n", 1),
        ("acceptSuggestions=false", f"{HEAD}{TRUCK[:8]}O{TRUCK[8:]},3,diesel\n", 0),
        ("fromLine=3", HEAD + ROW, 0),
        ("sheet=Fleet", workbook(("VIN", "Axles", "Fuel"), (TRUCK, 3, "diesel")), 1),
    ),
)
def test_options_followed(query: str, file: str | bytes, added: int) -> None:
    assert imported(Client(), file, query)["tally"]["added"] == added


def test_timestamps_kept() -> None:
    client = Client()
    imported(
        client, f"vin,noOfAxles,fuelType,timestamp\n{TRUCK},3,diesel,2020-01-05T08:00:00Z\n", "keepTimestamps=true"
    )
    assert fleet_of(client)[0].registered_at.year == 2020


@pytest.mark.parametrize(
    ("query", "file", "tally", "axles"),
    (
        ("", f"{HEAD}{TRUCK},2,diesel\n", {"alreadyThere": 1}, 3),
        ("onConflict=update", f"{HEAD}{TRUCK},2,diesel\n", {"changed": 1}, 2),
        ("onConflict=update", f"vin,noOfAxles\n{TRUCK},2\n", {"changed": 1}, 2),
    ),
)
def test_conflict_resolved(query: str, file: str, tally: dict[str, int], axles: int) -> None:
    client = Client()
    client.register()
    assert imported(client, file, query)["tally"] == NOTHING | tally
    assert fleet_of(client)[0].no_of_axles == axles


def test_repeated_import_changes_nothing() -> None:
    client = Client()
    imported(client, HEAD + ROW)
    before = fleet_of(client)
    assert (imported(client, HEAD + ROW)["tally"]["alreadyThere"], fleet_of(client)) == (1, before)


# --- rows that need attention


def test_refused_row_shown() -> None:
    body = imported(Client(), f"{HEAD}{ROW}WMAH05ZZ24MO12346,6x2,diesel\n")
    (row,) = body["rows"]
    assert (row["line"], row["values"], row["suggestions"], row["warnings"]) == (
        3,
        {"vin": "WMAH05ZZ24MO12346", "noOfAxles": "6x2", "fuelType": "diesel"},
        ["WMAH05ZZ24M012346"],
        [],
    )
    assert [(each["field"], each["code"], each["positions"]) for each in row["errors"]] == [
        ("vin", "vin.illegal_character", [12]),
        ("noOfAxles", "vehicle.axles", []),
    ]


def test_refused_rows_imported_when_fixed() -> None:
    client = Client()
    refused = imported(client, f"{HEAD}{ROW}{OTHER},6x2,diesel\n")["refused"]
    assert list(csv.reader(StringIO(refused)))[1][:3] == [OTHER, "6x2", "diesel"]
    assert imported(client, refused.replace("6x2,", "3,", 1), "strict=true")["tally"]["added"] == 1


def test_doubtful_row_shown() -> None:
    body = imported(Client(), f"{HEAD}{TRUCK.replace('W', 'w')},3,diesel\n")
    (row,) = body["rows"]
    assert (row["line"], row["errors"], [each["field"] for each in row["warnings"]]) == (2, [], ["vin"])
    assert body["tally"]["warnings"] == {row["warnings"][0]["code"]: 1}


def test_answer_is_bounded() -> None:
    rows = 12_000
    body = imported(Client(), HEAD + f"{'x' * 200},3,diesel\n" * rows)
    assert (len(body["rows"]), body["rowsOmitted"]) == (MAX_ROWS, rows - MAX_ROWS)
    lines = list(csv.reader(StringIO(body["refused"])))
    assert (len(lines) - 1 + body["refusedOmitted"], body["refusedOmitted"] > 0) == (rows, True)
    assert len(body["refused"]) < MAX_REFUSED_BYTES + 1000
    assert {len(row["values"]["vin"]) for row in body["rows"]} == {100}


def test_warnings_leave_room_for_errors() -> None:
    vins = [f"w{TRUCK[1:-6]}{number:06}" for number in range(MAX_ROWS + 200)]
    file = HEAD + "".join(f"{vin},3,diesel\n" for vin in vins) + "x,3,diesel\n"
    body = imported(Client(policy=VinPolicy.ADVISORY), file)
    assert [row["line"] for row in body["rows"] if row["errors"]] == [len(vins) + 2]


# --- files that cannot be imported


@pytest.mark.parametrize(
    ("file", "headings", "columns"),
    (
        ("VIN,Axels,Notes\n", ["VIN", "Axels", "Notes"], {"vin": "VIN"}),
        (workbook(("VIN", "Axels")), ["VIN", "Axels"], {"vin": "VIN"}),
        ("%PDF-1.7", [], {}),
        ("", [], {}),
    ),
)
def test_unreadable_file_refused(file: str | bytes, headings: list[str], columns: dict[str, str]) -> None:
    client = Client()
    assert rejection(sent(client, file)) == (422, "unreadable-file", [])
    body = imported(client, file)
    assert (body["understood"]["headings"], body["understood"]["columns"], body["tally"]) == (
        headings,
        columns,
        NOTHING,
    )


@pytest.mark.parametrize(
    ("file", "query", "detail"),
    (
        ("VIN,Axels\n", "", "column=noOfAxles:Axels."),
        (HEAD, "sheet=Fleet", "The file cannot be imported: sheet is for workbooks"),
        (HEAD, "keepTimestamps=true", "which keepTimestamps needs"),
        (f"vin,noOfAxles,fuelType,Notes\n{ROW}", "strict=true", "which strict forbids"),
        (workbook(("Name",), ("x",)), "sheet=Trucks", "there is no sheet 'Trucks'"),
    ),
)
def test_detail_names_parameters(file: str | bytes, query: str, detail: str) -> None:
    assert detail in imported(Client(), file, query)["detail"]


@pytest.mark.parametrize(
    ("body", "headers"),
    (
        form(),
        form(("file", b"1"), ("file", b"2")),
        (form(("file", (HEAD + ROW).encode()))[0][:-8], form()[1]),
        (b"x", form()[1]),
        (form(("file", b"x"))[0], {"content-type": "multipart/form-data"}),
        (b'--xyz\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--xyz--\r\n', form()[1]),
    ),
)
def test_damaged_form_refused(body: bytes, headers: dict[str, str]) -> None:
    client = Client()
    assert rejection(sent(client, body, headers=headers)) == (422, "unreadable-file", [])
    assert fleet_of(client) == []


def test_field_of_form_refused() -> None:
    """A form seems the place for the parameters, too: they must not be ignored."""
    body, headers = form(("file", (HEAD + ROW).encode()))
    field = b'--xyz\r\nContent-Disposition: form-data; name="dryRun"\r\n\r\ntrue\r\n'
    client = Client()
    refused = content(sent(client, field + body, headers=headers))
    assert (refused["type"], 'the field "dryRun"; give it in the query' in refused["detail"], fleet_of(client)) == (
        "/problems/unreadable-file",
        True,
        [],
    )


@pytest.mark.parametrize(
    "row",
    (
        f'{{"vin":"{OTHER}","noOfAxles":2,"fuelType":"\\ud83d"}}',
        f'{{"vin":"{OTHER}","noOfAxles":2,"fuelType":"x","\\ud800":"\\udc00"}}',
        f'{{"vin":"\\udcff{OTHER}","noOfAxles":2,"fuelType":"diesel"}}',
    ),
)
@pytest.mark.parametrize("file", ("{0}\n{1}\n", "{1}\n{0}\n", "[{1},\n{0}]"))
def test_half_a_character_refused(file: str, row: str) -> None:
    """A program that cuts a text off may halve a character; such a row is refused, and the others imported."""
    good = f'{{"vin":"{TRUCK}","noOfAxles":3,"fuelType":"diesel"}}'
    body = imported(Client(), file.replace("{0}", good).replace("{1}", row))
    assert body["tally"] == NOTHING | {"added": 1, "refused": 1}


def test_headings_named_without_timestamps() -> None:
    body = imported(Client(), f"vin,noOfAxles,fuelType,Anmeldung\n{TRUCK},3,diesel,x\n", "keepTimestamps=true")
    assert body["understood"]["headings"] == ["vin", "noOfAxles", "fuelType", "Anmeldung"]


def test_heading_of_two_fields_refused() -> None:
    detail = imported(Client(), f"vin,n\n{TRUCK},3\n", "column=noOfAxles:n&column=fuelType:n")["detail"]
    assert "gives one heading to noOfAxles and fuelType" in detail


def test_late_fault_keeps_progress() -> None:
    client = Client()
    packed = gzip.compress((HEAD + ROW + "".join(f"x{number},3,diesel\n" for number in range(20_000))).encode())
    body = imported(client, packed[:-2000])
    assert (body["status"], body["tally"]["added"], body["upToLine"] >= BATCH_SIZE) == (422, 1, True)


def test_conflict_fails() -> None:
    client = Client()
    client.register(OTHER)
    body = imported(client, f"{HEAD}{ROW}{OTHER},3,diesel\n", "onConflict=fail")
    assert (body["type"], body["detail"], body["upToLine"]) == (
        "/problems/import-conflict",
        "The import stopped at line 3: the VIN is already registered.",
        2,
    )


def test_storage_failure_keeps_members(caplog: pytest.LogCaptureFixture) -> None:
    response = sent(Client(FailingRepository(StorageUnavailable("inside"))), HEAD + ROW)
    body = content(response)
    assert (rejection(response)[:2], body["upToLine"], body["tally"]) == ((503, "storage-unavailable"), 0, NOTHING)
    assert ("inside" in response.body.decode(), "inside" in caplog.text, TRUCK in caplog.text) == (False, True, False)


# --- requests that are wrong


def test_wrong_parameters_all_named() -> None:
    query = "dryRun=yes&onConflict=x&column=a:b&emptyFuel=diesel&fromLine=0&strict=1&sheet=a&sheet=b&what=1"
    status, problem, errors = rejection(sent(Client(), HEAD, query))
    assert (status, problem, {name for name, _ in errors}) == (
        400,
        "invalid-parameter",
        {"dryRun", "onConflict", "column", "emptyFuel", "fromLine", "strict", "sheet", "what"},
    )


@pytest.mark.parametrize("query", ("column=vin:A&column=vin:B", "column=vin", "column=vin:%20", "column="))
def test_wrong_column_refused(query: str) -> None:
    assert rejection(sent(Client(), HEAD, query)) == (400, "invalid-parameter", [("column", "parameter.column")])


@pytest.mark.parametrize("media_type", ("text/csv", "application/json", "application/x-www-form-urlencoded", ""))
def test_other_media_type_refused(media_type: str) -> None:
    response = sent(Client(), HEAD, headers={"content-type": media_type})
    detail = content(response)["detail"]
    assert rejection(response) == (415, "unsupported-media-type", [])
    assert ("--data-binary @fleet.csv -H" in detail, "-F file=@fleet.xlsx" in detail) == (True, True)


# --- time


def slowly(client: Client) -> None:
    """Let half a minute pass whenever the registry looks at its clock."""
    ticks = count()
    client.registry = replace(client.registry, clock=lambda: NOW + timedelta(seconds=30 * next(ticks)))


def test_time_is_up() -> None:
    client = Client()
    slowly(client)
    body = imported(client, HEAD + ROW + "x,3,diesel\n" * BATCH_SIZE)
    assert (body["tally"]["added"], body["upToLine"], body["nextLine"]) == (1, BATCH_SIZE + 1, BATCH_SIZE + 2)


@pytest.mark.parametrize("between", (f"{OTHER},3,diesel\n" * 9000, "\n" * 150_000, ",,\n" * 50_000))
def test_time_is_up_between_batches(between: str) -> None:
    """Rows that are skipped and blank lines end no batch, but take time, too."""
    client = Client()
    slowly(client)
    file = HEAD + ROW + between + f"{OTHER},3,diesel\n"
    last = file.count("\n")
    refused = imported(client, file, f"fromLine={last}")
    assert (refused["type"], "no row was reached within 20 seconds" in refused["detail"], fleet_of(client)) == (
        "/problems/unreadable-file",
        True,
        [],
    )
    if not between.strip():
        body = imported(client, gzip.compress(file.encode()))
        assert (body["tally"]["added"], body["upToLine"], body["nextLine"]) == (1, 2, 3)


def test_last_batch_has_no_next_line() -> None:
    client = Client()
    slowly(client)
    assert imported(client, HEAD + ROW)["nextLine"] is None


@given(fleets(min_size=1, max_size=5), st.integers(0, 120), st.booleans())
def test_followed_import_is_complete(fleet: list[Vehicle], between: int, dry_run: bool) -> None:  # noqa: FBT001 — drawn
    rows = [f"{each.vin},{each.no_of_axles},{each.fuel_type}\n{'x,3,diesel\n' * between}" for each in fleet]
    file, query = HEAD + "".join(rows), f"dryRun={json.dumps(dry_run)}"
    once, often = Client(policy=VinPolicy.ADVISORY), Client(policy=VinPolicy.ADVISORY)
    expected = imported(once, file, query)
    slowly(often)
    tallies: list[dict[str, int]] = []
    line: int | None = 1
    while line is not None:
        body = imported(often, file, f"{query}&fromLine={line}")
        tallies.append(body["tally"])
        line = body["nextLine"]
    assert len(tallies) == -(-(len(fleet) * (between + 1)) // BATCH_SIZE)
    for name in ("added", "alreadyThere", "refused"):
        assert sum(tally[name] for tally in tallies) == expected["tally"][name]
    assert [each.vin for each in fleet_of(often)] == [each.vin for each in fleet_of(once)]
