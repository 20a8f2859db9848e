"""The whole job of a fleet manager, played in the console without looking at JSON."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Final

from playwright.sync_api import expect
from python_calamine import CalamineWorkbook
from xlsxwriter import Workbook

from tests.browser.consoles import Console

LANGUAGE: Final = "de-DE"
MAN, SCANIA, KRONE = "WMAH05ZZ04M012345", "YS2R4X20005399401", "WKESDP27051234567"
MISREAD, LAST = "WMAH05ZZ04MO12346", "WMAH05ZZ04M012347"


def messy_workbook() -> bytes:
    """Return a fleet as it is kept for years: titles, gaps, German words; two of its rows are wrong."""
    rows: tuple[tuple[object, ...], ...] = (
        ("Fuhrpark Spedition Beispiel",),
        ("Stand: November",),
        (),
        ("Nr.", "Fahrgestellnummer ", "Kennzeichen", "Achsen", "Kraftstoff", "Standort"),
        (1, f" {MAN.lower()} ", "HH-AB 1", 3.0, "Diesel", "Hamburg"),
        (2, SCANIA, "HH-AB 2", "2", "Erdgas (CNG)", "Kiel"),
        (),
        (3, KRONE, "HH-AB 3", 3, "ohne", ""),
        (4, MISREAD, "HH-AB 4", 3, "Diesel", "Hamburg"),
        (5, LAST, "HH-AB 5", "zwei", "Diesel", "Hamburg"),
    )
    stream = BytesIO()
    with Workbook(stream) as book:
        sheet = book.add_worksheet("Fahrzeuge")
        for place, row in enumerate(rows):
            sheet.write_row(place, 1, row)
    return stream.getvalue()


def do_the_job(console: Console, summarize: Callable[[], None]) -> None:
    """Open an empty registry in German, import, search, change, delete, undo, export, and read the week.

    `summarize` makes the summary of the week, on the page of the summaries or elsewhere.
    """
    page = console.page
    page.goto(console.address)

    console.button("Datei importieren").click()
    content = messy_workbook()
    console.field("Flottendatei").set_input_files(
        {"name": "Fuhrpark.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    )
    expect(page.get_by_role("status").filter(has_text="neu")).to_have_text("3 neu, 2 zu korrigieren")

    console.button(MISREAD.replace("O", "0")).click()
    console.field("Achsen, Zeile 10").fill("2")
    console.field("Achsen, Zeile 10").press("Tab")
    expect(page.get_by_role("status").filter(has_text="neu")).to_have_text("5 neu")
    console.button("Import").click()
    expect(page.get_by_role("status").filter(has_text="hinzugefügt")).to_have_text("5 hinzugefügt")

    page.get_by_role("link", name="Flotte zeigen").click()
    expect(page.get_by_role("status").filter(has_text="Fahrzeuge.")).to_have_text("5 Fahrzeuge.")
    console.field("FIN suchen").fill(MAN[-6:])
    row = console.page.get_by_role("table", name="Fahrzeuge").get_by_role("row").filter(has_text=MAN[3:9])
    expect(row).to_have_count(1)
    console.button(f"Ändern: {MAN}").click()
    console.dialog.get_by_label("Antriebsart").select_option("Elektrisch")
    console.button("Speichern").click()
    expect(row).to_contain_text("Elektrisch")

    console.button(f"Löschen: {MAN}").click()
    console.dialog.get_by_role("button", name="Löschen", exact=True).click()
    expect(row).to_have_count(0)
    console.button("Rückgängig").click()
    expect(row).to_have_count(1)

    console.field("FIN suchen").fill("")
    expect(page.get_by_role("status").filter(has_text="Fahrzeuge.")).to_have_text("5 Fahrzeuge.")
    console.button("Exportieren").click()
    with page.expect_download() as download:
        console.button("Excel-Arbeitsmappe").click()
    exported = CalamineWorkbook.from_path(download.value.path()).get_sheet_by_index(0).to_python()
    assert {row[0] for row in exported[1:]} == {MAN, SCANIA, KRONE, MISREAD.replace("O", "0"), LAST}

    page.get_by_role("link", name="Wochenbericht").click()
    summarize()
    expect(page.get_by_role("definition").first).to_have_text(re.compile("^5"))
    expect(page.get_by_role("table", name="Antriebsart").get_by_role("row", name="Elektrisch")).to_contain_text("20,0")
