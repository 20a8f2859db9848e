"""Importing a fleet file in the console: how it is understood, fixing its rows in place, and what became of it."""

import csv
import json
import re
from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from itertools import count
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Dialog, Locator, Route, expect
from xlsxwriter import Workbook

from tests.browser.consoles import Console, check_accessible, console_on, fulfil, register_all, status_of
from tests.support.server_process import Client, ServerProcess, vin_of

_NUMBERS: Final = count(700_001)
_EXCEL: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_IMPORTS: Final = re.compile(r"/vehicles/import\?")
_NOT_FOUND: Final = 404
_CONFIRMED: Final = "1HGCM82633A004352"
"""A VIN whose check digit is required, and right."""


def new_vin() -> str:
    return vin_of(next(_NUMBERS))


def misread(vin: str) -> str:
    """Return a VIN with a letter in place of a zero."""
    return vin.replace("0", "O", 1)


def workbook(*rows: Sequence[object], cover: str = "") -> bytes:
    """Return a workbook as a dispatcher keeps it: titles, an empty row, German headings, columns that nobody needs."""
    stream = BytesIO()
    with Workbook(stream) as book:
        if cover:
            book.add_worksheet(cover)
        sheet = book.add_worksheet("Fuhrpark")
        sheet.write(0, 0, "Fuhrpark der Spedition")
        sheet.write_row(2, 0, ("Kennzeichen", "Fahrgestellnummer", "Achsen", "Kraftstoff"))
        for place, row in enumerate(rows, start=3):
            sheet.write_row(place, 0, ("HH-A 1", *row))
        book.add_worksheet("Leer")
    return stream.getvalue()


def choose(console: Console, content: bytes, name: str = "fleet.xlsx") -> None:
    console.open("#import")
    console.field("Fleet file").set_input_files({"name": name, "mimeType": _EXCEL, "buffer": content})


def drop(console: Console, text: str) -> None:
    transfer = console.page.evaluate_handle(
        "text => { const all = new DataTransfer(); all.items.add(new File([text], 'dropped.csv')); return all; }", text
    )
    console.page.dispatch_event("body", "dragover", {"dataTransfer": transfer})
    expect(console.page.get_by_text("Drop the fleet file to check it")).to_be_visible()
    console.page.dispatch_event("body", "drop", {"dataTransfer": transfer})


def tally(console: Console) -> Locator:
    return console.page.locator(".tally")


def outcome(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 — as JSON
    """Return an answer of the API to an import."""
    headings = ["vin", "noOfAxles", "fuelType"]
    understood = {"format": "csv", "sheet": None, "headingLine": 1, "headings": headings, "ignored": [], "first": []}
    counts = {"added": 0, "alreadyThere": 0, "changed": 0, "repeated": 0, "refused": 0, "warnings": {}}
    return {
        "understood": understood | {"columns": {name: name for name in headings}},
        "notes": [],
        "tally": counts | changed.pop("tally", {}),
        "upToLine": 2001,
        "nextLine": None,
        "rows": [],
        "rowsOmitted": 0,
        "refused": None,
        "refusedOmitted": 0,
    } | changed


def answer(console: Console, answers: Callable[[Mapping[str, list[str]]], dict[str, Any] | None]) -> None:
    """Answer imports by a function of their parameters; None is a broken connection."""

    def handle(route: Route) -> None:
        body = answers(parse_qs(urlsplit(route.request.url).query))
        if body is None:
            route.abort()
        else:
            route.fulfill(status=200, content_type="application/json", body=json.dumps(body))

    console.page.route(_IMPORTS, handle)


def test_check_counts_in_words(console: Console, server: ServerProcess) -> None:
    there, new, other = new_vin(), new_vin(), new_vin()
    register_all(server, [there])
    choose(console, workbook((there, 2, "Diesel"), (new, 2, "Elektro"), (other, 3, "ohne"), (new_vin(), "6x2", "Gas?")))
    expect(tally(console)).to_have_text("2 to add, 1 already there, 1 to fix")
    assert status_of(server, new) == _NOT_FOUND


def test_shows_how_file_was_understood(console: Console) -> None:
    vin = new_vin()
    choose(console, workbook((vin, 2, "Erdgas")))
    expect(console.page.get_by_text("Excel, sheet “Fuhrpark”, headings in line 3")).to_be_visible()
    expect(console.field("VIN column")).to_have_value("Fahrgestellnummer")
    expect(console.page.get_by_text("Not used: Kennzeichen")).to_be_visible()
    expect(console.page.get_by_role("table", name="First vehicles")).to_contain_text(f"{vin}2Gaseous")


def test_columns_are_assigned(console: Console, server: ServerProcess) -> None:
    vin = new_vin()
    choose(console, f"Nummer;Anzahl;Womit\n{vin};4;Diesel\n".encode())
    expect(console.field("VIN column")).to_have_accessible_description("Choose the column it is in.")
    for field, heading in (("VIN", "Nummer"), ("Axles", "Anzahl"), ("Fuel type", "Womit")):
        console.field(f"{field} column").select_option(heading)
        expect(console.field(f"{field} column")).to_have_value(heading)
    expect(tally(console)).to_have_text("1 to add")
    console.button("Import").click()
    expect(tally(console)).to_have_text("1 added")
    assert stored(server, vin)["noOfAxles"] == 4


def test_wrong_sheet_is_corrected(console: Console) -> None:
    choose(console, workbook((new_vin(), 2, "Diesel")))
    for name, said in (("Fahrzeuge", "Fuhrpark"), ("Leer", "is empty")):
        console.field("Sheet").fill(name)
        console.field("Sheet").press("Enter")
        expect(console.page.get_by_role("alert")).to_contain_text(said)
        expect(console.field("Sheet")).to_have_value(name)
    console.field("Sheet").fill("Fuhrpark")
    console.field("Sheet").press("Enter")
    expect(tally(console)).to_have_text("1 to add")


def test_sheet_after_cover_is_chosen(console: Console) -> None:
    choose(console, workbook((new_vin(), 2, "Diesel"), cover="Deckblatt"))
    expect(console.page.get_by_role("alert")).to_contain_text("Fuhrpark")
    expect(console.field("Sheet")).to_have_value("Deckblatt")
    console.field("Sheet").fill("Fuhrpark")
    console.field("Sheet").press("Enter")
    expect(tally(console)).to_have_text("1 to add")


def test_empty_fuel_is_decided(console: Console) -> None:
    choose(console, workbook((new_vin(), 3, "")))
    expect(tally(console)).to_have_text("0 to add, 1 to fix")
    console.field("An empty fuel type means").select_option("None (trailer)")
    expect(tally(console)).to_have_text("1 to add")


def test_registered_vehicle_is_changed(console: Console, server: ServerProcess) -> None:
    vin = new_vin()
    register_all(server, [vin])
    choose(console, workbook((vin, 5, "Diesel")))
    expect(tally(console)).to_have_text("0 to add, 1 already there")
    console.field("Vehicles already registered").select_option("Change them to what the file says")
    expect(tally(console)).to_have_text("0 to add, 1 to change")
    console.button("Import").click()
    expect(tally(console)).to_have_text("0 added, 1 changed")
    assert stored(server, vin)["noOfAxles"] == 5


def test_row_is_fixed_in_place(console: Console, server: ServerProcess) -> None:
    vin = new_vin()
    choose(console, workbook((new_vin(), 2, "Diesel"), (vin, "6x2", "Dieslo")))
    expect(tally(console)).to_have_text("1 to add, 1 to fix")
    axles = console.field("Axles, line 5")
    expect(axles).to_have_accessible_description(re.compile("Axles: Enter a whole number from 1 to 99."))
    axles.fill("3")
    axles.press("Enter")
    expect(axles).not_to_have_attribute("aria-invalid", "true")
    console.field("Fuel type, line 5").select_option("Hybrid")
    expect(tally(console)).to_have_text("2 to add")
    console.button("Import").click()
    expect(tally(console)).to_have_text("2 added")
    assert stored(server, vin)["fuelType"] == "hybrid"


def test_only_what_is_wrong_is_quoted(console: Console) -> None:
    choose(console, workbook((new_vin(), 0, "Diesel"), (new_vin(), 0, "Erdgas"), (new_vin(), 2, "Dieslo")))
    shown = [console.field(f"Fuel type, line {line}").locator("option") for line in (4, 5, 6)]
    expect(shown[0].filter(has_text="Diesel")).to_have_text(["Diesel"])
    expect(shown[1].first).to_have_text("Erdgas")
    expect(shown[2].first).to_have_text("“Dieslo”")


def test_suggestion_is_used(console: Console) -> None:
    vin = new_vin()
    choose(console, workbook((misread(vin), 2, "Diesel"), (new_vin(), 0, "Diesel")))
    console.button(vin).click()
    expect(tally(console)).to_have_text("1 to add, 1 to fix")
    expect(console.field("VIN, line 4")).to_have_value(vin)
    expect(console.field("VIN, line 4")).to_be_focused()


def test_sure_suggestions_are_used(console: Console) -> None:
    spaced = [f"{vin[:3]} {vin[3:9]} {vin[9:]}" for vin in (new_vin(), new_vin())]
    choose(console, workbook(*((vin, 2, "Diesel") for vin in spaced)))
    console.button("Use the suggestions that are sure").click()
    expect(tally(console)).to_have_text("2 to add")
    expect(console.notices).to_contain_text("Sure suggestions used: 2.")


def test_unsure_suggestion_is_left(console: Console) -> None:
    vin = new_vin()
    choose(console, workbook((f"{vin[:-1]}O", 0, "Diesel"), (vin, 2, "Diesel")))
    console.button("Use the suggestions that are sure").click()
    expect(console.notices).to_contain_text("Sure suggestions used: 0.")
    expect(tally(console)).to_have_text("1 to add, 1 to fix")


def test_fixed_row_wins_over_empty_fuel(console: Console, server: ServerProcess) -> None:
    fixed, out, taken, back = (new_vin() for _ in range(4))
    choose(console, workbook(*((vin, 2, "") for vin in (fixed, out, taken, back))))
    console.field("Fuel type, line 4").select_option("Diesel")
    console.button("Leave out line 5").click()
    console.button("Leave out line 7").click()
    console.button("Put back line 7").click()
    expect(tally(console)).to_have_text("1 to add, 2 to fix, 1 left out")
    console.field("An empty fuel type means").select_option("None (trailer)")
    expect(tally(console)).to_have_text("3 to add, 1 left out")
    console.button("Import").click()
    expect(tally(console)).to_have_text("3 added, 1 left out")
    assert [stored(server, vin)["fuelType"] for vin in (fixed, taken, back)] == ["diesel", "none", "none"]
    assert status_of(server, out) == _NOT_FOUND


def test_fixed_row_wins_over_suggestion(console: Console, server: ServerProcess) -> None:
    fixed, out = new_vin(), "1M8GDM9AXKP042788"
    choose(console, workbook(*((vin, 2, "Diesel") for vin in (misread(_CONFIRMED), misread(_CONFIRMED), misread(out)))))
    console.field("VIN, line 4").fill(fixed)
    console.field("VIN, line 4").press("Enter")
    console.button("Leave out line 6").click()
    expect(tally(console)).to_contain_text("1 to add, 1 to fix, 1 left out")
    console.button("Use the suggestions that are sure").click()
    expect(console.field("VIN, line 5")).to_have_value(_CONFIRMED)
    expect(console.button("Use the suggestions that are sure")).to_have_count(0)
    console.button("Import").click()
    expect(console.page.get_by_text("The import is finished.")).to_be_visible()
    assert [status_of(server, vin) for vin in (fixed, _CONFIRMED, out)] == [200, 200, _NOT_FOUND]


def fix_vin(console: Console, line: int, vin: str) -> None:
    console.field(f"VIN, line {line}").fill(vin)
    console.field(f"VIN, line {line}").press("Enter")
    expect(console.page.get_by_role("row").filter(has=console.field(f"VIN, line {line}"))).to_contain_text("Fixed")


@pytest.mark.parametrize("choice", ("Leave them as they are", "Change them to what the file says"))
def test_other_row_wins_over_fixed_row(console: Console, server: ServerProcess, choice: str) -> None:
    vin = new_vin()
    choose(console, workbook((vin, 2, "Diesel"), (vin[:-1], 9, "Benzin")))
    console.field("Vehicles already registered").select_option(choice)
    fix_vin(console, 5, vin)
    console.button("Import").click()
    expect(tally(console)).to_contain_text("1 added, 1")
    expect(console.page.get_by_text("has the VIN of another row")).to_be_visible()
    assert [stored(server, vin)[name] for name in ("noOfAxles", "fuelType")] == [2, "diesel"]


def test_fixed_row_changes_registered_vehicle(console: Console, server: ServerProcess) -> None:
    vin = new_vin()
    register_all(server, [vin])
    choose(console, workbook((vin[:-1], 7, "Diesel")))
    console.field("Vehicles already registered").select_option("Change them to what the file says")
    fix_vin(console, 4, vin)
    console.button("Import").click()
    expect(tally(console)).to_have_text("0 added, 1 changed")
    assert stored(server, vin)["noOfAxles"] == 7


def test_contradiction_names_line_of_file(console: Console) -> None:
    vin = new_vin()
    choose(console, workbook((new_vin(), 2, "Diesel"), (vin[:-1], 2, "Diesel"), (vin[:-2], 3, "Diesel")))
    console.field("VIN, line 6").fill(vin)
    console.field("VIN, line 6").press("Enter")
    fix_vin(console, 5, vin)
    expect(console.page.get_by_text("Contradicts line 5, which has another number of axles: 2")).to_be_visible()


def test_typed_text_stays_while_checking(console: Console) -> None:
    choose(console, workbook((new_vin(), 0, "Dieslo")))
    console.field("Axles, line 4").fill("2")
    with console.page.expect_response(_IMPORTS):
        console.page.keyboard.press("Tab")
        console.field("VIN, line 4").fill("half of it")
    expect(console.page.get_by_role("table", name="Rows to fix")).not_to_contain_text("Axles:")
    expect(console.field("VIN, line 4")).to_have_value("half of it")


def test_download_has_refused_rows(console: Console) -> None:
    fixed, out, kept = new_vin(), new_vin(), new_vin()
    choose(console, workbook((fixed, 0, "Diesel"), (out, 0, "Diesel"), (kept, 0, "Diesel"), (new_vin(), 2, "Diesel")))
    console.field("Axles, line 4").fill("2")
    console.field("Axles, line 4").press("Enter")
    console.button("Leave out line 5").click()
    expect(tally(console)).to_have_text("2 to add, 1 to fix, 1 left out")
    console.button("Import").click()
    expect(tally(console)).to_have_text("2 added, 1 refused, 1 left out")
    with console.page.expect_download() as download:
        console.button("Refused rows").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert download.value.suggested_filename == "refused-rows.csv"
    assert [vin in text for vin in (fixed, out, kept)] == [False, False, True]


def test_import_follows_next_line(console: Console) -> None:
    seen = []

    def answers(query: Mapping[str, list[str]]) -> dict[str, Any]:
        if "dryRun" in query:
            return outcome(tally={"added": 2000})
        seen.append(query["fromLine"])
        if query["fromLine"] == ["1"]:
            return outcome(tally={"added": 1500}, upToLine=1501, nextLine=1502)
        return outcome(tally={"added": 500})

    answer(console, answers)
    choose(console, b"any file")
    expect(tally(console)).to_have_text("2,000 to add")
    console.button("Import").click()
    expect(tally(console)).to_have_text("2,000 added")
    assert seen == [["1"], ["1502"]]


def test_broken_import_is_continued(console: Console) -> None:
    broken = True

    def answers(query: Mapping[str, list[str]]) -> dict[str, Any] | None:
        if "dryRun" in query:
            return outcome(tally={"added": 2000})
        if query["fromLine"] == ["1"]:
            return outcome(tally={"added": 1500}, upToLine=1501, nextLine=1502)
        return None if broken else outcome(tally={"added": 300, "alreadyThere": 200})

    answer(console, answers)
    choose(console, b"any file")
    console.button("Import").click()
    expect(tally(console)).to_have_text("The import stopped. 1,501 of 2,001 lines are confirmed.")
    expect(console.page.get_by_role("progressbar")).to_have_js_property("value", 1501)
    broken = False
    console.button("Continue").click()
    expect(tally(console)).to_have_text("1,800 added, 200 already there")
    expect(console.page.get_by_text("The import was interrupted")).to_be_visible()


def test_failed_check_is_repeated(console: Console) -> None:
    console.page.route(_IMPORTS, lambda route: route.abort())
    choose(console, workbook((new_vin(), 2, "Diesel")))
    expect(console.page.get_by_role("alert")).to_contain_text("does not answer")
    console.page.unroute(_IMPORTS)
    console.button("Try again").click()
    expect(tally(console)).to_have_text("1 to add")


def test_leaving_during_import_warns(console: Console) -> None:
    answer(console, lambda _: outcome(tally={"added": 5}))
    choose(console, b"any file")
    expect(tally(console)).to_have_text("5 to add")
    console.hold("**/vehicles/import?*")
    console.button("Import").click()
    expect(tally(console)).to_have_text("An import is running. Wait until it has ended.")
    with console.page.expect_event("dialog") as asked:
        console.page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.accept()


def test_leaving_with_fixed_rows_warns(console: Console) -> None:
    choose(console, workbook((new_vin(), 0, "Diesel"), (new_vin(), 2, "Diesel")))
    console.button("Leave out line 4").click()
    expect(tally(console)).to_have_text("1 to add, 1 left out")
    with console.page.expect_event("dialog") as asked:
        console.page.close(run_before_unload=True)
    assert asked.value.type == "beforeunload"
    asked.value.accept()


def test_fixed_rows_are_discarded_on_request(console: Console) -> None:
    asked: list[str] = []

    def answering(answer: str) -> None:
        def handle(dialog: Dialog) -> None:
            asked.append(dialog.message)
            getattr(dialog, answer)()

        console.page.once("dialog", handle)

    choose(console, workbook((new_vin(), 0, "Diesel"), (new_vin(), 2, "Diesel")))
    console.button("Leave out line 4").click()
    expect(tally(console)).to_have_text("1 to add, 1 left out")
    answering("dismiss")
    console.button("Another file").click()
    answering("dismiss")
    drop(console, "vin,noOfAxles,fuelType\n")
    answering("dismiss")
    console.field("Axles column").select_option("Kennzeichen")
    expect(console.field("Axles column")).to_have_value("Achsen")
    expect(tally(console)).to_have_text("1 to add, 1 left out")
    answering("accept")
    console.button("Another file").click()
    expect(console.field("Fleet file")).to_be_visible()
    assert asked == ["Discard your corrections?"] * 4


def test_finished_import_is_left_without_a_question(console: Console) -> None:
    choose(console, workbook((new_vin(), 0, "Diesel"), (new_vin(), 2, "Diesel")))
    console.button("Leave out line 4").click()
    console.button("Import").click()
    expect(tally(console)).to_have_text("1 added, 1 left out")
    console.button("Another file").click()
    expect(console.field("Fleet file")).to_be_visible()


def test_rows_beyond_the_list_are_counted(console: Console) -> None:
    error = {"field": "noOfAxles", "code": "vehicle.axles", "detail": "it is empty", "positions": []}
    values = {"vin": new_vin(), "noOfAxles": "", "fuelType": "diesel"}
    row = {"line": 2, "values": values, "errors": [error], "suggestions": [], "warnings": []}
    answer(console, lambda _: outcome(tally={"added": 1, "refused": 1300}, rows=[row], rowsOmitted=1299))
    choose(console, b"any file")
    expect(console.page.get_by_text("Not listed here: 1,299 more")).to_be_visible()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    (
        (413, '{"type":"/problems/body-too-large","detail":"The body is longer than 4194304 bytes."}', "is 4 MiB"),
        (413, '{"message":"Request Entity Too Large"}', "Split it"),
    ),
)
def test_too_large_file_says_what_to_do(console: Console, status: int, body: str, said: str) -> None:
    console.page.route(_IMPORTS, fulfil(status, body))
    choose(console, b"a large file")
    expect(console.page.get_by_role("alert")).to_contain_text(said)


def test_other_file_says_what_it_is(console: Console) -> None:
    choose(console, b"%PDF-1.7 no fleet")
    expect(console.page.get_by_role("alert")).to_contain_text("PDF")
    console.button("Another file").click()
    expect(console.field("Fleet file")).to_be_visible()


def test_file_is_dropped_anywhere(console: Console) -> None:
    console.open("#week")
    expect(console.page.get_by_role("heading", name="Weekly summary", exact=True)).to_be_visible()
    text = f"vin,noOfAxles,fuelType\n{new_vin()},2,diesel\n"
    drop(console, text)
    expect(tally(console)).to_have_text("1 to add")
    expect(console.page).to_have_url(re.compile("#import$"))


def test_second_file_is_mentioned(console: Console) -> None:
    console.open()
    expect(console.page.get_by_role("heading", name="Fleet")).to_be_visible()
    transfer = console.page.evaluate_handle(
        "() => { const all = new DataTransfer(); for (const name of ['one.csv', 'two.csv'])"
        " all.items.add(new File(['vin'], name)); return all; }"
    )
    console.page.dispatch_event("body", "drop", {"dataTransfer": transfer})
    expect(console.notices).to_contain_text("Only one file at a time: this is one.csv.")


def test_doubtful_vins_are_listed(console: Console) -> None:
    vin = f"XXX{new_vin()[3:]}"
    choose(console, workbook((vin, 2, "Diesel")))
    console.button("Import").click()
    expect(console.page.get_by_role("group").filter(has_text="VINs accepted, but doubtful: 1")).to_contain_text(vin)


@pytest.mark.parametrize(("format_", "button"), (("xlsx", "Excel workbook"), ("csv", "CSV")))
def test_export_has_what_is_shown(console: Console, server: ServerProcess, format_: str, button: str) -> None:
    shown, other = new_vin(), new_vin()
    register_all(server, [shown], fuelType="hydrogen", noOfAxles=7)
    register_all(server, [other], fuelType="hydrogen", noOfAxles=8)
    console.open(f"#fleet?search={shown[-9:]}&noOfAxles=7")
    expect(console.row(shown)).to_have_count(1)
    console.button("Export").click()
    with (
        console.page.expect_request(re.compile("/vehicles/export")) as request,
        console.page.expect_download() as download,
    ):
        console.button(button).click()
    query = parse_qs(urlsplit(request.value.url).query)
    assert query == {"format": [format_], "vinContains": [shown[-9:]], "noOfAxles": ["7"]}
    assert re.fullmatch(rf"fleet-\d{{4}}-\d\d-\d\d\.{format_}", download.value.suggested_filename)
    if format_ == "csv":
        assert re.findall(r"\n(\w{17}),", download.value.path().read_text()) == [shown]


def test_export_waits_for_deletions(console: Console, server: ServerProcess) -> None:
    deleted, kept = new_vin(), new_vin()
    register_all(server, [deleted, kept], fuelType="hybrid")
    console.open("#fleet?fuelType=hybrid")
    console.button(f"Delete {deleted}").click()
    console.dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(console.button("Undo")).to_be_visible()
    console.button("Export").click()
    with console.page.expect_download() as download:
        console.button("CSV").click()
    exported = download.value.path().read_text()
    assert (deleted in exported, kept in exported, status_of(server, deleted)) == (False, True, _NOT_FOUND)


def test_german_csv_opens_in_excel(browser: Browser, server: ServerProcess, size: str) -> None:
    vin = new_vin()
    register_all(server, [vin])
    with console_on(browser, server, size, locale="de-DE") as console:
        console.open(f"#fleet?search={vin}")
        console.button("Exportieren").click()
        with console.page.expect_download() as download:
            console.button("CSV").click()
        lines = download.value.path().read_bytes().split(b"\r\n")
    assert (lines[0], lines[1][:24]) == (
        "\ufeffvin;noOfAxles;fuelType;timestamp".encode(),
        f"{vin};2;dies".encode()[:24],
    )


@pytest.mark.parametrize("delimiter", (",", ";", "\t"))
def test_german_refused_rows_open_in_excel(browser: Browser, server: ServerProcess, size: str, delimiter: str) -> None:
    vin = new_vin()
    text = f'vin,noOfAxles,fuelType,remark\n{vin},,diesel,"a;b ""c"""\n{new_vin()},2,diesel,\n'.replace(",", delimiter)
    with console_on(browser, server, size, locale="de-DE") as console:
        console.open("#import")
        console.field("Flottendatei").set_input_files(
            {"name": "a.csv", "mimeType": "text/csv", "buffer": text.encode()}
        )
        console.field("Antriebsart, Zeile 2").select_option("Hybrid")
        expect(console.page.get_by_text("Wird geprüft")).to_have_count(0)
        console.page.once("dialog", lambda dialog: dialog.accept())  # the row is still wrong
        console.button("Import").click()
        with console.page.expect_download() as download:
            console.button("Abgelehnte Zeilen").click()
        content = download.value.path().read_text(encoding="utf-8-sig")
    rows = [*csv.reader(content.splitlines(), delimiter=";")]
    assert rows[0] == ["vin", "noOfAxles", "fuelType", "remark", "error", "suggestion"]
    assert rows[1][:4] == [vin, "", "diesel", 'a;b "c"']
    assert (len(rows[1]), ";" in rows[1][4]) == (6, True)


def test_too_large_export_says_what_to_do(console: Console, server: ServerProcess) -> None:
    register_all(server, [new_vin()])
    console.page.route("**/vehicles/export?*", fulfil(413, '{"type":"/problems/export-too-large","detail":"No."}'))
    console.open("#fleet")
    console.button("Export").click()
    console.button("CSV").click()
    expect(console.dialog.get_by_role("alert")).to_contain_text("Export it in parts")


def test_last_chosen_file_counts(console: Console) -> None:
    """The first file is read slowly, as from a network drive."""
    console.page.add_init_script("""
        const read = File.prototype.arrayBuffer;
        File.prototype.arrayBuffer = async function () {
            if (this.name === "slow.csv") await new Promise((resolve) => { globalThis.resume = resolve; });
            return read.call(this);
        };
    """)
    choose(console, f"vin,noOfAxles,fuelType\n{new_vin()},2,diesel\n{new_vin()},2,diesel\n".encode(), "slow.csv")
    expect(console.page.get_by_text("Checking slow.csv")).to_be_visible()
    console.button("Another file").click()
    console.field("Fleet file").set_input_files(
        {"name": "a.xlsx", "mimeType": _EXCEL, "buffer": workbook((new_vin(), 2, "Diesel"))}
    )
    expect(tally(console)).to_have_text("1 to add")
    console.page.evaluate("resume()")
    console.button("Import").click()
    expect(tally(console)).to_have_text("1 added")


def test_deleted_vehicle_is_imported_again(console: Console, server: ServerProcess) -> None:
    vin = new_vin()
    register_all(server, [vin], noOfAxles=4)
    console.open(f"#fleet?search={vin}")
    console.button(f"Delete {vin}").click()
    console.dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(console.button("Undo")).to_be_visible()
    choose(console, workbook((vin, 2, "Diesel")))
    expect(tally(console)).to_have_text("1 to add")
    console.button("Import").click()
    expect(tally(console)).to_have_text("1 added")
    assert stored(server, vin)["noOfAxles"] == 2


def test_fixed_row_wins_beside_many_doubtful(console: Console) -> None:
    """The API lists 100 doubtful rows, and all refused ones here."""
    doubtful = [(f"WMAH05ZZ04M{next(_NUMBERS):06d}", 2, "Diesel") for _ in range(120)]
    choose(console, workbook(*((new_vin(), 2, "") for _ in range(3)), *doubtful))
    expect(console.page.get_by_text(re.compile(r"^VINs accepted, but doubtful: 1\d\d \(100 listed\)$"))).to_be_visible()
    console.field("Fuel type, line 4").select_option("Diesel")
    expect(tally(console)).to_have_text("121 to add, 2 to fix")
    console.field("An empty fuel type means").select_option("None (trailer)")
    expect(tally(console)).to_have_text("123 to add")
    console.button("Import").click()
    expect(console.page.get_by_text(re.compile(r"^VINs accepted, but doubtful: 1\d\d \(100 listed\)$"))).to_be_visible()


def test_emptied_row_is_left_out(console: Console) -> None:
    choose(console, b"vin,noOfAxles,fuelType\nTotal,5,\n", "a.csv")
    console.field("VIN, line 2").fill("")
    console.field("Axles, line 2").fill("")
    console.field("Axles, line 2").press("Enter")
    expect(tally(console)).to_have_text("0 to add, 1 left out")


def test_refused_rows_without_import(console: Console, server: ServerProcess) -> None:
    vin = new_vin()
    register_all(server, [vin])
    choose(console, workbook((vin, 2, "Diesel"), (misread(vin), 2, "Diesel"), (new_vin(), "many", "Diesel")))
    expect(tally(console)).to_have_text("0 to add, 1 already there, 2 to fix")
    console.button("Leave out line 5").click()
    with console.page.expect_download() as download:
        console.button("Refused rows").click()
    rows = [*csv.reader(download.value.path().read_text(encoding="utf-8-sig").splitlines())]
    assert [row[2] for row in rows] == ["Achsen", "many"]


def test_refused_rows_of_changes(console: Console, server: ServerProcess) -> None:
    """Without a column nothing can be added: this is known later than what is wrong in itself."""
    known, unknown = new_vin(), new_vin()
    register_all(server, [known])
    choose(console, f"vin,fuelType\n{unknown},petrol\n{misread(unknown)},petrol\n{known},petrol\n".encode(), "a.csv")
    console.field("Vehicles already registered").select_option("Change them to what the file says")
    expect(tally(console)).to_have_text("0 to add, 1 to change, 2 to fix")
    console.button("Leave out line 2").click()
    console.button("Import").click()
    expect(tally(console)).to_have_text("0 added, 1 changed, 1 refused, 1 left out")
    with console.page.expect_download() as download:
        console.button("Refused rows").click()
    rows = [*csv.reader(download.value.path().read_text(encoding="utf-8-sig").splitlines())]
    assert [row[0] for row in rows] == ["vin", misread(unknown)]


def test_corrected_row_is_not_refused(console: Console, server: ServerProcess) -> None:
    """It is there already, so the file has nothing to import."""
    vin = new_vin()
    register_all(server, [vin])
    choose(console, workbook((misread(vin), 2, "Diesel"), (new_vin(), "many", "Diesel")))
    console.field("VIN, line 4").fill(vin)
    console.field("VIN, line 4").press("Enter")
    expect(tally(console)).to_have_text("0 to add, 1 already there, 1 to fix")
    with console.page.expect_download() as download:
        console.button("Refused rows").click()
    rows = [*csv.reader(download.value.path().read_text(encoding="utf-8-sig").splitlines())]
    assert [row[2] for row in rows] == ["Achsen", "many"]


def test_doubtful_rows_behind_many_wrong_are_counted(console: Console) -> None:
    wrong = [(f"X{number}", 2, "Diesel") for number in range(1_050)]
    doubtful = [(f"WMAH05ZZ04M{next(_NUMBERS):06d}", 2, "Diesel") for _ in range(20)]
    choose(console, workbook(*wrong, *doubtful))
    expect(console.page.get_by_text(re.compile(r"^VINs accepted, but doubtful: \d+ \(0 listed\)$"))).to_be_visible()


def test_two_headings_of_one_field_are_decided(console: Console) -> None:
    vin = new_vin()
    choose(console, f"VIN;FIN;Achsen;Kraftstoff\n{vin};x;2;Diesel\n".encode(), "a.csv")
    expect(console.field("VIN column")).to_have_value("")
    console.field("VIN column").select_option("VIN")
    expect(tally(console)).to_have_text("1 to add")


def test_unfinished_correction_is_not_dropped_unasked(console: Console) -> None:
    choose(console, workbook((new_vin(), 2, "Diesel"), (misread(new_vin()), "many", "Diesel")))
    console.field("VIN, line 5").fill(new_vin())  # it is checked when the button is pressed
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.dismiss()

    console.page.once("dialog", stay)
    console.button("Import").click()
    expect(console.page.get_by_text("Checking …")).to_have_count(0)
    console.page.wait_for_timeout(100)
    assert asked == ["Rows that you corrected and that are still wrong are not imported. Go on?"]
    expect(tally(console)).to_have_text("1 to add, 1 to fix")


def test_more_rows_to_fix_keep_focus(console: Console) -> None:
    choose(console, workbook(*((misread(new_vin()), "many", "Diesel") for _ in range(60))))
    console.button("More").click()
    expect(console.field("VIN, line 54")).to_be_focused()
    console.field("An empty fuel type means").select_option("None (trailer)")
    expect(console.field("VIN, line 63")).to_be_visible()


def stored(server: ServerProcess, vin: str) -> dict[str, Any]:
    with Client(server.port) as client:
        vehicle: dict[str, Any] = client.send("GET", f"/vehicle?vin={vin}").json()
    return vehicle


def choosing(console: Console) -> None:
    console.open("#import")
    expect(console.field("Fleet file")).to_be_visible()


def fixing(console: Console) -> None:
    choose(console, workbook((misread(new_vin()), 2, "Dieslo"), (new_vin(), 0, ""), (new_vin(), 2, "Diesel")))
    console.button("Leave out line 5").click()
    expect(tally(console)).to_have_text("1 to add, 1 to fix, 1 left out")


def assigning(console: Console) -> None:
    choose(console, b"Nummer;Anzahl;Womit\n1;2;3\n", f"{'Fuhrpark_der_Spedition_' * 4}endgueltig.csv")
    expect(console.page.get_by_role("alert")).to_be_visible()


def finished(console: Console) -> None:
    choose(console, workbook((new_vin(), 0, "Diesel"), (f"XXX{new_vin()[3:]}", 2, "Diesel")))
    console.button("Import").click()
    expect(console.button("Refused rows")).to_be_visible()


def exporting(console: Console) -> None:
    console.open("#fleet?fuelType=diesel")
    console.button("Export").click()
    expect(console.dialog).to_be_visible()


STATES: Final[Sequence[Callable[[Console], None]]] = (choosing, fixing, assigning, finished, exporting)


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_state_is_accessible(
    console: Console, server: ServerProcess, size: str, state: Callable[[Console], None]
) -> None:
    register_all(server, [new_vin()])
    state(console)
    check_accessible(console, size, state.__name__)
